package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/loopback"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/page"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// statusOptions are the flags of `azswarm status`.
type statusOptions struct {
	json     bool
	watch    bool
	all      bool
	html     string // file
	serve    string // address
	interval time.Duration
	timeout  time.Duration
}

func newStatus(o *options) *cobra.Command {
	var s statusOptions
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how the cluster is, and whether all is well",
		Long: `status asks every machine over SSH, all at the same time, and shows one screen: machines by tier with their size, image and engine
version, what Consul and the Swarm say of them, disks and memory; the Swarm's services and their replicas; the certificates and their
age; and what of all this is not as it should be. A machine that does not answer is shown as such. It changes nothing.

With --html it also draws the cluster into a file that any browser shows: machines by subnet and by zone or fault domain, who leads,
what runs where, and which ports are open to whom. With --serve it shows that page to browsers on this machine, as the cluster is now.

Exit codes: 0 all is well; 2 something needs attention; 3 something has failed; 1 the cluster could not be asked.`,
		Example: `  azswarm status
  azswarm status --stack prod --watch
  azswarm status --json | jq '.problems[]'
  azswarm status --saved || mail -s 'cluster' ops@example.com
  azswarm status --html cluster.html
  azswarm status --serve=localhost:8090`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if s.timeout <= 0 || s.interval <= 0 {
				return fmt.Errorf("--timeout %s, --interval %s: must be longer than nothing", s.timeout, s.interval)
			}
			cluster, err := o.cluster(c.Context())
			if err != nil {
				return err
			}
			var network *page.Network
			if s.html != "" || s.serve != "" {
				if network, err = o.network(c.Context()); err != nil {
					return err
				}
			}
			if s.serve != "" {
				return s.serveStatus(c.Context(), c.OutOrStdout(), cluster, network)
			}
			return s.run(c.Context(), c.OutOrStdout(), cluster, network)
		},
	}
	c.Flags().BoolVar(&s.json, "json", false, "print all that is known as JSON; with --watch, a line each time")
	c.Flags().BoolVarP(&s.watch, "watch", "w", false, "go on until interrupted")
	c.Flags().BoolVar(&s.all, "all", false, "list all machines and services, however many are well")
	c.Flags().StringVar(&s.html, "html", "", "draw the cluster into a `file`, too")
	c.Flags().StringVar(&s.serve, "serve", "", "show that page to browsers on this machine, at this `address`, until interrupted")
	c.Flags().Lookup("serve").NoOptDefVal = loopback.AnyPort
	c.Flags().DurationVar(&s.interval, "interval", 5*time.Second, "time between two looks with --watch and --serve")
	c.Flags().DurationVar(&s.timeout, "timeout", 30*time.Second, "time for a machine to answer in")
	for _, other := range []string{"json", "watch", "all", "html"} {
		c.MarkFlagsMutuallyExclusive("serve", other)
	}
	return c
}

// run shows the cluster once, or until it is interrupted.
func (s *statusOptions) run(ctx context.Context, w io.Writer, cluster *cluster, network *page.Network) error {
	pool := access.NewPool(cluster.outputs)
	defer pool.Close()
	for {
		report, err := status.Look(ctx, pool, cluster.name, s.timeout)
		if ctx.Err() != nil && s.watch {
			return nil // interrupted while it looked
		}
		if err != nil && !s.watch {
			return err
		}
		if s.html != "" && err == nil {
			if err := (page.Page{Report: report, Network: network}).WriteFile(s.html); err != nil {
				return fmt.Errorf("--html: %w", err)
			}
		}
		if err := s.show(w, report, err); err != nil {
			return err
		}
		if !s.watch {
			if code := report.ExitCode(); code != 0 {
				return statusError(code)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(s.interval):
		}
	}
}

// show prints a report, or why there is none.
func (s *statusOptions) show(w io.Writer, report *status.Report, failure error) error {
	var text bytes.Buffer
	style := terminalStyle(w)
	style.All = s.all
	switch {
	case failure != nil && s.json:
		_ = json.NewEncoder(&text).Encode(map[string]string{"error": failure.Error()}) // texts always encode
	case failure != nil:
		fmt.Fprintf(&text, "%s  no answer: %v\n", time.Now().UTC().Format(time.DateTime), failure)
	case s.json:
		encoder := json.NewEncoder(&text)
		if !s.watch {
			encoder.SetIndent("", "  ")
		}
		if err := encoder.Encode(report); err != nil {
			return fmt.Errorf("print the status as JSON: %w", err)
		}
	default:
		report.Print(&text, style)
	}
	if s.watch && !s.json && style.Width > 0 {
		fmt.Fprint(w, "\x1b[H\x1b[2J") // the old screen goes as the new one comes
	}
	_, err := w.Write(text.Bytes())
	return err
}

// terminalStyle is what the output can show: a style without width is no terminal's.
func terminalStyle(w io.Writer) status.Style {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return status.Style{}
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width < 40 {
		width = status.DefaultWidth
	}
	return status.Style{
		Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		Width: width,
	}
}
