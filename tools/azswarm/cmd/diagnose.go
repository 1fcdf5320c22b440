package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/diagnose"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// diagnoseOptions are the flags of `azswarm diagnose`.
type diagnoseOptions struct {
	output      string
	updateError string
	timeout     time.Duration
}

func newDiagnose(o *options) *cobra.Command {
	var d diagnoseOptions
	c := &cobra.Command{
		Use:   "diagnose",
		Short: "Put what a maintainer would ask for into one archive, without secrets, and read it for likely causes",
		Long: `diagnose gathers, from all machines at the same time, what their boot, journals, Docker, Consul and networks say, how the cluster is,
versions, the stack's last updates and its outputs, and writes one archive (tar.gz) that only this user may read. It then names up to
five likely causes, with a line that shows each. It changes nothing.

Secrets are taken out: those of the stack's outputs and those that the machines have, wherever they are, and what has the form of
one. Of applications it has names, images and states, but no logs, environments or arguments. Look through it before you send it.

Pulumi doesn't keep what an update said when it failed: give it by --error.`,
		Example: `  azswarm diagnose
  azswarm diagnose --stack prod --output /tmp/prod.tar.gz
  pulumi up 2>&1 | tee up.log || azswarm diagnose --error up.log`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if d.timeout <= 0 {
				return fmt.Errorf("--timeout %s: must be longer than nothing", d.timeout)
			}
			return d.run(c, o)
		},
	}
	c.Flags().StringVarP(&d.output, "output", "o", "", "archive to write; it must not be there (default: azswarm-STACK-TIME.tar.gz in the working directory)")
	c.Flags().StringVar(&d.updateError, "error", "", `file with what a failed update printed; "-" is standard input`)
	c.Flags().DurationVar(&d.timeout, "timeout", 2*time.Minute, "time for a machine to answer in")
	return c
}

func (d *diagnoseOptions) run(c *cobra.Command, o *options) error {
	ctx := c.Context()
	said, err := readError(d.updateError, c.InOrStdin())
	if err != nil {
		return err
	}
	cluster, err := o.cluster(ctx)
	if err != nil {
		return err
	}
	secrets, public, err := secretsOf(ctx, o, cluster)
	if err != nil {
		return err
	}
	runner, closeRunner := dialOrFail(ctx, cluster.outputs)
	defer closeRunner()
	report := status.Gather(ctx, runner, cluster.outputs, cluster.name, d.timeout)
	machines, redactor := diagnose.Gather(ctx, runner, cluster.outputs, secrets, d.timeout)
	if err := ctx.Err(); err != nil {
		return err
	}
	said = redactor.Redact(said)
	report.Redact(redactor.Redact)
	causes := diagnose.Read(report, machines, said)

	now := time.Now().UTC()
	name := fmt.Sprintf("azswarm-%s-%s", cluster.name, now.Format("20060102-150405"))
	files, err := summary(ctx, o, report, causes, public)
	if err != nil {
		return err
	}
	if said != "" {
		files = append(files, diagnose.UpdateError(said))
	}
	for i := range files {
		files[i].Text = redactor.Redact(files[i].Text)
	}
	files = append(files, diagnose.Files(machines)...)
	path := d.output
	if path == "" {
		path = name + ".tar.gz"
	}
	if err := diagnose.Write(path, name, files, now); err != nil {
		return err
	}
	w := c.OutOrStdout()
	diagnose.PrintCauses(w, causes)
	size := int64(0)
	if info, err := os.Stat(path); err == nil {
		size = info.Size()
	}
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	fmt.Fprintf(w, "\n%s: %d files, %d KiB, without secrets; look through it before you send it\n", path, len(files), (size+1023)/1024)
	return nil
}

// mostError is how much of what an update printed is kept: the end, which has the error.
const mostError = 1 << 20

func readError(path string, stdin io.Reader) (string, error) {
	if path == "" {
		return "", nil
	}
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return "", fmt.Errorf("read what the update printed: %w", err)
	}
	return string(text[max(0, len(text)-mostError):]), nil
}

// secretsOf are the secrets that the stack's outputs have, and the outputs without them.
func secretsOf(ctx context.Context, o *options, cluster *cluster) ([]string, stack.Values, error) {
	if cluster.values == nil {
		return []string{cluster.outputs.SSHPrivateKey, cluster.outputs.SwarmClient.Key}, nil, nil
	}
	public, err := o.stack.Public(ctx)
	if err != nil {
		return nil, nil, err
	}
	return diagnose.Secrets(cluster.values, public), public, nil
}

// unreachable answers for all machines with why none can be reached.
type unreachable struct{ reason error }

func (u unreachable) Exec(context.Context, access.Node, string, access.Streams) error {
	return u.reason
}

// dialOrFail connects to the bastion. Where that fails, what is known without the machines is still of use.
func dialOrFail(ctx context.Context, outputs access.Outputs) (gather.Runner, func()) {
	client, err := access.Dial(ctx, outputs)
	if err != nil {
		return unreachable{err}, func() {}
	}
	return client, func() { _ = client.Close() }
}

// about is what made the archive, and what Pulumi knows.
type about struct {
	Program string         `json:"azswarm"`
	Go      string         `json:"go"`
	System  string         `json:"system"`
	Pulumi  string         `json:"pulumi"`
	Updates []stack.Update `json:"lastUpdates"`
	Missing []string       `json:"missing"` // what could not be read, and why
}

// summary is the part of the archive that is not of one machine.
func summary(ctx context.Context, o *options, report *status.Report, causes []diagnose.Cause, public stack.Values) ([]diagnose.File, error) {
	a := about{
		Program: version(),
		Go:      runtime.Version(),
		System:  runtime.GOOS + "/" + runtime.GOARCH,
		Missing: []string{},
	}
	var err error
	if a.Pulumi, err = stack.Version(ctx); err != nil {
		a.Missing = append(a.Missing, err.Error())
	}
	if !o.saved {
		if a.Updates, err = o.stack.LastUpdates(ctx, 5); err != nil {
			a.Missing = append(a.Missing, err.Error())
		}
	}
	var reading, screen bytes.Buffer
	diagnose.PrintCauses(&reading, causes)
	report.Print(&screen, status.Style{All: true})
	files := []diagnose.File{
		{Name: "reading.txt", Text: reading.String()},
		{Name: "status.txt", Text: screen.String()},
	}
	for _, document := range []struct {
		name  string
		value any
	}{{"status.json", report}, {"about.json", a}, {"outputs.json", public}} {
		text, err := json.MarshalIndent(document.value, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", document.name, err)
		}
		files = append(files, diagnose.File{
			Name: document.name,
			Text: string(text) + "\n",
		})
	}
	return files, nil
}

// version is that of this program.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
