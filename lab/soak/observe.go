package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/client"
	"github.com/hashicorp/consul/api"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// consulScript prints what a server says, a JSON document a question. Keys that don't exist are no error.
const consulScript = `ask() { curl --silent --show-error --max-time 20 --header @/etc/azswarm/consul.header "$@" "` + agent + `$path"; echo; }
for path in '/v1/catalog/nodes?consistent' /v1/operator/raft/configuration '/v1/health/state/critical?consistent'; do
	ask --fail
done
path='/v1/kv/` + keyPrefix + `?recurse&consistent'
ask`

// observe asks the cluster about itself.
func (c *cluster) observe(ctx context.Context) (observed, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var o observed
	outputs, err := access.Load(c.lab.AccessDir())
	if err != nil {
		return o, err
	}
	for _, tier := range []string{access.TierConsul, access.TierManagers, access.TierWorkers} {
		for _, n := range outputs.Tier(tier) {
			o.outputs = append(o.outputs, member{n.Name, n.Address.String()})
		}
	}
	if err := c.observeConsul(ctx, &o); err != nil {
		return o, fmt.Errorf("ask Consul: %w", err)
	}
	if err := observeSwarm(ctx, c.api, &o); err != nil {
		return o, fmt.Errorf("ask the Swarm: %w", err)
	}
	if o.reached, err = reached(ctx, c.checks); err != nil {
		return o, fmt.Errorf("ask the site: %w", err)
	}
	return o, nil
}

// observeConsul asks the first server that answers.
func (c *cluster) observeConsul(ctx context.Context, o *observed) error {
	var failed error
	for _, server := range c.current().names(consul) {
		output, err := c.lab.ask(ctx, server, consulScript)
		if err == nil {
			return readConsul(output, o)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// readConsul reads what consulScript printed.
func readConsul(output string, o *observed) error {
	var nodes []api.Node
	var raft api.RaftConfiguration
	var critical []api.HealthCheck
	var keys []api.KVPair
	documents := json.NewDecoder(strings.NewReader(output))
	for _, document := range []any{&nodes, &raft, &critical} {
		if err := documents.Decode(document); err != nil {
			return fmt.Errorf("read its answers: %w", err)
		}
	}
	if documents.More() { // it says nothing where there are no keys
		if err := documents.Decode(&keys); err != nil {
			return fmt.Errorf("read its keys: %w", err)
		}
	}
	for _, n := range nodes {
		o.catalog = append(o.catalog, member{n.Node, n.Address})
	}
	for _, s := range raft.Servers {
		host, _, err := net.SplitHostPort(s.Address)
		if err != nil {
			return fmt.Errorf("the raft has a server at %q: %w", s.Address, err)
		}
		o.raft = append(o.raft, voter{member{s.Node, host}, s.Leader, s.Voter})
	}
	for _, check := range critical {
		if check.CheckID == "serfHealth" {
			o.failed = append(o.failed, check.Node)
		}
	}
	o.keys = map[string]string{}
	for _, pair := range keys {
		o.keys[strings.TrimPrefix(pair.Key, keyPrefix)] = string(pair.Value)
	}
	return nil
}

// observeSwarm asks the managers through the load balancer.
func observeSwarm(ctx context.Context, managers *client.Client, o *observed) error {
	info, err := managers.Info(ctx)
	if err != nil {
		return err
	}
	if info.Swarm.Cluster != nil {
		o.swarm = info.Swarm.Cluster.ID
	}
	nodes, err := managers.NodeList(ctx, swarm.NodeListOptions{})
	if err != nil {
		return err
	}
	for _, n := range nodes {
		found := node{
			member: member{n.Description.Hostname, n.Status.Addr}, role: string(n.Spec.Role),
			state: string(n.Status.State), availability: string(n.Spec.Availability),
		}
		if n.ManagerStatus != nil {
			found.reachability, found.leader = string(n.ManagerStatus.Reachability), n.ManagerStatus.Leader
			// Of the manager itself, Status.Addr may be 0.0.0.0.
			if host, _, err := net.SplitHostPort(n.ManagerStatus.Addr); err == nil {
				found.address = host
			}
		}
		o.nodes = append(o.nodes, found)
	}
	services, err := managers.ServiceList(ctx, swarm.ServiceListOptions{})
	if err != nil {
		return err
	}
	tasks, err := managers.TaskList(ctx, swarm.TaskListOptions{Filters: filters.NewArgs(filters.Arg("desired-state", "running"))})
	if err != nil {
		return err
	}
	o.services = map[string]service{}
	for _, s := range services {
		found := service{name: s.Spec.Name}
		for _, task := range tasks {
			if task.ServiceID == s.ID && task.Status.State == swarm.TaskStateRunning {
				found.running++
			}
		}
		o.services[s.ID] = found
		if s.Spec.Name == labelService {
			o.label = s.Spec.Labels[label]
		}
	}
	return nil
}
