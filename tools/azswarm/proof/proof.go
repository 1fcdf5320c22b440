// Package proof asks a running cluster, over SSH, whether it is what the program promised.
package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
)

// Runner runs a shell command on a node; [access.Client] is one.
type Runner interface {
	Run(ctx context.Context, node access.Node, command string) (stdout string, err error)
}

// Result is the answer to one question.
type Result struct {
	Title   string // what was asked, and of whom
	Command string // as run on the node
	Output  string
	Err     error // nil: as promised
}

// Run asks all questions that the stack's outputs give an answer to expect for. The error joins those of the results.
func Run(ctx context.Context, runner Runner, outputs access.Outputs) ([]Result, error) {
	var results []Result
	for _, question := range []func(context.Context, Runner, access.Outputs) []Result{
		members, swarmNodes, services, overlay,
	} {
		results = append(results, question(ctx, runner, outputs)...)
	}
	if len(results) == 0 {
		return nil, nil
	}
	failures := make([]error, 0, len(results))
	for _, result := range results {
		if result.Err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", result.Title, result.Err))
		}
	}
	return results, errors.Join(failures...)
}

// members expects every node of the cluster, and nothing else, alive in Consul.
func members(ctx context.Context, runner Runner, outputs access.Outputs) []Result {
	servers := outputs.Tier(access.TierConsul)
	if len(servers) == 0 {
		return nil
	}
	cluster := slices.Concat(servers, outputs.Tier(access.TierManagers), outputs.Tier(access.TierWorkers))
	result := ask(ctx, runner, servers[0], "Consul members", "sudo docker exec consul consul members")
	if result.Err == nil {
		result.Err = checkRows(result.Output, cluster, func(fields []string) (string, bool) {
			// Node  Address:port  Status  …
			return fields[0], len(fields) > 2 && fields[2] == "alive"
		})
	}
	return []Result{result}
}

// swarmNodes expects every manager and worker ready in the Swarm.
func swarmNodes(ctx context.Context, runner Runner, outputs access.Outputs) []Result {
	managers := outputs.Tier(access.TierManagers)
	if len(managers) == 0 {
		return nil
	}
	if outputs.Orchestrator == access.Classic {
		return []Result{classicNodes(ctx, runner, outputs, managers)}
	}
	result := ask(ctx, runner, managers[0], "Swarm nodes", "sudo docker node ls")
	if result.Err == nil {
		// The line of the node that answers has a * of its own between id and name.
		rows := strings.ReplaceAll(result.Output, " * ", "   ")
		result.Err = checkRows(rows, append(managers, outputs.Tier(access.TierWorkers)...), func(fields []string) (string, bool) {
			// ID  HOSTNAME  STATUS  AVAILABILITY …
			return fields[min(1, len(fields)-1)], len(fields) > 2 && fields[2] == "Ready"
		})
	}
	return []Result{result}
}

// ofNodes are services that no container stands behind.
var ofNodes = []string{"consul", "docker-api", "swarm-manager"}

// services expects the applications that Registrator found to be in Consul's catalog.
func services(ctx context.Context, runner Runner, outputs access.Outputs) []Result {
	servers := outputs.Tier(access.TierConsul)
	if len(servers) == 0 {
		return nil
	}
	result := ask(ctx, runner, servers[0], "Services registered by Registrator",
		"sudo docker exec consul consul catalog services")
	names := slices.DeleteFunc(strings.Fields(result.Output), func(name string) bool { return slices.Contains(ofNodes, name) })
	if result.Err == nil && len(names) == 0 && outputs.Demo != nil {
		result.Err = errors.New("none, though the demo runs services")
	}
	result.Output = strings.Join(names, "\n")
	return []Result{result}
}

// overlay asks the demo's server from the demo's client, which runs on another node.
func overlay(ctx context.Context, runner Runner, outputs access.Outputs) []Result {
	demo := outputs.Demo
	if demo == nil {
		return nil
	}
	title := fmt.Sprintf("Overlay network %s: %s asks %s", demo.Network, demo.Client, demo.Server)
	workers := outputs.Tier(access.TierWorkers)
	client, server := find(ctx, runner, workers, demo.Client), find(ctx, runner, workers, demo.Server)
	switch {
	case client.err != nil || server.err != nil:
		return []Result{{Title: title, Err: errors.Join(client.err, server.err)}}
	case client.node == server.node:
		return []Result{{Title: title, Err: fmt.Errorf("both run on %s, which proves nothing", client.node.Name)}}
	}
	title = fmt.Sprintf("Overlay network %s: %s on %s asks %s on %s",
		demo.Network, demo.Client, client.node.Name, demo.Server, server.node.Name)
	command := fmt.Sprintf("sudo docker exec %s curl --silent --show-error --fail --max-time 20 %s", client.container, gather.Quote(demo.URL))
	return []Result{ask(ctx, runner, client.node, title, command)}
}

type placement struct {
	node      access.Node
	container string
	err       error
}

// find returns the node on which a container, or a task of a service, of this name runs.
func find(ctx context.Context, runner Runner, nodes []access.Node, name string) placement {
	command := fmt.Sprintf(`sudo docker ps --no-trunc --format '{{json .Names}} {{.ID}}' --filter name=%s`, gather.Quote(name))
	for _, node := range nodes {
		output, err := runner.Run(ctx, node, command)
		if err != nil {
			return placement{err: err}
		}
		for line := range strings.Lines(output) {
			quoted, id, _ := strings.Cut(strings.TrimSpace(line), " ")
			var names string
			if json.Unmarshal([]byte(quoted), &names) != nil {
				continue
			}
			// The filter matches any part of a name; a service's task is called NAME.SLOT.ID.
			if names == name || strings.HasPrefix(names, name+".") {
				return placement{node: node, container: id}
			}
		}
	}
	return placement{err: fmt.Errorf("%s runs on none of the %d workers", name, len(nodes))}
}

func ask(ctx context.Context, runner Runner, node access.Node, title, command string) Result {
	output, err := runner.Run(ctx, node, command)
	return Result{Title: title + " (" + node.Name + ")", Command: command, Output: strings.TrimRight(output, "\n"), Err: err}
}

// checkRows expects one good row for every node in a table with a heading. Rows of others don't matter: a node that
// has left is listed as such for a while.
func checkRows(table string, nodes []access.Node, read func(fields []string) (name string, good bool)) error {
	good := map[string]bool{}
	for line := range strings.Lines(table) {
		if fields := strings.Fields(line); len(fields) > 0 {
			name, ok := read(fields)
			good[name] = good[name] || ok
		}
	}
	var bad []string
	for _, node := range nodes {
		if !good[node.Name] {
			bad = append(bad, node.Name)
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("missing or not ready: %s", strings.Join(bad, ", "))
	}
	return nil
}
