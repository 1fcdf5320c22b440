package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/page"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// defaultAddress is where --serve serves unless told otherwise: a free port.
const defaultAddress = "localhost:0"

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

// write puts the page of a report into a file, at once: a browser sees the old one or the new one.
func (s *statusOptions) write(report *status.Report, network *page.Network) error {
	var html bytes.Buffer
	if err := (page.Page{Report: report, Network: network}).Write(&html); err != nil {
		return err
	}
	return replaceFile(s.html, html.Bytes())
}

// replaceFile gives a file other content.
func replaceFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// serveStatus shows the cluster to browsers on this machine until it is interrupted.
func (s *statusOptions) serveStatus(ctx context.Context, w io.Writer, cluster *cluster, network *page.Network) error {
	listener, err := page.Listen(s.serve)
	if err != nil {
		return fmt.Errorf("--serve: %w", err)
	}
	pool := access.NewPool(cluster.outputs)
	defer pool.Close()
	report, err := s.look(ctx, pool, cluster)
	if err != nil {
		_ = listener.Close()
		return err
	}
	server := page.NewServer(page.Page{Report: report, Network: network})
	fmt.Fprintf(w, "http://%s shows stack %s until you press Ctrl-C\n", listener.Addr(), cluster.name)
	looks, end := context.WithCancel(ctx)
	defer end()
	go func() {
		for looks.Err() == nil {
			select {
			case <-time.After(s.interval):
			case <-looks.Done():
				return
			}
			newer, err := s.look(looks, pool, cluster)
			shown := page.Page{Report: newer, Network: network}
			if err != nil {
				shown.Report, shown.Failure = report, err.Error()
			} else {
				report = newer
			}
			server.Show(shown)
		}
	}()
	return server.Serve(ctx, listener)
}
