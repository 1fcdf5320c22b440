package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/scale"
)

func newScale(o *options) *cobra.Command {
	var s scaling
	c := &cobra.Command{
		Use:   "scale POOL COUNT",
		Short: "Give a pool, the managers or Consul another number of machines",
		Long: `scale sets the number in the stack's configuration and has Pulumi do it: it shows the plan, asks, and shows the progress. POOL is the
name of a pool of workers, "managers" or "consul". Workers that go are drained first; it is those with the highest numbers.

Where the plan is refused, or not wanted, the configuration is as it was. After a failure later on, "pulumi up" goes on where it stopped.
With --summary, what was changed and why is added to a file, in Markdown, as workflows want it.`,
		Example: `  azswarm scale web 5
  azswarm scale --stack prod managers 5
  azswarm scale --yes web 2 --why "nobody is here at night" --summary "$GITHUB_STEP_SUMMARY"`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("name a pool and a number, as in `%s web 5`", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			count, err := strconv.Atoi(args[1])
			if err != nil || count < 0 {
				return fmt.Errorf("%q: must be a number of machines", args[1])
			}
			if o.saved {
				return errors.New("--saved: machines are made by Pulumi, in the directory of its project")
			}
			return s.run(c, o, args[0], count)
		},
	}
	c.Flags().BoolVarP(&s.yes, "yes", "y", false, "don't ask")
	c.Flags().StringVar(&s.why, "why", "", "the reason, for the summary")
	c.Flags().StringVar(&s.summary, "summary", "", "file to which to add what was changed, and why")
	return c
}

// scaling is what can be said of how to scale.
type scaling struct {
	yes          bool
	why, summary string
}

func (s scaling) run(c *cobra.Command, o *options, pool string, count int) error {
	ctx := c.Context()
	settings, err := o.stack.Config(ctx)
	if err != nil {
		return err
	}
	was, err := scale.Find(settings, pool)
	if err != nil {
		return err
	}
	if was.Now == count {
		fmt.Fprintf(c.OutOrStdout(), "%s: %d already, nothing to change\n", pool, count)
		return s.note(o, was, count, "nothing to change")
	}
	if err := o.stack.SetNumber(ctx, was.Path, count); err != nil {
		return err
	}
	if err := s.plan(c, o, was, count); err != nil {
		back := o.stack.SetNumber(context.WithoutCancel(ctx), was.Path, was.Now)
		if back == nil {
			fmt.Fprintf(c.ErrOrStderr(), "%s is %d again\n", was.Path, was.Now)
		}
		return errors.Join(err, back, s.note(o, was, count, "not done: the plan was refused"))
	}
	update, err := o.stack.Command(context.WithoutCancel(ctx), "up", "--yes", "--skip-preview") // an interrupted update ends by itself
	if err != nil {
		return err
	}
	began := time.Now()
	if err := runChild(update); err != nil {
		return errors.Join(err, s.note(o, was, count, "failed: `pulumi up` goes on where it stopped"))
	}
	return s.note(o, was, count, fmt.Sprintf("done in %.0f s", time.Since(began).Seconds()))
}

// plan shows what would be done, and asks whether to do it.
func (s scaling) plan(c *cobra.Command, o *options, was scale.Count, count int) error {
	preview, err := o.stack.Command(c.Context(), "preview")
	if err != nil {
		return err
	}
	if err := runChild(preview); err != nil {
		return err
	}
	if s.yes {
		return nil
	}
	return ask(c, fmt.Sprintf("Scale %s of %s from %d to %d?", was.Of, o.stack, was.Now, count))
}

// note adds to the summary.
func (s scaling) note(o *options, was scale.Count, count int, result string) error {
	if s.summary == "" {
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "### %s of %s: %d → %d\n\n", was.Of, o.stack, was.Now, count)
	if s.why != "" {
		fmt.Fprintf(&text, "Why: %s\n\n", s.why)
	}
	fmt.Fprintf(&text, "Result: %s\n\n", result)
	file, err := os.OpenFile(s.summary, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("--summary: %w", err)
	}
	_, err = file.WriteString(text.String())
	return errors.Join(err, file.Close())
}
