package cmd

import (
	"context"
	"fmt"
	"io"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/loopback"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/page"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// network reads what the stack has of Azure's network; nil for a stack that was saved, as files have nothing of it.
func (o *options) network(ctx context.Context) (*page.Network, error) {
	if o.saved {
		return nil, nil
	}
	resources, err := o.stack.Resources(ctx)
	if err != nil {
		return nil, err
	}
	return page.ReadNetwork(resources), nil
}

// serveStatus shows the cluster to browsers on this machine until it is interrupted.
func (s *statusOptions) serveStatus(ctx context.Context, w io.Writer, cluster *cluster, network *page.Network) error {
	listener, err := loopback.Listen(s.serve)
	if err != nil {
		return fmt.Errorf("--serve: %w", err)
	}
	pool := access.NewPool(cluster.outputs)
	defer pool.Close()
	look := func(ctx context.Context) (page.Page, error) {
		report, err := status.Look(ctx, pool, cluster.name, s.timeout)
		return page.Page{Report: report, Network: network}, err
	}
	return page.Live(ctx, listener, s.interval, look, func() {
		fmt.Fprintf(w, "http://%s shows stack %s until you press Ctrl-C\n", listener.Addr(), cluster.name)
	})
}
