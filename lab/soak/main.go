// Command soak breaks a cluster in a lab of its own, over and over, while it is in use, and looks after each time whether it is
// what it has to be. A seed gives the operations, so that what was found can be found again.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// Exit codes.
const (
	codeBroken      = 1   // something is not as it has to be
	codeFailed      = 2   // the soak could not be done
	codeInterrupted = 130 // by Ctrl-C
)

// errBroken has been explained.
var errBroken = errors.New("something is not as it has to be")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, unix.SIGTERM)
	err := newCommand().ExecuteContext(ctx)
	interrupted := ctx.Err() != nil
	stop()
	switch {
	case err == nil:
	case errors.Is(err, errBroken):
		os.Exit(codeBroken)
	case interrupted:
		fmt.Fprintln(os.Stderr, "soak: interrupted")
		os.Exit(codeInterrupted)
	default:
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(codeFailed)
	}
}

// options are the command line.
type options struct {
	limits
	count int // of minutes
	list  bool
	keep  bool
}

// defaultImages are two names of one image, where images are built on this machine: changing one for the other restarts Consul's
// agents as an upgrade does.
var defaultImages = []string{"hashicorp/consul:1.22", "hashicorp/consul:1.22.7"}

func newCommand() *cobra.Command {
	o := options{}
	c := &cobra.Command{
		Use:   "soak",
		Short: "Break a cluster over and over while it is in use, and see that it holds",
		Long: `soak brings up a cluster of 3 Consul servers, 3 managers and 3 workers in a lab of its own, named "` + labName + `", and puts it under
three loads:

  keys    numbered keys are written to Consul, through the agents of workers and managers, with the applications' token
  pages   a container on a worker asks a service on other workers over an overlay network
  labels  a label of a service is written through the managers' API, by the load balancer's address

Then it does one operation after the other, as the seed says: machines lose their power or hang, subnets are cut, packets get
lost, a fault domain or everything loses its power, a disk is full, all engines restart, a machine is replaced, a tier scaled,
Consul rolled to another image. Some updates are killed in the midst of it, and followed by a plain one. What an operation
broke is healed at its end. After each, all of this must be so within ` + seconds(settleLimit) + `:

  every key that was acknowledged is there, with its value, and the label has the last value that was
  the Swarm is the one it was, with the same services, and all their containers run
  Consul's catalog, Consul's raft and the Swarm have the machines of the configuration, once each, in order, and no others
  on each worker a container reaches the site's containers on all workers
  each load is served again
  an update finds nothing to change

A line is printed for each operation, with the longest time that each load went without a success: clients give up after some
seconds and try the next node, as clients do. A request whose answer was lost counts as unknown, neither acknowledged nor refused.

Where something is not so, soak says what, and how to do the same steps again, leaves the cluster for a look, and ends with exit
code 1. It ends with 2 where it could not be done. What all commands said is in .lab/soak/seed-N.log.`,
		Example: `  go run ./soak --minutes 10 --seed 7
  go run ./soak --seed 7 --steps 4       # the first four operations of that seed
  go run ./soak --seed 7 --list          # what they would be`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return o.run(c)
		},
		SilenceUsage: true, SilenceErrors: true,
	}
	c.Flags().Uint64Var(&o.seed, "seed", 1, "what the operations are drawn from")
	c.Flags().IntVar(&o.count, "minutes", 10, "how long to go on, from when the cluster is up")
	c.Flags().IntVar(&o.steps, "steps", 0, "how many operations to do, whatever the time; 0 for as many as fit")
	c.Flags().StringSliceVar(&o.images, "images", nil, "Consul's `images` to roll between, of which the cluster begins with the first "+
		"(default "+strings.Join(defaultImages, ",")+"); with a single one, it is never rolled")
	c.Flags().BoolVar(&o.list, "list", false, "print the operations and do nothing (20, or as many as --steps says)")
	c.Flags().BoolVar(&o.keep, "keep", false, "leave the cluster for a look, also where all is well")
	return c
}

func (o *options) check() error {
	o.minutes = time.Duration(o.count) * time.Minute
	switch {
	case o.steps < 0:
		return fmt.Errorf("--steps %d: must be 0 or more", o.steps)
	case o.count < 1:
		return fmt.Errorf("--minutes %d: must be 1 or more", o.count)
	}
	for i, image := range o.images {
		if image == "" || strings.ContainsAny(image, " \t'\"$`\\;&|<>()") {
			return fmt.Errorf("--images: image %d is %q: must be an image's name", i+1, image)
		}
	}
	return nil
}

func (o *options) run(c *cobra.Command) error {
	images := defaultImages
	if len(o.images) > 0 {
		images = o.images
	}
	from, w := newGenerator(o.seed, images), c.OutOrStdout()
	if o.list {
		const some = 20
		steps := o.steps
		if steps == 0 {
			steps = some
		}
		for n := range steps {
			fmt.Fprintf(w, "%4d  %s\n", n+1, from.next())
		}
		return nil
	}
	ctx := c.Context()
	l, err := newLab(ctx, o.seed)
	if err != nil {
		return err
	}
	defer func() { _ = l.log.file.Close() }()
	fmt.Fprintf(w, "soak: seed %d, %s; %s in lab %s; everything that commands say is in %s\n",
		o.seed, o.limits, from.shape, labName, l.log.file.Name())
	start := time.Now()
	of, err := bringUp(ctx, l, from.shape)
	if err != nil {
		return errors.Join(err, l.removeIf(ctx.Err() != nil))
	}
	fmt.Fprintf(w, "the cluster is up after %.0f s, with services %s\n\n", time.Since(start).Seconds(), sortedNames(of.services))
	fine, err := of.soak(ctx, c, from, o.limits)
	if err != nil {
		return errors.Join(err, l.removeIf(ctx.Err() != nil))
	}
	if !fine {
		fmt.Fprintf(w, "a look at it, until the next soak: XDG_STATE_HOME=%s %s status --name %s\n", l.stateHome(), l.binary, labName)
		return errBroken
	}
	return l.removeIf(!o.keep)
}

// soak puts the cluster under load and breaks it.
func (c *cluster) soak(ctx context.Context, of *cobra.Command, from *generator, until limits) (fine bool, err error) {
	under, end := context.WithCancel(ctx)
	var loads sync.WaitGroup
	for _, load := range c.all {
		loads.Go(func() { load.run(under) })
	}
	defer func() {
		end()
		loads.Wait()
		c.close()
	}()
	if broken := c.settle(ctx); len(broken) > 0 {
		c.lab.diagnose(ctx)
		return false, fmt.Errorf("before anything was broken: %s", strings.Join(broken, "\n"))
	}
	done := soak(ctx, of.OutOrStdout(), c, from, until)
	summarize(of.OutOrStdout(), c.all, done)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if fine = judge(of.OutOrStdout(), done, until); !fine {
		c.lab.diagnose(ctx)
	}
	return fine, nil
}

// removeIf removes the lab, with all that belongs to it.
func (l *lab) removeIf(remove bool) error {
	if !remove {
		return nil
	}
	// Also after an interruption.
	_, err := l.run(context.Background(), "down")
	return err
}
