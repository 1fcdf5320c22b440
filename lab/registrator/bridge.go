package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"regexp"
	"slices"
	"time"

	"github.com/docker/docker/api/types/events"
)

// idPattern matches the ids this program gives to services; the first group is the host.
var idPattern = regexp.MustCompile(`^(.+?):[a-zA-Z0-9][a-zA-Z0-9_.-]+:[0-9]+(?::udp)?$`)

// verbosity says whether containers without services are mentioned: once each, not at every resync.
type verbosity bool

const (
	quiet    verbosity = false
	announce verbosity = true
)

// bridge keeps the registry in line with the containers of an engine.
type bridge struct {
	engine      engine
	registry    registry
	options     options
	hostname    string
	hostAddress string               // of this host, as its name resolves
	known       map[string][]service // what is registered, by container id
}

// run registers what is there, then follows the engine's events.
func (b *bridge) run(ctx context.Context) error {
	b.hostAddress = b.hostname
	if resolved, err := net.DefaultResolver.LookupHost(ctx, b.hostname); err == nil && len(resolved) > 0 {
		b.hostAddress = resolved[0]
	}
	// Listening comes first, so that no container starts unseen between the two.
	changes, failures := b.engine.changes(ctx)
	if err := b.sync(ctx, announce); err != nil {
		return err
	}
	var resync <-chan time.Time
	if b.options.resync > 0 {
		ticker := time.NewTicker(b.options.resync)
		defer ticker.Stop()
		resync = ticker.C
	}
	log.Print("listening for Docker events")
	for {
		select {
		case change := <-changes:
			switch change.Action {
			case events.ActionStart:
				b.add(ctx, change.Actor.ID, announce)
			case events.ActionDie:
				b.exited(ctx, change.Actor.ID)
			}
		case <-resync:
			if err := b.sync(ctx, quiet); err != nil {
				log.Printf("resync skipped: %v", err)
			}
		case err := <-failures:
			return fmt.Errorf("the event stream of Docker ended: %w", err)
		}
	}
}

// sync registers the services of all running containers, known or not: the registry may have lost some.
func (b *bridge) sync(ctx context.Context, mode verbosity) error {
	running, err := b.engine.running(ctx)
	if err != nil {
		return err
	}
	log.Printf("syncing services of %d containers", len(running))
	for _, id := range running {
		if _, ok := b.known[id]; !ok {
			b.add(ctx, id, mode)
			continue
		}
		for _, s := range b.known[id] {
			if err := b.registry.register(ctx, s); err != nil {
				log.Printf("register %s failed: %v", s.id, err)
			}
		}
	}
	if b.options.cleanup {
		b.cleanUp(ctx, running)
	}
	return nil
}

// add registers the services of a container.
func (b *bridge) add(ctx context.Context, id string, mode verbosity) {
	if _, ok := b.known[id]; ok {
		return // a sync was faster than the event
	}
	c, err := b.engine.inspect(ctx, id)
	if err != nil {
		log.Print(err)
		return
	}
	services := b.services(c)
	if len(services) == 0 && mode == announce {
		log.Printf("ignored: %s (%s) has no service", short(id), c.name)
	}
	for _, s := range services {
		if err := b.registry.register(ctx, s); err != nil {
			log.Printf("register %s failed: %v", s.id, err)
			continue
		}
		b.known[id] = append(b.known[id], s)
		log.Printf("added: %s %s", short(id), s.id)
	}
}

// exited deregisters the services of a container that died, unless it failed and failures are to stay.
func (b *bridge) exited(ctx context.Context, id string) {
	if b.options.deregister == "on-success" {
		failed, err := b.engine.failed(ctx, id)
		if err != nil {
			log.Print(err)
		}
		if failed || err != nil {
			log.Printf("kept: services of %s, which did not end well", short(id))
			delete(b.known, id)
			return
		}
	}
	for _, s := range b.known[id] {
		b.remove(ctx, s.id)
	}
	delete(b.known, id)
}

func (b *bridge) remove(ctx context.Context, id string) {
	if err := b.registry.deregister(ctx, id); err != nil {
		log.Printf("deregister %s failed: %v", id, err)
		return
	}
	log.Printf("removed: %s", id)
}

// cleanUp deregisters services of this host that no running container stands behind.
func (b *bridge) cleanUp(ctx context.Context, running []string) {
	for id := range b.known {
		if !slices.Contains(running, id) {
			b.exited(ctx, id)
		}
	}
	registered, err := b.registry.services(ctx)
	if err != nil {
		log.Printf("cleanup failed: %v", err)
		return
	}
	mine := map[string]bool{}
	for _, services := range b.known {
		for _, s := range services {
			mine[s.id] = true
		}
	}
	for _, id := range registered {
		match := idPattern.FindStringSubmatch(id)
		if match == nil || match[1] != b.hostname || mine[id] {
			continue // of another program, of another host, or alive
		}
		log.Printf("dangling: %s", id)
		b.remove(ctx, id)
	}
}
