package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/artifacts"
	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/containers"
	"github.com/seed-3bc5c20b/azswarm/lab/plugin"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// attached is a locked lab with its providers running, for the time of one command.
type attached struct {
	*session.Session
	options  *options
	provider *azure.Provider
	set      *artifacts.Set
	record   session.Record
	servers  *plugin.Servers
	lock     *session.Lock
	closers  []func() error

	subscription string // of Azure, where it isn't the configuration's
}

// attach locks the lab, builds what is missing, and starts the providers. Close undoes all but the building. With adopt, the
// lab belongs to this program from now on.
func attach(c *cobra.Command, o *options, adopt bool) (*attached, error) {
	lab, err := session.Find(o.name)
	if err != nil {
		return nil, err
	}
	a, err := attachTo(c, o, lab, adopt)
	if err == nil && a.record.NoMachines {
		fmt.Fprintf(c.ErrOrStderr(), "lab %s has no machines: commands are not run, and no address answers\n", lab.Name)
	}
	return a, err
}

// attachTo is attach for a lab that was chosen otherwise.

func attachTo(c *cobra.Command, o *options, lab *session.Lab, adopt bool) (_ *attached, err error) {
	ctx := c.Context()
	project, err := session.OpenProject(o.dir)
	if err != nil {
		return nil, err
	}
	lock, err := lab.Lock(c.CommandPath() + " --stack " + o.stack)
	if err != nil {
		return nil, err
	}
	a := &attached{options: o, lock: lock}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err = lab.Allows(o.noMachines); err != nil {
		return nil, err
	}
	if err = endLeftovers(c, lab); err != nil {
		return nil, err
	}
	if a.set, err = ensureArtifacts(ctx, o, project.Runtime, onlyWork{c.ErrOrStderr()}); err != nil {
		return nil, err
	}
	if a.Session, err = lab.Open(project, o.stack, a.set.Path(), o.noMachines); err != nil {
		return nil, err
	}
	if a.record, err = a.Addresses(ctx, o.operatorCIDR, adopt, func(r session.Record) (bool, error) {
		return a.reserve(ctx, r)
	}); err != nil {
		return nil, err
	}
	if err = a.serve(o, c.ErrOrStderr()); err != nil {
		return nil, err
	}
	if len(a.Edited) > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "changed in this lab only, not in Pulumi.%s.yaml: %s\n", a.Stack, strings.Join(a.Edited, ", "))
	}
	if err = warnOfFaults(a.Lab, c.ErrOrStderr()); err != nil {
		return nil, err
	}
	if err = a.forgetLost(ctx, c.ErrOrStderr()); err != nil {
		return nil, err
	}
	state, err := a.State()
	if err != nil {
		return nil, err
	}
	if err = undoInterrupted(ctx, a.provider, state, a.ConfigText(subscriptionKey)); err != nil {
		return nil, err
	}
	return a, a.Prepare(ctx)
}

// reserve takes a range of public addresses for the lab, unless another lab has it.
func (a *attached) reserve(ctx context.Context, record session.Record) (bool, error) {
	cloud, err := newCloud(a.Lab, record, a.set)
	if err != nil {
		return false, err
	}
	defer func() { _ = cloud.Close() }()
	err = cloud.Reserve(ctx)
	if errors.As(err, new(containers.TakenError)) {
		return false, nil
	}
	return err == nil, err
}

// endLeftovers ends what a command that was killed left running, and says so.
func endLeftovers(c *cobra.Command, lab *session.Lab) error {
	ended, err := lab.EndLeftovers()
	if len(ended) > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "ended what a killed command left running: %s\n", strings.Join(ended, ", "))
	}
	return err
}

// forgetLost lets the model of Azure know of machines that somebody removed. As with the real Azure, it takes a refresh for
// Pulumi to learn of it.
func (a *attached) forgetLost(ctx context.Context, notice io.Writer) error {
	if a.record.NoMachines {
		return nil // the model is all there is
	}
	lost, err := a.provider.ForgetLost(ctx)
	for _, id := range lost {
		fmt.Fprintf(notice, "machine %s is lost: `%s exec%s%s -- pulumi refresh --yes`, then `up`, make it anew\n",
			path.Base(id), invocation(), a.options.nameFlag(), a.options.programFlags())
	}
	return err
}

// Close stops the providers and gives the lab free.
func (a *attached) Close() error {
	if a.servers != nil {
		a.servers.Stop()
	}
	var failures []error
	if a.Session != nil {
		// After an interrupt that killed, something may be left; ordinarily nothing is.
		_, err := a.Lab.EndLeftovers()
		failures = append(failures, err)
	}
	for _, closer := range a.closers {
		failures = append(failures, closer())
	}
	a.lock.Release()
	return errors.Join(failures...)
}

func ensureArtifacts(ctx context.Context, o *options, runtime string, progress io.Writer) (*artifacts.Set, error) {
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	hub := artifacts.Hub(o.dockerHub)
	if o.dockerHub == dockerHubAuto {
		hub = artifacts.HubDetect
	}
	return artifacts.Ensure(ctx, artifacts.Options{
		Near:      o.dir,
		Cache:     cache,
		Build:     o.buildTools,
		Hub:       hub,
		ToolsOnly: o.noMachines,
		Runtime:   runtime,
		Progress:  progress,
	})
}

// cacheDir holds the artifacts, which all labs of this user share.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache directory (set HOME or XDG_CACHE_HOME): %w", err)
	}
	return filepath.Join(base, "azswarm-lab"), nil
}

// onlyWork passes the progress of building on, but for lines that say there was nothing to do.
type onlyWork struct{ io.Writer }

func (w onlyWork) Write(line []byte) (int, error) {
	if text := string(line); strings.HasSuffix(text, "cached\n") || strings.Contains(text, "present in Docker") {
		return len(line), nil
	}
	return w.Writer.Write(line)
}
