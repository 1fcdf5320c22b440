package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/drain"
)

func newDrain(o *options) *cobra.Command {
	var yes, undo bool
	var limit time.Duration
	c := &cobra.Command{
		Use:   "drain NODE…",
		Short: "Have the work of workers run elsewhere, or let them have work again",
		Long: `drain takes the Swarm's work off workers, one after the other, and waits until it runs on others: before you repair a machine by hand,
say. A worker stays drained, through updates of the stack as well, until --undo. "azswarm replace" and a change of size drain by
themselves.

Where --timeout passes with work left, the exit code is 1, and the worker stays drained. What no other worker may run, by its
constraints say, waits for its worker, and is named.`,
		Example: `  azswarm drain web-1
  azswarm drain --timeout 30m --yes web-1 web-2
  azswarm drain --undo web-1`,
		Args:              atLeastOne("name a worker", "web-1"),
		ValidArgsFunction: completeNodes(o),
		RunE: func(c *cobra.Command, args []string) error {
			cluster, err := o.cluster(c.Context())
			if err != nil {
				return err
			}
			workers, err := drain.Workers(cluster.outputs, args)
			if err != nil {
				return err
			}
			if !yes && !undo {
				if err := ask(c, fmt.Sprintf("Drain %s of stack %s?", strings.Join(args, ", "), cluster.name)); err != nil {
					return err
				}
			}
			client, err := access.Dial(c.Context(), cluster.outputs)
			if err != nil {
				return err
			}
			defer func() { _ = client.Close() }()
			for _, worker := range workers {
				if undo {
					err = drain.End(c.Context(), client, cluster.outputs, worker, c.OutOrStdout())
				} else {
					err = drain.Begin(c.Context(), client, cluster.outputs, worker, limit, c.OutOrStdout())
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "don't ask")
	c.Flags().BoolVar(&undo, "undo", false, "let them have work again")
	c.Flags().DurationVar(&limit, "timeout", 5*time.Minute, "how long to wait for each worker's work to run elsewhere")
	return c
}

// ask has somebody confirm what is about to be done.
func ask(c *cobra.Command, question string) error {
	if file, ok := c.InOrStdin().(*os.File); ok && !term.IsTerminal(int(file.Fd())) {
		return errors.New("there is no terminal to ask on: say --yes")
	}
	fmt.Fprintf(c.ErrOrStderr(), "%s [y/N] ", question)
	answer, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was changed")
}
