package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// member is a machine as a list of members has it.
type member struct{ name, address string }

// voter is a server as Consul's raft has it.
type voter struct {
	member
	leader, votes bool
}

// node is a machine as the Swarm has it.
type node struct {
	member
	role, state, availability string
	reachability              string // of managers
	leader                    bool
}

// service is a service of the Swarm.
type service struct {
	name    string
	running int // tasks that run and shall
}

// observed is what the cluster says of itself.
type observed struct {
	outputs  []member           // the stack's, without the bastion
	catalog  []member           // Consul's
	failed   []string           // nodes that Consul takes for dead
	raft     []voter            // Consul's
	keys     map[string]string  // that the soak wrote
	swarm    string             // the Swarm's id
	nodes    []node             // the Swarm's
	services map[string]service // the Swarm's, by id
	label    string
	reached  map[string][]string // by the worker that asks, the workers that answer
}

// expected is what it has to say.
type expected struct {
	shape     shape
	addresses map[string]string // by machine
	swarm     string
	services  map[string]string // names by id
}

// broken lists what is not as it has to be, but for what the loads know.
func (e expected) broken(o observed) []string {
	all := e.members(tiers...)
	found := joinErrors(
		compareMembers("the stack's outputs", o.outputs, all),
		compareMembers("Consul's catalog", o.catalog, all),
		several(o.failed, "Consul takes %s for dead"),
		e.brokenRaft(o.raft),
		e.brokenSwarm(o),
		e.brokenServices(o.services),
	)
	for _, worker := range e.shape.names(workers) {
		got := slices.Sorted(slices.Values(o.reached[worker]))
		if want := e.shape.names(workers); !slices.Equal(got, want) {
			found = append(found, fmt.Sprintf("overlay network: from %s the site answers on %v, want %v", worker, got, want))
		}
	}
	return found
}

// members are the machines of tiers with their addresses.
func (e expected) members(of ...string) []member {
	var all []member
	for _, tier := range of {
		for _, name := range e.shape.names(tier) {
			all = append(all, member{name, e.addresses[name]})
		}
	}
	return all
}

func (e expected) brokenRaft(raft []voter) []string {
	var members []member
	var found, leaders []string
	for _, v := range raft {
		members = append(members, v.member)
		if !v.votes {
			found = append(found, fmt.Sprintf("Consul's raft: %s has no vote", v.name))
		}
		if v.leader {
			leaders = append(leaders, v.name)
		}
	}
	if len(leaders) != 1 {
		found = append(found, fmt.Sprintf("Consul's raft: leaders are %v, want one", leaders))
	}
	return joinErrors(compareMembers("Consul's raft", members, e.members(consul)), found)
}

func (e expected) brokenSwarm(o observed) []string {
	var found, leaders []string
	if o.swarm != e.swarm {
		found = append(found, fmt.Sprintf("the Swarm is %q, and was %q", o.swarm, e.swarm))
	}
	var members []member
	for _, n := range o.nodes {
		members = append(members, n.member)
		role, availability, reachability := "worker", "active", ""
		if slices.Contains(e.shape.names(managers), n.name) {
			role, availability, reachability = "manager", "drain", "reachable"
		}
		if n.role != role || n.availability != availability || n.reachability != reachability || n.state != "ready" {
			found = append(found, fmt.Sprintf("the Swarm's %s is a %s, %s, %s %s; want a %s, %s, ready %s",
				n.name, n.role, n.availability, n.state, n.reachability, role, availability, reachability))
		}
		if n.leader {
			leaders = append(leaders, n.name)
		}
	}
	if len(leaders) != 1 {
		found = append(found, fmt.Sprintf("the Swarm's leaders are %v, want one", leaders))
	}
	return joinErrors(compareMembers("the Swarm", members, e.members(managers, workers)), found)
}

func (e expected) brokenServices(services map[string]service) []string {
	var found []string
	for id, name := range e.services {
		is, there := services[id]
		if !there {
			found = append(found, fmt.Sprintf("service %s (%s) is gone", name, id))
			continue
		}
		want := e.shape.machines[workers]
		if name == labelService {
			want = labelReplicas
		}
		if is.running != want {
			found = append(found, fmt.Sprintf("service %s: %d containers run, want %d", name, is.running, want))
		}
	}
	for id, is := range services {
		if _, known := e.services[id]; !known {
			found = append(found, fmt.Sprintf("service %s (%s) is none of the soak's", is.name, id))
		}
	}
	return found
}

// compareMembers compares a list of members with what it has to be: none is missing, none is there twice, and none of the past.
func compareMembers(where string, got, want []member) []string {
	var found []string
	count := map[string]int{}
	addresses := map[string]string{}
	for _, m := range want {
		addresses[m.name] = m.address
	}
	for _, m := range got {
		count[m.name]++
		switch address, wanted := addresses[m.name]; {
		case !wanted:
			found = append(found, fmt.Sprintf("%s: %s (%s) is there, and not in the configuration", where, m.name, m.address))
		case m.address != address:
			found = append(found, fmt.Sprintf("%s: %s has the address %s, want %s", where, m.name, m.address, address))
		}
	}
	for _, m := range want {
		switch count[m.name] {
		case 0:
			found = append(found, fmt.Sprintf("%s: %s is missing", where, m.name))
		case 1:
		default:
			found = append(found, fmt.Sprintf("%s: %s is there %d times", where, m.name, count[m.name]))
		}
	}
	return found
}

// several is one sentence for a few things, and says how many more there are.
func several(things []string, format string) []string {
	const shown = 5
	slices.Sort(things)
	var found []string
	for i, thing := range things {
		if i == shown {
			return append(found, fmt.Sprintf("… and %d more like the last", len(things)-shown))
		}
		found = append(found, fmt.Sprintf(format, thing))
	}
	return found
}

func joinErrors(lists ...[]string) []string { return slices.Concat(lists...) }

// sortedNames lists the names of services for people.
func sortedNames(services map[string]string) string {
	return strings.Join(slices.Sorted(maps.Values(services)), ", ")
}
