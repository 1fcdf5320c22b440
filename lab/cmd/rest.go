package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// request is one request to the model of Azure, as "az rest" sends it to Azure.
type request struct {
	Method string     `json:"method"` // GET, PUT or DELETE
	ID     string     `json:"id"`     // ARM id of the resource
	Body   arm.Object `json:"body,omitempty"`
}

// response answers a request.
type response struct {
	Body  arm.Object `json:"body,omitempty"`
	Error string     `json:"error,omitempty"`
}

// newREST is for tests, which change and break things behind Pulumi's back. One process answers many requests: locking and
// opening the lab takes longer than any of them.
func newREST(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:    "rest",
		Short:  "Send requests to the model of Azure, past Pulumi: a JSON object a line, with method, id and body",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			a, err := attach(c, o, false)
			if err != nil {
				return err
			}
			defer func() { err = firstError(err, a.Close()) }()
			return answer(c.Context(), a.provider.ARM(), c.InOrStdin(), c.OutOrStdout())
		},
	}
	o.addProgramFlags(c)
	return c
}

func answer(ctx context.Context, azure *arm.Manager, in io.Reader, out io.Writer) error {
	requests, responses := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var asked request
		if err := requests.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
		var answered response
		body, err := send(ctx, azure, asked)
		if answered.Body = body; err != nil {
			answered.Error = err.Error()
		}
		if err := responses.Encode(answered); err != nil {
			return fmt.Errorf("answer a request: %w", err)
		}
	}
}

func send(ctx context.Context, azure *arm.Manager, asked request) (arm.Object, error) {
	switch asked.Method {
	case "GET":
		return azure.Get(asked.ID)
	case "PUT":
		return azure.Put(ctx, asked.ID, asked.Body)
	case "DELETE":
		return nil, azure.Delete(ctx, asked.ID)
	}
	return nil, fmt.Errorf("method %q: want GET, PUT or DELETE", asked.Method)
}
