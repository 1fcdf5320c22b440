package fault

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	net = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/"
	vms = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/"
	set = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/availabilitySets/"
)

var (
	consul0  = Target{ID: vms + "consul-0", VMID: "1", Set: set + "consul", Domain: 0, Subnet: net + "consul"}
	consul1  = Target{ID: vms + "consul-1", VMID: "2", Set: set + "consul", Domain: 1, Subnet: net + "consul"}
	manager1 = Target{ID: vms + "managers-1", VMID: "3", Set: set + "managers", Domain: 1, Subnet: net + "managers"}
	bastion  = Target{ID: vms + "bastion", VMID: "4", Subnet: net + "bastion"}
	zoned    = Target{ID: vms + "web-0", VMID: "5", Zone: "2", Subnet: net + "workers"}
)

func TestFaultsHaveTheEffectTheyName(t *testing.T) {
	for _, c := range []struct {
		name, says string
		fault      Fault
		on         []Target // all others are as they were
		effect     Effect
	}{
		{"stop/consul-0", "consul-0 is shut down", Fault{Kind: Stop, Machine: consul0.ID, VMID: "1"}, []Target{consul0}, Effect{Power: Stopped}},
		{"kill/consul-0", "consul-0 has no power", Fault{Kind: Kill, Machine: strings.ToUpper(consul0.ID[:40]) + consul0.ID[40:], VMID: "1"}, []Target{consul0}, Effect{Power: Off}},
		{"freeze/consul-0", "consul-0 is frozen", Fault{Kind: Freeze, Machine: consul0.ID, VMID: "1"}, []Target{consul0}, Effect{Power: Frozen}},
		{"kill/consul-0", "consul-0 has no power", Fault{Kind: Kill, Machine: consul0.ID, VMID: "another machine's"}, nil, Effect{}},
		{"domain/1", "fault domain 1 of every availability set has no power", Fault{Kind: Domain, Domain: 1}, []Target{consul1, manager1}, Effect{Power: Off}},
		{"domain/0", "fault domain 0 of every availability set has no power", Fault{Kind: Domain}, []Target{consul0}, Effect{Power: Off}},
		{"domain/1/managers", "fault domain 1 of managers has no power", Fault{Kind: Domain, Domain: 1, Set: "managers"}, []Target{manager1}, Effect{Power: Off}},
		{"zone/2", "zone 2 has no power", Fault{Kind: Zone, Zone: "2"}, []Target{zoned}, Effect{Power: Off}},
		{"zone/1", "zone 1 has no power", Fault{Kind: Zone, Zone: "1"}, nil, Effect{}},
		{"lose/managers", "20% of the packets to and from managers get lost", Fault{Kind: Lose, Subnet: net + "managers", Percent: 20}, []Target{manager1}, Effect{Percent: 20}},
		{"delay/bastion", "packets from bastion are 150 ms late", Fault{Kind: Delay, Machine: bastion.ID, VMID: "4", Milliseconds: 150}, []Target{bastion}, Effect{Milliseconds: 150}},
		{"fill/web-0/var/lib/docker", "the disk of /var/lib/docker on web-0 is full", Fault{Kind: Fill, Machine: zoned.ID, VMID: "5", Directory: "/var/lib/docker"}, []Target{zoned}, Effect{Full: []string{"/var/lib/docker"}}},
		{"drop-ssh/consul-0", "sshd of consul-0 drops its first 3 connections", Fault{Kind: DropSSH, Machine: "consul-0", Connections: 3}, []Target{consul0}, Effect{Connections: 3}},
		{"drop-ssh/consul-9", "sshd of consul-9 drops its first 3 connections", Fault{Kind: DropSSH, Machine: "consul-9", Connections: 3}, nil, Effect{}},
		{"cut/bastion/managers/one-way", "packets from bastion don't reach managers", Fault{Kind: Cut, Subnet: net + "bastion", To: net + "managers", OneWay: true}, []Target{manager1}, Effect{From: []string{net + "bastion"}}},
		{"cut/managers/managers", "managers and managers don't reach each other", Fault{Kind: Cut, Subnet: net + "managers", To: net + "managers"}, []Target{manager1}, Effect{From: []string{net + "managers"}}},
	} {
		if c.fault.Name() != c.name || c.fault.String() != c.says {
			t.Errorf("%s: %q; want %s: %q", c.fault.Name(), c.fault, c.name, c.says)
		}
		if err := CheckName(c.name); err != nil {
			t.Errorf("its own name is refused: %v", err)
		}
		for _, target := range []Target{consul0, consul1, manager1, bastion, zoned} {
			want := Effect{}
			if slices.Contains(c.on, target) {
				want = c.effect
			}
			if got := (Faults{c.fault}).On(target); !got.Equal(want) {
				t.Errorf("%s on %s: %+v, want %+v", c.name, target.ID, got, want)
			}
		}
	}
}

func TestACutIsTheSameFromBothSides(t *testing.T) {
	one, other := Fault{Kind: Cut, Subnet: net + "managers", To: net + "consul"}, Fault{Kind: Cut, Subnet: net + "consul", To: net + "managers"}
	if one.Name() != "cut/consul/managers" || other.Name() != one.Name() {
		t.Errorf("names %s and %s, want cut/consul/managers", one.Name(), other.Name())
	}
	for _, cut := range []Fault{one, other} {
		if got := (Faults{cut}).On(consul0).From; !slices.Equal(got, []string{net + "managers"}) {
			t.Errorf("consul loses packets from %v", got)
		}
		if got := (Faults{cut}).On(manager1).From; !slices.Equal(got, []string{net + "consul"}) {
			t.Errorf("managers lose packets from %v", got)
		}
	}
}

func TestTheWorstOfSeveralFaultsCounts(t *testing.T) {
	faults := Faults{
		{Kind: Domain, Domain: 1}, {Kind: Freeze, Machine: consul1.ID, VMID: "2"}, {Kind: Lose, Subnet: net + "consul", Percent: 5},
		{Kind: Lose, Machine: consul1.ID, VMID: "2", Percent: 50},
	}
	if got, want := faults.On(consul1), (Effect{Power: Off, Percent: 50}); !got.Equal(want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := faults.Without("domain/1").On(consul1), (Effect{Power: Frozen, Percent: 50}); !got.Equal(want) {
		t.Errorf("with its power back: %+v, want %+v", got, want)
	}
	if f, found := faults.Unpowered(Target{Set: set + "web", Domain: 1}); !found || f.Name() != "domain/1" {
		t.Errorf("a new machine in the domain: %s (found: %t)", f.Name(), found)
	}
	if _, found := faults.Unpowered(Target{Set: set + "web", Domain: 2}); found {
		t.Error("a new machine in another domain has no power")
	}
}

func TestNamesThatAreNoneAreRefused(t *testing.T) {
	for _, name := range []string{"managers-0", "stop", "stop/", "explode/managers-0", ""} {
		if err := CheckName(name); err == nil || !strings.Contains(err.Error(), "stop, kill, freeze, domain, zone, cut, lose, delay, fill, drop-ssh") {
			t.Errorf("%q: %v, want a refusal that lists the kinds", name, err)
		}
	}
}

func TestFaultsStayUntilTheyAreTakenOut(t *testing.T) {
	store := Store{filepath.Join(t.TempDir(), "lab", "faults.json")}
	if faults, err := store.List(); err != nil || len(faults) != 0 {
		t.Fatalf("at first: %v, %v", faults, err)
	}
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			err := store.Write(func(faults Faults) (Faults, error) { return faults.With(Fault{Kind: Domain, Domain: i % 10}), nil })
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	faults, err := Store{store.Path}.List()
	if err != nil || len(faults) != 10 {
		t.Fatalf("%d faults after 20 writers of 10 names at a time: %v", len(faults), err)
	}
	err = store.Write(func(faults Faults) (Faults, error) { return faults.Without("domain/3"), nil })
	if err != nil {
		t.Fatal(err)
	}
	err = store.Read(func(faults Faults) error {
		if _, found := faults.Find("domain/3"); found || len(faults) != 9 {
			t.Errorf("%d faults, domain/3 among them: %t", len(faults), found)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
