package cmd

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/loopback"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/page"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// Bounds of a look at the lab's machines.
const (
	lookTimeout  = 30 * time.Second // for a machine to answer in
	lookInterval = 3 * time.Second  // between two looks
)

// pageOptions are where the page of a lab goes.
type pageOptions struct {
	html  string // file
	serve string // address
}

func (p pageOptions) wanted() bool { return p.html != "" || p.serve != "" }

// draw draws the lab's cluster into a file, or for browsers until it is interrupted.
func (p pageOptions) draw(ctx context.Context, w io.Writer, lab *session.Lab, record session.Record, outputs access.Outputs) error {
	if err := outputs.Reachable(); err != nil {
		return err
	}
	pool := access.NewPool(outputs)
	defer pool.Close()
	look := func(ctx context.Context) (page.Page, error) { return lookAt(ctx, pool, lab, record) }
	if p.serve == "" {
		drawn, err := look(ctx)
		if err == nil {
			err = drawn.WriteFile(p.html)
		}
		return err
	}
	listener, err := loopback.Listen(p.serve)
	if err != nil {
		return fmt.Errorf("--serve: %w", err)
	}
	return page.Live(ctx, listener, lookInterval, look, func() {
		fmt.Fprintf(w, "http://%s shows lab %s until you press Ctrl-C\n", listener.Addr(), lab.Name)
	})
}

// lookAt asks the machines, as operators do, and says what the lab knows beside that.
func lookAt(ctx context.Context, pool *access.Pool, lab *session.Lab, record session.Record) (page.Page, error) {
	report, err := status.Look(ctx, pool, record.Stack, lookTimeout)
	if err != nil {
		return page.Page{}, err
	}
	drawn := page.Page{Report: report}
	resources, err := lab.Resources()
	if err != nil {
		return page.Page{}, err
	}
	drawn.Network = page.ReadNetwork(resources)
	faults, err := listFaults(lab)
	if err != nil {
		return page.Page{}, err
	}
	for _, f := range faults {
		drawn.Faults = append(drawn.Faults, f.name+": "+f.what)
	}
	machines, err := listMachines(ctx, lab)
	if err != nil {
		return page.Page{}, err
	}
	// No machine of a lab can ask where it is, as those of Azure can.
	places := map[string]string{}
	for _, m := range machines {
		if m.Domain != "" {
			places[m.Name] = "fault domain " + m.Domain
		}
	}
	for i := range drawn.Report.Machines {
		drawn.Report.Machines[i].Place = places[drawn.Report.Machines[i].Name]
	}
	return drawn, nil
}
