package cmd

import (
	"context"
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
)

func newConsul(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "consul [flags] ARGUMENT…",
		Short: "Run consul on a Consul server, with the rights to manage it",
		Long: `consul runs the consul command in the container of the first Consul server that answers, with the management token of that
machine: the token doesn't leave it. What consul reads from standard input comes from here. Its exit code is handed on.`,
		Example: `  azswarm consul members
  azswarm consul operator raft list-peers
  azswarm consul kv get -recurse app/
  azswarm consul snapshot save - >consul.snap`,
		Args: atLeastOne("say what consul is to do", "members"),
		RunE: func(c *cobra.Command, args []string) error {
			cluster, client, err := o.connect(c.Context())
			if err != nil {
				return err
			}
			defer func() { _ = client.Close() }()
			return onAServer(c.Context(), client, cluster.outputs, consulCommand(args), access.Streams{
				Stdin:  os.Stdin,
				Stdout: c.OutOrStdout(),
				Stderr: c.ErrOrStderr(),
			})
		},
	}
	c.Flags().SetInterspersed(false) // the rest is consul's
	return c
}

// consulCommand runs consul where its container is. The token goes from a file of root's into the environment of what needs it, and
// is on no command line.
func consulCommand(args []string) string {
	const script = `CONSUL_HTTP_TOKEN=$(cat /etc/azswarm/consul.token) && export CONSUL_HTTP_TOKEN && exec docker exec --interactive --env CONSUL_HTTP_TOKEN consul consul "$@"`
	words := []string{"sudo", "-n", "sh", "-c", gather.Quote(script), "consul"}
	for _, arg := range args {
		words = append(words, gather.Quote(arg))
	}
	return strings.Join(words, " ")
}

// onAServer runs a command on the first Consul server on which it begins.
func onAServer(ctx context.Context, client *access.Client, outputs access.Outputs, command string, streams access.Streams) error {
	err := askServers(outputs, func(server access.Node) error { return client.Exec(ctx, server, command, streams) })
	if exit := new(ssh.ExitError); errors.As(err, &exit) && exit.ExitStatus() > 0 {
		return statusError(exit.ExitStatus()) // it has said why
	}
	return err
}

// askServers asks one Consul server after the other until one answers, be it by failing a command.
func askServers(outputs access.Outputs, ask func(access.Node) error) error {
	failures := []error{errors.New("no Consul server can be asked")}
	for _, server := range outputs.Tier(access.TierConsul) {
		err := ask(server)
		if began := new(access.CommandError); err == nil || errors.As(err, &began) {
			return err
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}
