//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// loss is a resource that is deleted.
type loss struct {
	what, resource string
	taken          bool // and a stranger has its address then
}

// losses are what somebody deletes in Azure's portal. What Azure doesn't delete while others use it goes after those.
var losses = []loss{
	{what: "machine", resource: "virtualMachines/web-1"},
	{what: "machine of a Consul server", resource: "virtualMachines/consul-0"},
	{what: "the only manager", resource: "virtualMachines/managers-0"},
	{what: "bastion", resource: "virtualMachines/azswarm-bastion"},
	{what: "interface", resource: "networkInterfaces/web-0"},
	{what: "availability set", resource: "availabilitySets/web"},
	{what: "load balancer", resource: "loadBalancers/managers"},
	{what: "public address of a load balancer", resource: "publicIPAddresses/managers"},
	{what: "public address of the bastion", resource: "publicIPAddresses/azswarm-bastion"},
	{what: "bastion's address, which another gets", resource: "publicIPAddresses/azswarm-bastion", taken: true},
	{what: "security rule", resource: "networkSecurityGroups/azswarm-workers/securityRules/deny-all"},
	{what: "subnet", resource: "virtualNetworks/azswarm/subnets/workers"},
	{what: "security group", resource: "networkSecurityGroups/azswarm-bastion"},
	{what: "NAT gateway", resource: "natGateways/azswarm-nat"},
	{what: "public address of the NAT gateway", resource: "publicIPAddresses/azswarm-nat"},
	{what: "virtual network", resource: "virtualNetworks/azswarm"},
	{what: "resource group", resource: "resourceGroups"},
}

// healsWhatIsDeleted deletes resources of every type in turn: a refresh and an update bring back those, and touch nothing else.
func healsWhatIsDeleted(t *testing.T) {
	p := newPaperLab(t, "e2e-healed-paper")
	p.mustOperate(t, "refresh") // who refers to whom
	whole, started := p.picture(t), time.Now()
	for _, loss := range losses {
		t.Run(loss.what, func(t *testing.T) { p.heals(t, loss, whole) })
	}
	t.Logf("%d losses healed in %d runs of Pulumi, %s", len(losses), p.runs, time.Since(started).Round(time.Second))
	p.detach()
	p.run(t, "down")
}

func (p *paperLab) heals(t *testing.T, loss loss, whole map[string]string) {
	t.Helper()
	p.detach() // the providers have the model in their memory
	provider, id := p.azure(t), p.find(t, loss.resource)
	gone, stranger := lose(t, provider, id), id+"-stranger"
	if loss.taken {
		if _, err := provider.ARM().Put(t.Context(), stranger, arm.Object{
			"location": "westeurope", "sku": map[string]any{"name": "Standard"}, "publicIPAllocationMethod": "Static",
		}); err != nil {
			t.Fatal(err)
		}
	}
	p.attach(t)
	refresh, up := p.mustOperate(t, "refresh"), p.mustOperate(t, "up", "--suppress-outputs")

	// Of a resource that is part of another, the other is written anew.
	var learnt, made []string
	for _, r := range gone {
		learnt, made = append(learnt, "delete "+r), append(made, "create "+r)
	}
	if kind, name, part := whereof(loss.resource); part {
		learnt, made = append(learnt, "update "+kind+" "+name), append(made, "update "+kind+" "+name)
	}
	expectSteps(t, "the refresh learns", learnt, refresh.did(func(s step) bool { return !refersBack(s) }))
	expectSteps(t, "Azure is told", made, up.did(step.inAzure))
	// With the group go all public addresses, and who gets which anew is chance: what keeps or uses them may change. Of the commands,
	// those of machines run anew all the same; what drains a worker only uses the bastion's.
	group := slices.ContainsFunc(gone, func(r string) bool { return strings.HasPrefix(r, "ResourceGroup ") })
	expectSteps(t, "commands run anew", follow(up, gone, loss.taken), up.did(func(s step) bool {
		// Which Swarm it is, is kept anew with the same value where the engine can't tell beforehand that it will be the same.
		said := s.kind() == "Stash" && s.name() == "managers-swarm"
		return !s.inAzure() && !said && s.Op != "create-replacement" && s.Op != "delete-replaced" && (!group || s.kind() == "Command" && !strings.HasSuffix(s.name(), "-drained"))
	}))

	if loss.taken {
		p.removeBehind(t, []string{stranger})
	}
	if difference := differs(whole, p.picture(t)); difference != "" {
		t.Errorf("Azure is not as it was: %s", difference)
	}
	p.expectNothingToDo(t)
}

// follow lists the steps that have to follow where these are gone: the commands of every machine that is another one now run anew,
// and so does what waits for the machine's tier. Where a server of Consul is another one, the Swarm's nodes are looked at again. Where
// the bastion has moved, all others are told of the new way to their machines, but what has heard an image's digest once.
func follow(up pulumiRun, gone []string, moved bool) (steps []string) {
	if moved { // what previews know the address from
		steps = append(steps, "replace Stash azswarm-bastion-address")
	}
	server := slices.ContainsFunc(gone, func(r string) bool { return strings.HasPrefix(r, "VirtualMachine consul-") })
	for _, s := range up.steps {
		if s.kind() != "Command" || strings.HasPrefix(s.name(), "demo-image-") || s.Op != "same" && s.Op != "update" && s.Op != "replace" {
			continue
		}
		anew := slices.ContainsFunc(gone, func(r string) bool {
			machine, ok := strings.CutPrefix(r, "VirtualMachine ")
			tier := machine[:max(0, strings.LastIndex(machine, "-"))]
			drained := s.name() == machine+"-drained" // before a machine that is there restarts
			return ok && !drained && (strings.HasPrefix(s.name(), machine+"-") || s.name() == tier+"-ready")
		})
		switch {
		case anew:
			steps = append(steps, "replace Command "+s.name())
		case moved, server && strings.HasSuffix(s.name(), "-ready"):
			steps = append(steps, "update Command "+s.name())
		}
	}
	return steps
}

// refersBack tells whether a refresh found no more than another member of a set, a pool or a gateway.
func refersBack(s step) bool {
	return s.Op == "update" && slices.Contains([]string{"AvailabilitySet", "LoadBalancer", "PublicIPAddress"}, s.kind())
}

func expectSteps(t *testing.T, what string, want, got []string) {
	t.Helper()
	if missing, extra := without(want, got), without(got, want); len(missing)+len(extra) > 0 {
		t.Errorf("%s: missing %v, and %v is too much", what, missing, extra)
	}
}

// did lists the steps that changed something.
func (r pulumiRun) did(which func(step) bool) []string {
	var all []string
	for _, s := range r.steps {
		if s.Op != "same" && which(s) {
			all = append(all, s.Op+" "+s.kind()+" "+s.name())
		}
	}
	return all
}

// whereof splits the end of a part's id: "virtualNetworks/azswarm/subnets/workers".
func whereof(end string) (kind, name string, part bool) {
	pieces := strings.Split(end, "/")
	return singular(pieces[0]), pieces[min(1, len(pieces)-1)], len(pieces) > 2
}

// singular is a type as programs call it: "VirtualMachine".
func singular(arm string) string {
	for _, end := range []string{"es", "s"} { // publicIPAddresses
		if one, ok := strings.CutSuffix(arm, end); ok && (end == "s" || strings.HasSuffix(one, "ss")) {
			return strings.ToUpper(one[:1]) + one[1:]
		}
	}
	return arm
}

// find is the id of a resource by its end. Subnets and security rules are parts of others.
func (p *paperLab) find(t *testing.T, end string) string {
	t.Helper()
	resources := p.azure(t).Resources()
	parent, part := end, ""
	if pieces := strings.Split(end, "/"); len(pieces) > 2 {
		parent, part = strings.Join(pieces[:2], "/"), "/"+strings.Join(pieces[2:], "/")
	}
	for _, r := range resources {
		if strings.HasSuffix(r.ID, "/"+parent) || r.Type == groupType && end == "resourceGroups" {
			return r.ID + part
		}
	}
	t.Fatalf("no %s among %v", end, resources)
	return ""
}

// users are the properties that show who uses a resource, of types whose refusal to be deleted doesn't.
var users = map[string]string{"availabilitySets": "virtualMachines", "natGateways": "subnets"}

// lose deletes a resource as an operator would: as long as Azure refuses since others use it, those go first. It returns what
// is gone, as programs call it.
func lose(t *testing.T, provider *azure.Provider, id string) (gone []string) {
	t.Helper()
	before := provider.Resources()
	var remove func(id string)
	remove = func(id string) {
		for {
			err := provider.Remove(t.Context(), id)
			if err == nil {
				return
			}
			refusal := err.Error()
			for kind, property := range users {
				if body, err := provider.ARM().Get(id); err == nil && strings.Contains(id, "/"+kind+"/") {
					refusal += fmt.Sprint(body[property])
				}
			}
			blocked := false
			for _, r := range provider.Resources() {
				if r.Type != groupType && r.ID != id && strings.Contains(refusal, r.ID) && slices.Contains(provider.Resources(), r) {
					remove(r.ID)
					blocked = true
				}
			}
			if !blocked {
				t.Fatalf("delete %s: %v", id, err)
			}
		}
	}
	remove(id)
	left := provider.Resources()
	for _, r := range before {
		if slices.Contains(left, r) {
			continue
		}
		name := lastOf(r.ID)
		if r.Type == groupType {
			name = "azswarm"
		}
		gone = append(gone, singular(lastOf(r.Type))+" "+name)
	}
	return gone
}
