package azure

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// guarded is a lab with one machine, whose subnet has the security group "subnets" with one rule.
func guarded(t *testing.T) (l *lab, c *slowCloud, group, n, m state) {
	l, c = newSlowLab(t)
	l.group()
	group = l.create(nsgToken, "x", nsg("subnets", rule("web", 100, props{"destinationPortRange": "80"})))
	l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.1.0/24", props{"networkSecurityGroup": ref(group.id)})))
	n, m = l.machine(0, nil)
	return l, c, group, n, m
}

// own are the rules of a group that are not Azure's.
func own(g *cloud.SecurityGroup) []string {
	if g == nil {
		return nil
	}
	names := []string{g.Name}
	for _, r := range g.Rules {
		if r.Priority < 65000 {
			names = append(names, r.Name)
		}
	}
	return names
}

func wantSecurity(t *testing.T, c *slowCloud, machine state, what string, subnet, ofInterface []string) {
	t.Helper()
	m, ok := c.Machine(machine.id)
	if !ok {
		t.Fatalf("%s: the machine is gone", what)
	}
	if got := own(m.Security.Subnet); !slices.Equal(got, subnet) {
		t.Errorf("%s: the subnet's group and rules are %v, want %v", what, got, subnet)
	}
	if got := own(m.Security.Interface); !slices.Equal(got, ofInterface) {
		t.Errorf("%s: the interface's group and rules are %v, want %v", what, got, ofInterface)
	}
}

func TestMachinesAreBornWithTheirSecurityGroups(t *testing.T) {
	_, c, _, _, m := guarded(t)
	wantSecurity(t, c, m, "after creation", []string{"subnets", "web"}, nil)
	machine, _ := c.Machine(m.id)
	rules := machine.Security.Subnet.Rules
	if len(rules) != 7 || rules[0].Protocol != "Tcp" || !rules[0].Inbound || !rules[0].Allow ||
		!slices.Equal(rules[0].DestinationPorts, []string{"80"}) || !slices.Equal(rules[0].Sources, []string{"*"}) {
		t.Errorf("rules %+v, want the given one and six of Azure's", rules)
	}
	if got := machine.Security.VirtualNetwork; len(got) != 1 || got[0].String() != "10.20.0.0/16" {
		t.Errorf("the tag VirtualNetwork stands for %v", got)
	}
}

func TestSecurityFollowsTheModel(t *testing.T) {
	l, c, group, n, m := guarded(t)
	update := func(s state, token, name string, inputs props) {
		t.Helper()
		if _, err := l.update(s, token, name, inputs); err != nil {
			t.Fatal(err)
		}
	}

	update(group, nsgToken, "x", nsg("subnets", rule("mail", 100, nil)))
	wantSecurity(t, c, m, "another rule", []string{"subnets", "mail"}, nil)

	child := l.create(ruleToken, "x", merge(rule("ssh", 101, nil), props{
		"name": nil, "resourceGroupName": "rg", "networkSecurityGroupName": "subnets", "securityRuleName": "ssh",
	}))
	wantSecurity(t, c, m, "a rule of its own", []string{"subnets", "mail", "ssh"}, nil)
	if err := l.delete(child); err != nil {
		t.Fatal(err)
	}
	wantSecurity(t, c, m, "a rule deleted", []string{"subnets", "mail"}, nil)

	mine := l.create(nsgToken, "y", nsg("mine"))
	update(n, nicToken, "nic0", merge(nic("nic0", "10.20.1.4", nil), props{"networkSecurityGroup": ref(mine.id)}))
	wantSecurity(t, c, m, "a group for the interface", []string{"subnets", "mail"}, []string{"mine"})
	update(mine, nsgToken, "y", nsg("mine", rule("web", 200, nil)))
	wantSecurity(t, c, m, "a rule in the interface's", []string{"subnets", "mail"}, []string{"mine", "web"})

	network := state{urn: urnOf(vnetToken, "vnet"), id: subnetID("vnet", "a")[:len(subnetID("vnet", "a"))-len("/subnets/a")]}
	network.inputs, _ = l.check(vnetToken, "vnet", nil, vnet("vnet", inlineSubnet("a", "10.20.1.0/24", props{"networkSecurityGroup": ref(group.id)})))
	network.outputs = network.inputs
	update(network, vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.1.0/24", nil)))
	wantSecurity(t, c, m, "no group for the subnet", nil, []string{"mine", "web"})
}

func TestSecurityThatFailsIsAppliedTheNextTime(t *testing.T) {
	l, c, group, _, m := guarded(t)
	c.setFailure(errors.New("engine away"))
	if _, err := l.update(group, nsgToken, "x", nsg("subnets", rule("mail", 100, nil))); err == nil {
		t.Error("the update succeeded")
	}
	c.setFailure(nil)
	if _, err := l.update(group, nsgToken, "x", nsg("subnets", rule("mail", 100, nil))); err != nil {
		t.Fatal(err)
	}
	wantSecurity(t, c, m, "the second time", []string{"subnets", "mail"}, nil)
}

func TestRulesThatChangeWhileAMachineStartsAreNotLost(t *testing.T) {
	l, c, group, _, _ := guarded(t)
	n := l.create(nicToken, "n", nic("n", "10.20.1.9", nil))
	c.holdFromNow(1)
	created := make(chan state, 1)
	go func() {
		s, err := l.try(vmToken, "v", vm("v", n.id, nil))
		if err != nil {
			t.Error(err)
		}
		created <- s
	}()
	c.await(t) // it has been given the old rule
	if _, err := l.update(group, nsgToken, "x", nsg("subnets", rule("mail", 100, nil))); err != nil {
		t.Fatal(err)
	}
	close(c.release)
	wantSecurity(t, c, <-created, "after the start", []string{"subnets", "mail"}, nil)
}

func TestReconcileSecuresEveryMachine(t *testing.T) {
	l, c, _, _, m := guarded(t)
	machine, _ := c.Machine(m.id)
	machine.Security = cloud.Security{}
	_ = c.Paper.Secure(context.Background(), machine)
	if err := l.Reconcile(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantSecurity(t, c, m, "after Reconcile", []string{"subnets", "web"}, nil)
}
