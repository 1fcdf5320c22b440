package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// inOrder is a cluster in order, and what is expected of it.
func inOrder() (expected, observed) {
	e := expected{
		shape: firstShape("consul:1"), addresses: map[string]string{}, swarm: "swarm-1",
		services: map[string]string{"s1": siteService, "s2": labelService},
	}
	for i, name := range e.shape.all() {
		e.addresses[name] = "10.84.0." + string(rune('1'+i))
	}
	o := observed{
		outputs: e.members(tiers...), catalog: e.members(tiers...), swarm: "swarm-1",
		services: map[string]service{"s1": {siteService, 3}, "s2": {labelService, 3}}, reached: map[string][]string{},
	}
	for i, m := range e.members(consul) {
		o.raft = append(o.raft, voter{m, i == 1, true})
	}
	for i, m := range e.members(managers) {
		o.nodes = append(o.nodes, node{m, "manager", "ready", "drain", "reachable", i == 2})
	}
	for _, m := range e.members(workers) {
		o.nodes = append(o.nodes, node{m, "worker", "ready", "active", "", false})
		o.reached[m.name] = e.shape.names(workers)
	}
	return e, o
}

func TestInvariantsHoldInOrder(t *testing.T) {
	if e, o := inOrder(); len(e.broken(o)) > 0 {
		t.Errorf("%v", e.broken(o))
	}
}

func TestEachInvariantIsNoticed(t *testing.T) {
	for want, breakIt := range map[string]func(*expected, *observed){
		"the stack's outputs: web-2 is missing": func(_ *expected, o *observed) {
			o.outputs = slices.DeleteFunc(o.outputs, func(m member) bool { return m.name == "web-2" })
		},
		"Consul's catalog: web-2 is missing": func(_ *expected, o *observed) { o.catalog = o.catalog[:len(o.catalog)-1] },
		"Consul's catalog: web-3 (10.84.0.77) is there, and not in the configuration": func(_ *expected, o *observed) {
			o.catalog = append(o.catalog, member{"web-3", "10.84.0.77"})
		},
		"Consul's catalog: web-0 is there 2 times": func(e *expected, o *observed) {
			o.catalog = append(o.catalog, member{"web-0", e.addresses["web-0"]})
		},
		"Consul's catalog: web-1 has the address 10.84.0.77, want 10.84.0.8": func(_ *expected, o *observed) {
			o.catalog[7].address = "10.84.0.77"
		},
		"Consul takes web-1 for dead":                                   func(_ *expected, o *observed) { o.failed = []string{"web-1"} },
		"Consul's raft: consul-1 is there 2 times":                      func(_ *expected, o *observed) { o.raft[0] = voter{o.raft[1].member, false, true} },
		"Consul's raft: consul-0 has no vote":                           func(_ *expected, o *observed) { o.raft[0].votes = false },
		"Consul's raft: leaders are [], want one":                       func(_ *expected, o *observed) { o.raft[1].leader = false },
		"the Swarm is \"swarm-2\", and was \"swarm-1\"":                 func(_ *expected, o *observed) { o.swarm = "swarm-2" },
		"the Swarm: web-0 is there 2 times":                             func(_ *expected, o *observed) { o.nodes = append(o.nodes, o.nodes[3]) },
		"the Swarm: managers-0 is missing":                              func(_ *expected, o *observed) { o.nodes = o.nodes[1:] },
		"the Swarm's web-0 is a worker, active, down ":                  func(_ *expected, o *observed) { o.nodes[3].state = "down" },
		"the Swarm's managers-0 is a worker, drain, ready":              func(_ *expected, o *observed) { o.nodes[0].role = "worker" },
		"the Swarm's web-0 is a worker, drain, ready":                   func(_ *expected, o *observed) { o.nodes[3].availability = "drain" },
		"the Swarm's managers-0 is a manager, drain, ready unreachable": func(_ *expected, o *observed) { o.nodes[0].reachability = "unreachable" },
		"the Swarm's leaders are [], want one":                          func(_ *expected, o *observed) { o.nodes[2].leader = false },
		"service soak-site (s1) is gone":                                func(_ *expected, o *observed) { delete(o.services, "s1") },
		"service other (s3) is none of the soak's":                      func(_ *expected, o *observed) { o.services["s3"] = service{"other", 1} },
		"service soak-labels: 2 containers run, want 3":                 func(_ *expected, o *observed) { o.services["s2"] = service{labelService, 2} },
		"overlay network: from web-1 the site answers on [web-1], want [web-0 web-1 web-2]": func(_ *expected, o *observed) {
			o.reached["web-1"] = []string{"web-1"}
		},
		"service soak-site: 3 containers run, want 2": func(e *expected, _ *observed) { e.shape = e.shape.scaled(workers, 2) },
	} {
		e, o := inOrder()
		o.services = maps.Clone(o.services)
		breakIt(&e, &o)
		if got := e.broken(o); !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
}

func TestManyThingsAreSummedUp(t *testing.T) {
	got := several([]string{"9", "8", "7", "6", "5", "4", "3"}, "key %s")
	if len(got) != 6 || got[0] != "key 3" || got[5] != "… and 2 more like the last" {
		t.Errorf("%q", got)
	}
}

func TestWhatConsulSaysIsRead(t *testing.T) {
	const nodes = `[{"Node":"consul-0","Address":"10.84.0.1"},{"Node":"web-0","Address":"10.84.0.7"}]`
	const raft = `{"Servers":[{"ID":"x","Node":"consul-0","Address":"10.84.0.1:8300","Leader":true,"Voter":true}],"Index":1}`
	const critical = `[{"Node":"web-0","CheckID":"serfHealth","Status":"critical"},{"Node":"consul-0","CheckID":"service:x","Status":"critical"}]`
	const keys = `[{"Key":"app/soak/12","Value":"dmFsdWUtMTI="}]`
	var o observed
	if err := readConsul(nodes+"\n"+raft+"\n"+critical+"\n"+keys+"\n", &o); err != nil {
		t.Fatal(err)
	}
	if len(o.catalog) != 2 || o.catalog[1] != (member{"web-0", "10.84.0.7"}) ||
		len(o.raft) != 1 || o.raft[0] != (voter{member{"consul-0", "10.84.0.1"}, true, true}) ||
		!slices.Equal(o.failed, []string{"web-0"}) || !maps.Equal(o.keys, map[string]string{"12": value(12)}) {
		t.Errorf("%+v", o)
	}
	if err := readConsul(nodes+"\n"+raft+"\n"+critical+"\n\n", &observed{}); err != nil {
		t.Errorf("without keys: %v", err)
	}
	if err := readConsul(nodes+"\nNo cluster leader\n", &observed{}); err == nil {
		t.Error("an answer that is none is taken for one")
	}
}
