package fabric

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// applyTimeout bounds Apply, the start of the daemon it may have to wait for included.
const applyTimeout = 20 * time.Second

// daemon is a running fabric.
type daemon struct {
	ctx    context.Context // its life: probes end with it
	links  links
	prober *prober

	mu     sync.Mutex // held while rules change, so that the latest ones win
	config Config
	loaded string // the ruleset in force
}

// Run is the fabric container's process. It reads ConfigFile, puts it in force, and again whenever Apply asks, until ctx
// ends; everything it needs is in that file, so a restart loses nothing.
func Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	config, err := readConfig()
	if err != nil {
		return err
	}
	l, err := findLinks(config)
	if err != nil {
		return err
	}
	if err := prepare(ctx, config, l); err != nil {
		return err
	}
	d := &daemon{ctx: ctx, links: l, prober: newProber(check)}
	if err := d.apply(); err != nil {
		return err
	}
	failed := make(chan error, 4)
	go func() { failed <- d.followHealth() }()
	go func() { failed <- d.serve() }()
	if config.Registry.IsValid() {
		go func() { failed <- serveRegistry(ctx, config) }()
	}
	if config.Downloads.IsValid() {
		go func() { failed <- serveDownloads(ctx, config) }()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

// Apply makes the fabric running in this container read ConfigFile again. It returns when that is in force.
func Apply(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, applyTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DialContext: dialDaemon}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://fabric/apply", nil)
	if err != nil {
		return fmt.Errorf("fabric apply: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("fabric apply: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("fabric apply: %w", err)
	}
	if response.StatusCode != http.StatusNoContent {
		return errors.New(strings.TrimSpace(string(text)))
	}
	return nil
}

// dialDaemon connects to the daemon, waiting while it starts.
func dialDaemon(ctx context.Context, _, _ string) (net.Conn, error) {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-retry.C:
		}
	}
}

// serve answers Apply until the daemon ends.
func (d *daemon) serve() error {
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("fabric: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(d.ctx, "unix", socket)
	if err != nil {
		return fmt.Errorf("fabric: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /apply", func(w http.ResponseWriter, _ *http.Request) {
		if err := d.apply(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: applyTimeout}
	context.AfterFunc(d.ctx, func() { _ = server.Close() })
	return server.Serve(listener)
}

// apply puts ConfigFile in force. Addresses come before rules, and old ones go first, so that no moment has an address
// answered by two.
func (d *daemon) apply() error {
	config, err := readConfig()
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prober.watch(d.ctx, targets(config.LoadBalancers))
	if err := assign(d.ctx, addresses(config, d.links)); err != nil {
		return err
	}
	d.config = config
	return d.load()
}

// followHealth changes the rules when the health of a backend changes.
func (d *daemon) followHealth() error {
	for {
		select {
		case <-d.ctx.Done():
			return nil
		case <-d.prober.changed:
			d.mu.Lock()
			err := d.load()
			d.mu.Unlock()
			if err != nil {
				return err
			}
		}
	}
}

// load loads the rules for the current config and health. The caller holds mu.
func (d *daemon) load() error {
	rules := ruleset(d.config, d.links, d.prober.isHealthy)
	if rules == d.loaded {
		return nil
	}
	if err := run(d.ctx, rules, "nft", "-f", "-"); err != nil {
		return err
	}
	d.loaded = rules
	return nil
}
