package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/page"
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
			listener, err := page.Listen(address)
			if err != nil {
				return fmt.Errorf("--address: %w", err)
			}
			defer func() { _ = listener.Close() }()
			cluster, err := o.cluster(c.Context())
			if err != nil {
				return err
			}
			client, err := access.Dial(c.Context(), cluster.outputs)
			if err != nil {
				return err
			}
			defer func() { _ = client.Close() }()
			server, name, err := aServer(c.Context(), client, cluster.outputs)
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
	c.Flags().StringVar(&address, "address", defaultAddress, "`address` to listen at, of the loopback interface; with port 0, a free one")
	c.Flags().BoolVar(&noOpen, "no-open", false, "don't open a browser")
	return c
}

// aServer connects to the first Consul server that answers.
func aServer(ctx context.Context, client *access.Client, outputs access.Outputs) (*access.Shell, string, error) {
	failures := []error{errors.New("no Consul server can be reached")}
	for _, server := range outputs.Tier(access.TierConsul) {
		shell, err := client.Connect(ctx, server)
		if err == nil {
			return shell, server.Name, nil
		}
		failures = append(failures, err)
	}
	return nil, "", errors.Join(failures...)
}

// open has the desktop open an address, where there is one that does; else it can be read.
func open(url string) {
	if opener, err := exec.LookPath("xdg-open"); err == nil {
		_ = exec.Command(opener, url).Start() // it stays behind as the browser
	}
}

// forward hands connections on to Consul until the context ends, or the server is not reached any more.
func forward(ctx context.Context, listener net.Listener, server *access.Shell) error {
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()
	failed := make(chan error, 1)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				failed <- err
				return
			}
			go func() {
				defer func() { _ = near.Close() }()
				far, err := server.Dial(ctx, consulAddress)
				if err != nil {
					if !server.Alive(ctx) {
						failed <- fmt.Errorf("the Consul server is not reached any more: %w", err)
					}
					return
				}
				go func() {
					_, _ = io.Copy(far, near) // ends with either connection
					_ = far.Close()
				}()
				_, _ = io.Copy(near, far)
			}()
		}
	}()
	err := <-failed
	if ctx.Err() != nil {
		return nil // interrupted
	}
	return err
}
