package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/client"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// network of the soak's cluster, apart from those of the tests.
const network = "10.84.0.0/16"

// settleLimit bounds the time until everything is in order after a step: a wait of an update, 5 minutes, and an update.
const settleLimit = 6 * time.Minute

// cluster is the one that the soak breaks.
type cluster struct {
	lab      *lab
	token    string // of applications
	api      *client.Client
	swarm    string
	services map[string]string // names by id

	keys    *keys
	labels  *labels
	writers *consoles // write keys through agents
	clients *consoles // ask for pages
	checks  *consoles // ask for all pages
	all     []*load

	mutex sync.Mutex
	shape shape
}

// bringUp makes the cluster, from nothing, with the services that the loads need.
func bringUp(ctx context.Context, l *lab, of shape) (*cluster, error) {
	if _, err := l.run(ctx, "down"); err != nil {
		return nil, err
	}
	configure := fmt.Sprintf(`pulumi config set azswarm:network %s
pulumi config set azswarm:demo false
pulumi config set --path azswarm:consul.image %s
pulumi config set --path azswarm:consul.servers %d
pulumi config set --path azswarm:managers.count %d
pulumi config set --path 'azswarm:workers[0].count' %d`, network, of.image, of.machines[consul], of.machines[managers], of.machines[workers])
	if _, err := l.run(ctx, "exec", "--", "sh", "-ec", configure); err != nil {
		return nil, err
	}
	if _, err := l.run(ctx, "up"); err != nil {
		return nil, err
	}
	if _, err := l.ask(ctx, of.names(managers)[0], deployScript); err != nil {
		return nil, err
	}
	c := &cluster{lab: l, shape: of, keys: newKeys(), labels: &labels{}, services: map[string]string{}}
	var err error
	if c.token, err = l.applicationToken(); err != nil {
		return nil, err
	}
	outputs, err := access.Load(l.AccessDir())
	if err != nil {
		return nil, err
	}
	if c.api, err = swarmAPI(outputs); err != nil {
		return nil, err
	}
	var o observed
	if err := observeSwarm(ctx, c.api, &o); err != nil {
		return nil, err
	}
	c.swarm = o.swarm
	for id, s := range o.services {
		c.services[id] = s.name
	}
	c.openLoads()
	return c, nil
}

// openLoads prepares the loads.
func (c *cluster) openLoads() {
	onWorkers := func() []string { return c.current().names(workers) }
	c.writers = &consoles{limit: 6 * time.Second, opened: map[string]*console{}, machines: func() []string {
		return slices.Concat(c.current().names(workers), c.current().names(managers))
	}, open: func(ctx context.Context, machine string) (*console, error) {
		command, err := c.lab.on(context.WithoutCancel(ctx), machine, "env", "AGENT="+agent, "bash", "-c", keyScript)
		if err != nil {
			return nil, err
		}
		return openConsole(ctx, command, c.token)
	}}
	openClient := func(ctx context.Context, machine string) (*console, error) {
		command, err := c.lab.on(context.WithoutCancel(ctx), machine, "bash", "-c", clientScript)
		if err != nil {
			return nil, err
		}
		return openConsole(ctx, command)
	}
	c.clients = &consoles{limit: 6 * time.Second, opened: map[string]*console{}, machines: onWorkers, open: openClient}
	c.checks = &consoles{limit: 30 * time.Second, opened: map[string]*console{}, machines: onWorkers, open: openClient}
	c.all = []*load{keyLoad(c.keys, c.writers), pageLoad(c.clients), labelLoad(c.labels, c.api)}
}

func (c *cluster) loads() []*load { return c.all }

// current is the shape that the configuration has now.
func (c *cluster) current() shape {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.shape
}

func (c *cluster) change(to shape) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.shape = to
}

// do does an operation, and heals what it broke.
func (c *cluster) do(ctx context.Context, o operation) error {
	switch {
	case o.isChange():
		return c.doChange(ctx, o)
	case o.kind == engines:
		if err := c.restartEngines(ctx); err != nil {
			return err
		}
	default:
		if _, err := c.lab.run(ctx, "fault", faultArguments(o, c.current())...); err != nil {
			return err
		}
	}
	held := time.NewTimer(o.hold)
	defer held.Stop()
	interrupted := error(nil)
	if o.interrupt != nil {
		interrupted = c.interrupt(ctx, *o.interrupt, plainUp...)
	}
	select {
	case <-held.C:
	case <-ctx.Done():
	}
	if o.kind != engines {
		if _, err := c.lab.run(ctx, "heal", "--all"); err != nil {
			return errors.Join(interrupted, err)
		}
	}
	if interrupted != nil || o.interrupt == nil {
		return interrupted
	}
	return c.up(ctx)
}

// faultArguments are the arguments of "lab fault" that make a fault.
func faultArguments(o operation, of shape) []string {
	switch o.kind {
	case cut:
		arguments := []string{string(cut), o.subnets[0], o.subnets[1]}
		if o.oneWay {
			arguments = append(arguments, "--one-way")
		}
		return arguments
	case lose:
		return []string{string(lose), strconv.Itoa(o.percent), o.target}
	case domain:
		return []string{string(domain), strconv.Itoa(o.domain)}
	case power:
		return slices.Concat([]string{string(kill), bastion}, of.all())
	case fill:
		return []string{string(fill), o.target, o.directory}
	}
	return []string{string(o.kind), o.target}
}

// plainUp is an update as anybody begins it.
var plainUp = []string{"up", "--yes", "--skip-preview", "--non-interactive"}

func (c *cluster) up(ctx context.Context, more ...string) error {
	_, err := c.lab.pulumi(ctx, append(slices.Clone(plainUp), more...)...)
	return err
}

// doChange has Pulumi change the cluster.
func (c *cluster) doChange(ctx context.Context, o operation) error {
	to, arguments := c.current(), slices.Clone(plainUp)
	configure := func(path, value string) error {
		_, err := c.lab.pulumi(ctx, "config", "set", "--path", path, value)
		return err
	}
	var err error
	switch o.kind {
	case replace:
		var urn string
		urn, err = c.lab.urn(ctx, o.target)
		arguments = append(arguments, "--replace", urn)
	case scale:
		to = to.scaled(o.tier, o.count)
		setting := map[string]string{consul: "azswarm:consul.servers", managers: "azswarm:managers.count", workers: "azswarm:workers[0].count"}
		err = configure(setting[o.tier], strconv.Itoa(o.count))
	case roll:
		to.image = o.image
		err = configure("azswarm:consul.image", o.image)
	}
	if err != nil {
		return err
	}
	// What leaves is asked no more; what joins, once it is there.
	if was := c.current(); o.kind == scale && o.count < was.machines[o.tier] {
		c.change(to)
	}
	if o.interrupt == nil {
		_, err = c.lab.pulumi(ctx, arguments...)
	} else if err = c.interrupt(ctx, *o.interrupt, arguments...); err == nil {
		err = c.up(ctx)
	}
	c.change(to)
	return err
}

// interrupt runs an update and kills a part of it. An update that has ended by then, or that ends by itself, is fine: the one
// after it has to make good whatever this one left.
func (c *cluster) interrupt(ctx context.Context, what interruption, arguments ...string) error {
	update, err := c.lab.launch(ctx, "exec", append([]string{"--", "pulumi"}, arguments...)...)
	if err != nil {
		return err
	}
	moment := time.NewTimer(what.after)
	defer moment.Stop()
	select {
	case <-update.ended:
		c.lab.log.say("it ended before %s could be killed", what.victim)
		return nil
	case <-moment.C:
	}
	// It may not have begun yet, or may be about to end.
	for retry := time.NewTicker(20 * time.Millisecond); ; <-retry.C {
		killed, err := c.lab.kill(update, what.victim)
		if err != nil {
			return err
		}
		if killed {
			c.lab.log.say("killed %s", what.victim)
			break
		}
		select {
		case <-update.ended:
			c.lab.log.say("it ended before %s could be killed", what.victim)
			return nil
		default:
		}
	}
	<-update.ended
	return ctx.Err()
}

// restartEngines restarts the engine of each machine of a tier, all at once.
func (c *cluster) restartEngines(ctx context.Context) error {
	machines := c.current().all()
	failed := make([]error, len(machines))
	var wait sync.WaitGroup
	for i, machine := range machines {
		wait.Go(func() { _, failed[i] = c.lab.ask(ctx, machine, "systemctl restart docker") })
	}
	wait.Wait()
	return errors.Join(failed...)
}

// settle waits until everything is as it has to be, and returns what is not.
func (c *cluster) settle(ctx context.Context) []string {
	start := time.Now()
	deadline := start.Add(settleLimit)
	for {
		broken := c.broken(ctx, start)
		if len(broken) == 0 {
			break
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return broken
		}
		c.lab.log.say("not yet: %s", strings.Join(broken, "; "))
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
	if err := c.up(ctx, "--expect-no-changes"); err != nil {
		return []string{"an update finds something to change: " + err.Error()}
	}
	return nil
}

// broken lists what is not as it has to be now.
func (c *cluster) broken(ctx context.Context, start time.Time) []string {
	keysThen, labelThen := c.keys.sure(), c.labels.sure()
	o, err := c.observe(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	want := expected{shape: c.current(), addresses: map[string]string{}, swarm: c.swarm, services: c.services}
	for _, m := range o.outputs {
		want.addresses[m.name] = m.address
	}
	found := joinErrors(want.broken(o), c.keys.wrong(keysThen, o.keys), c.labels.wrong(labelThen, o.label))
	for _, load := range c.all {
		if !load.succeededSince(start) {
			found = append(found, fmt.Sprintf("load %s: no success for %s", load.name, seconds(time.Since(start).Round(time.Second))))
		}
	}
	return found
}

// close ends what the loads have open.
func (c *cluster) close() {
	for _, on := range []*consoles{c.writers, c.clients, c.checks} {
		on.close()
	}
	_ = c.api.Close()
}
