package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
	"github.com/seed-3bc5c20b/azswarm/lab/preview"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// previewOptions are what a preview can be told beside the program.
type previewOptions struct {
	fromState string   // file of `pulumi stack export`; "" for a stack that does not exist yet
	markdown  string   // file to write; "" for none
	config    []string // KEY=VALUE, over the stack's own
	cores     int      // quota; 0 for none
	soldOut   []string // VM sizes
}

func newPreview(o *options) *cobra.Command {
	var p previewOptions
	c := &cobra.Command{
		Use:   "preview",
		Short: "Show what an update would do, and what Azure would refuse, without Azure",
		Long: `preview runs the real engine and the program against the model of Azure, twice: "pulumi preview", and then an update
as a rehearsal. The first shows what changes; the second what no preview of Pulumi's shows, as only Azure says it: addresses
that are taken, properties that can't change, sizes and quotas. It needs no credential, no machine and no Docker.

Without a state, the stack is taken for a new one. With --from-state it goes on from what "pulumi stack export" wrote. Secrets in
it may stay encrypted (leave --show-secrets out): where the lab can't read one, it takes what the program makes of its own for
it. So a change of nothing but a secret's content doesn't show.

It fails if anything is refused. Nothing is kept but the compiled program.`,
		Example: `  lab preview --stack prod
  pulumi stack export --stack prod >prod.json
  lab preview --stack prod --from-state prod.json --markdown plan.md
  lab preview --stack prod --config 'azswarm:workers[0].count=10'
  lab preview --stack prod --cores 20 --sold-out Standard_B2as_v2`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			started := time.Now()
			plan, err := o.preview(c, p)
			if err != nil {
				return err
			}
			if err := plan.Text(c.OutOrStdout()); err != nil {
				return err
			}
			if p.markdown != "" {
				if err := writeMarkdown(p.markdown, plan); err != nil {
					return err
				}
			}
			fmt.Fprintf(c.ErrOrStderr(), "previewed and rehearsed in %s\n", time.Since(started).Round(100*time.Millisecond))
			if n := len(plan.Refusals); n > 0 {
				return fmt.Errorf("the update of stack %s would fail: see what is refused above (%d)", o.stack, n)
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.dir, "dir", defaultDir, "directory of the Pulumi project")
	c.Flags().StringVarP(&o.stack, "stack", "s", defaultStack, "stack, as in Pulumi.STACK.yaml")
	c.Flags().StringVar(&p.fromState, "from-state", "", "file that `pulumi stack export` wrote; without, the stack is new")
	c.Flags().StringVar(&p.markdown, "markdown", "", "file to write the plan to, for a pull request")
	c.Flags().StringArrayVar(&p.config, "config", nil, "KEY=VALUE of the stack's configuration to try, where a key may be a path")
	c.Flags().IntVar(&p.cores, "cores", 0, "the subscription's quota of vCPUs in the region; 0 for no limit")
	c.Flags().StringSliceVar(&p.soldOut, "sold-out", nil, "VM sizes that the region doesn't offer")
	c.Flags().BoolVar(&o.buildTools, "build-tools", false, "build the pinned Pulumi CLI even where one is installed")
	return c
}

func writeMarkdown(path string, plan *preview.Plan) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return plan.Markdown(file)
}

// previewLab is a lab for previews alone, apart from those that users have: it lives next to what was built, and holds nothing
// between two previews but the compiled program.
func previewLab(name string) (*session.Lab, error) {
	lab, err := session.Find(name)
	if err != nil {
		return nil, err
	}
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	lab.Dir = filepath.Join(cache, "previews", name)
	return lab, nil
}

// preview makes the plan.
func (o *options) preview(c *cobra.Command, p previewOptions) (_ *preview.Plan, err error) {
	o.noMachines = true
	o.operatorCIDR = defaultOperator
	lab, err := previewLab(o.name)
	if err != nil {
		return nil, err
	}
	lock, err := lab.Lock(c.CommandPath())
	if err != nil {
		return nil, err
	}
	err = lab.Empty() // an earlier preview may have been killed
	lock.Release()
	if err != nil {
		return nil, err
	}
	a, err := attachTo(c, o, lab, true)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, lab.Empty)
	defer func() { err = firstError(err, a.Close()) }()
	if !lab.Compiled() {
		fmt.Fprintln(c.ErrOrStderr(), "compiling the program; with an empty Go cache, Azure's SDK takes some minutes of that")
	}
	if err := a.configure(c.Context(), p.config); err != nil {
		return nil, err
	}
	var notes []string
	if p.fromState != "" {
		if notes, err = a.resume(c.Context(), p.fromState, c.ErrOrStderr()); err != nil {
			return nil, err
		}
	}
	if err := limit(fault.NewTable(lab.AzureDir()), p); err != nil {
		return nil, err
	}
	plan, err := a.plan(c.Context())
	if err != nil {
		return nil, err
	}
	plan.Notes = append(notes, plan.Notes...)
	return plan, nil
}

// configure tries other values of the configuration, in the lab's copy.
func (a *attached) configure(ctx context.Context, settings []string) error {
	for _, setting := range settings {
		key, value, found := strings.Cut(setting, "=")
		if !found || key == "" {
			return fmt.Errorf("--config %q: must be KEY=VALUE", setting)
		}
		if _, err := a.Capture(ctx, nil, "pulumi", "config", "set", "--path", key, value); err != nil {
			return fmt.Errorf("--config %q: %w", setting, err)
		}
	}
	return nil
}

// limit makes the model refuse what the subscription or region would.
func limit(table fault.Table, p previewOptions) error {
	for _, size := range p.soldOut {
		if err := table.RefuseSize(size); err != nil {
			return err
		}
	}
	if p.cores == 0 {
		return nil
	}
	return table.LimitCores(p.cores)
}

// plan previews the update and, where that finds no mistake, rehearses it.
func (a *attached) plan(ctx context.Context) (*preview.Plan, error) {
	output, failed := a.Capture(ctx, nil, "pulumi", "preview", "--json", "--show-sames", "--non-interactive")
	plan, err := preview.Parse(a.Stack, output)
	if err != nil {
		return nil, errors.Join(failed, err)
	}
	if failed != nil && len(plan.Refusals) == 0 {
		return nil, failed
	}
	if len(plan.Refusals) > 0 {
		return plan, nil
	}
	output, failed = a.rehearse(ctx)
	if err := plan.Rehearse(output); err != nil {
		return nil, errors.Join(failed, err)
	}
	if failed != nil && len(plan.Refusals) == 0 {
		return nil, failed
	}
	return plan, nil
}

// rehearse runs the update against the model and returns Pulumi's events.
func (a *attached) rehearse(ctx context.Context) ([]byte, error) {
	return a.Capture(ctx, nil, "pulumi", "up", "--yes", "--skip-preview", "--json", "--non-interactive", "--suppress-outputs")
}
