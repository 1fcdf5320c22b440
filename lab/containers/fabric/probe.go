package fabric

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// target is one backend with one probe. Rules that probe a backend alike share its target.
type target struct {
	backend netip.Addr
	probe   cloud.Probe
}

// prober keeps the health of a set of targets. A target is unhealthy until its probe says otherwise.
type prober struct {
	changed chan struct{} // gets a value after a target's health changed
	check   func(context.Context, target) error

	mu      sync.Mutex
	healthy map[target]bool
	stop    map[target]context.CancelFunc
}

func newProber(check func(context.Context, target) error) *prober {
	return &prober{
		changed: make(chan struct{}, 1),
		check:   check,
		healthy: map[target]bool{},
		stop:    map[target]context.CancelFunc{},
	}
}

// watch makes the prober probe exactly these targets until ctx ends; what it knows of those it already had stays.
func (p *prober) watch(ctx context.Context, targets []target) {
	p.mu.Lock()
	defer p.mu.Unlock()
	wanted := map[target]bool{}
	for _, t := range targets {
		wanted[t] = true
		if _, running := p.stop[t]; running {
			continue
		}
		ctx, cancel := context.WithCancel(ctx)
		p.stop[t] = cancel
		go p.probe(ctx, t)
	}
	for t, cancel := range p.stop {
		if !wanted[t] {
			cancel()
			delete(p.stop, t)
			delete(p.healthy, t)
		}
	}
}

// isHealthy tells whether t gets new connections.
func (p *prober) isHealthy(t target) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.healthy[t]
}

// probe checks t at its interval until ctx ends, and flips its state after as many equal results in a row as the probe's
// threshold says.
func (p *prober) probe(ctx context.Context, t target) {
	interval := time.Duration(max(t.probe.IntervalSeconds, 1)) * time.Second
	threshold := max(t.probe.Threshold, 1)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for state, run := false, 0; ; {
		checkCtx, cancel := context.WithTimeout(ctx, interval)
		up := p.check(checkCtx, t) == nil
		cancel()
		if up == state {
			run = 0
		} else if run++; run >= threshold {
			state, run = up, 0
			p.set(ctx, t, state)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (p *prober) set(ctx context.Context, t target, healthy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return // no longer watched: a later watch of the same target starts afresh
	}
	p.healthy[t] = healthy
	select {
	case p.changed <- struct{}{}:
	default: // a value that is still waiting covers this change too
	}
}

// check probes t once, from Azure's probe address.
func check(ctx context.Context, t target) error {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: ProbeSource.AsSlice()}}
	return checkFrom(ctx, dialer, t)
}

func checkFrom(ctx context.Context, dialer *net.Dialer, t target) error {
	address := netip.AddrPortFrom(t.backend, uint16(t.probe.Port)).String()
	scheme := strings.ToLower(t.probe.Protocol)
	if scheme == "tcp" {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	transport := &http.Transport{
		DialContext:       dialer.DialContext,
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // Azure's probes don't verify certificates either
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+address+"/"+strings.TrimPrefix(t.probe.Path, "/"), nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request) // not a Client: Azure doesn't follow redirects
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("probe %s: status %s, 200 is healthy", request.URL, strconv.Itoa(response.StatusCode))
	}
	return nil
}

// targets lists what the load balancers probe.
func targets(balancers []cloud.LoadBalancer) []target {
	var all []target
	for _, lb := range balancers {
		for _, rule := range lb.Rules {
			if rule.Probe == nil {
				continue
			}
			for _, backend := range rule.Backends {
				all = append(all, target{backend, *rule.Probe})
			}
		}
	}
	return all
}
