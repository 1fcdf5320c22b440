package cmd

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/loopback"
)

// consulAddress is where a server's agent listens, for itself.
const consulAddress = "127.0.0.1:8500"

func newUI(o *options) *cobra.Command {
	var address string
	var noOpen bool
	c := &cobra.Command{
		Use:   "ui",
		Short: "Show Consul's web interface in a browser",
		Long: `ui forwards a port of this machine's loopback interface to the first Consul server that answers, over SSH through the bastion, and
opens Consul's web interface there, until it is interrupted. Log in to it with a token: that of applications sees what they do, the
management token everything.`,
		Example: `  azswarm ui
  azswarm ui --address localhost:8500 --no-open
  pulumi stack output --show-secrets --json consul | jq -r .managementToken   # what to log in with`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			listener, err := loopback.Listen(address)
			if err != nil {
				return fmt.Errorf("--address: %w", err)
			}
			defer func() { _ = listener.Close() }()
			cluster, client, err := o.connect(c.Context())
			if err != nil {
				return err
			}
			defer func() { _ = client.Close() }()
			var name string
			var server *access.Shell
			err = askServers(cluster.outputs, func(node access.Node) (err error) {
				name = node.Name
				server, err = client.Connect(c.Context(), node)
				return err
			})
			if err != nil {
				return err
			}
			url := fmt.Sprintf("http://%s/ui/", listener.Addr())
			fmt.Fprintf(c.OutOrStdout(), "%s is Consul's web interface on %s until you press Ctrl-C\n", url, name)
			if !noOpen {
				open(url)
			}
			return forward(c.Context(), listener, server)
		},
	}
	c.Flags().StringVar(&address, "address", loopback.AnyPort, "`address` to listen at, of the loopback interface; with port 0, a free one")
	c.Flags().BoolVar(&noOpen, "no-open", false, "don't open a browser")
	return c
}

// open has the desktop open an address, where there is one that does; else it can be read.
func open(url string) {
	if opener, err := exec.LookPath("xdg-open"); err == nil {
		_ = exec.Command(opener, url).Start() // it stays behind as the browser
	}
}

// forward hands connections on to Consul until the context ends, or the server is not reached any more.
func forward(ctx context.Context, listener net.Listener, server *access.Shell) error {
	reached, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	stop := context.AfterFunc(reached, func() { _ = listener.Close() })
	defer stop()
	for {
		near, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			return nil // interrupted
		case reached.Err() != nil:
			return context.Cause(reached)
		case err != nil:
			return err
		}
		go func() {
			defer func() { _ = near.Close() }()
			far, err := server.Dial(reached, consulAddress)
			if err == nil {
				exchange(near, far)
			} else if !server.Alive(reached) { // else Consul alone does not listen: it may again
				lose(fmt.Errorf("the Consul server is not reached any more: %w", err))
			}
		}()
	}
}

// exchange copies both ways until either connection ends.
func exchange(near, far net.Conn) {
	go func() {
		_, _ = io.Copy(far, near)
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
}
