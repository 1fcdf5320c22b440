package components

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

func TestMachinesAreCreatedAtOnceAndChangedOneByOne(t *testing.T) {
	waits := func(g *graphtest.Graph, set string, i int) bool {
		return g.DependsOn(t, ":VirtualMachine", fmt.Sprintf("%s-%d", set, i), "remote:Command", fmt.Sprintf("%s-%d-member", set, i-1))
	}
	first, later := graphtest.MustRun(t, newCluster().deploy), graphtest.RunLater(t, newCluster().deploy)
	for _, set := range []string{"consul", "managers"} {
		for i := 1; i < 3; i++ {
			if waits(first, set, i) {
				t.Errorf("%s-%d waits for the member before it in the run that creates the set", set, i)
			}
			if !waits(later, set, i) {
				t.Errorf("%s-%d changes without waiting for the member before it", set, i)
			}
		}
	}
}

func TestLargePoolsChangeInBatches(t *testing.T) {
	c := newCluster()
	c.pools["web"] = WorkerPoolArgs{Count: 8, MaxUnavailable: 3}
	g := graphtest.RunLater(t, c.deploy)
	for i := range 8 {
		for j := range i {
			waits := g.DependsOn(t, ":VirtualMachine", fmt.Sprintf("web-%d", i), "remote:Command", fmt.Sprintf("web-%d-member", j))
			if waits != (i-j == 3) {
				t.Errorf("web-%d waits for web-%d: %v, want it to wait for the third before it only", i, j, waits)
			}
		}
	}
}

func TestReplacedMachinesLeaveFirstAndJoinAgain(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	for _, r := range g.Resources {
		switch {
		case strings.HasSuffix(r.Token, ":VirtualMachine"):
			for _, property := range []string{"storageProfile.imageReference", "storageProfile.osDisk.diskSizeGB"} {
				if !r.Request.GetDeleteBeforeReplace() || !slices.Contains(r.Request.GetReplaceOnChanges(), property) {
					t.Errorf("%s: Azure would refuse a change of its %s", r.Name, property)
				}
			}
			trigger := r.Request.GetReplacementTrigger().GetStructValue().GetFields()
			if disk := graphtest.At(t, r.Inputs, "storageProfile.osDisk.diskSizeGB"); trigger["diskSizeGB"].GetNumberValue() != disk.NumberValue() {
				t.Errorf("%s: another size of its disk is ignored: %v", r.Name, trigger)
			}
		case strings.HasSuffix(r.Token, "remote:Command"):
			if !r.Request.GetDeleteBeforeReplace() || !slices.Contains(r.Request.GetReplaceOnChanges(), "triggers") {
				t.Errorf("%s: its delete would run after its machine is gone", r.Name)
			}
			if strings.HasSuffix(r.Name, "-drained") { // of a machine that stays
				continue
			}
			if triggers := r.Inputs["triggers"]; !triggers.IsArray() || len(triggers.ArrayValue()) == 0 {
				t.Errorf("%s does not run again on a new machine", r.Name)
			}
		}
	}
	for _, name := range []string{"consul-0", "managers-0", "web-0"} {
		for _, step := range [][2]string{{"-member", "-join"}, {"-join", "-booted"}} {
			if !g.DependsOn(t, "remote:Command", name+step[0], "remote:Command", name+step[1]) {
				t.Errorf("%s%s does not wait for %s", name, step[0], step[1])
			}
		}
		// A lost machine is no dependency that is replaced: its boot is.
		for _, command := range []string{"-join", "-member"} {
			booted := graphtest.At(t, g.Get(t, "remote:Command", name+command), "triggers.0")
			if !booted.IsString() || !strings.HasSuffix(booted.StringValue(), name+"-booted") {
				t.Errorf("%s%s: its old delete would run after the new machine has joined: trigger %v", name, command, booted)
			}
		}
		if graphtest.Text(t, g.Get(t, "remote:Command", name+"-member"), "delete") == "" {
			t.Errorf("%s does not leave its cluster", name)
		}
	}
}

func TestMembersAreCheckedAgainAfterTheirMachineRestarts(t *testing.T) {
	c := newCluster()
	small := graphtest.MustRun(t, c.deploy)
	c.consul.Machine.VMSize, c.managers.Machine.VMSize = "Standard_D2as_v5", "Standard_D2as_v5"
	c.pools["web"] = WorkerPoolArgs{Count: 2, Machine: MachineArgs{VMSize: "Standard_D2as_v5"}}
	large := graphtest.MustRun(t, c.deploy)
	for _, name := range []string{"consul-0", "managers-0", "web-0"} {
		for _, command := range []string{name + "-booted", name + "-member"} {
			last := func(g *graphtest.Graph) string {
				lines := strings.Split(strings.TrimSpace(graphtest.Text(t, g.Get(t, "remote:Command", command), "stdin")), "\n")
				return lines[len(lines)-1]
			}
			if !strings.Contains(last(large), `"vmSize":"Standard_D2as_v5"`) || strings.Contains(last(small), "Standard_D2as_v5") {
				t.Errorf("%s does not run again when the size of its machine changes", command)
			}
		}
	}
}

// Azure restarts a machine for another size: what runs on a worker moves before, and comes back after.
func TestWorkersAreDrainedBeforeTheyRestart(t *testing.T) {
	g := graphtest.RunLater(t, newCluster().deploy)
	for _, name := range []string{"web-0", "web-1"} {
		drained := g.Get(t, "remote:Command", name+"-drained")
		if _, runs := drained["create"]; runs {
			t.Errorf("%s-drained runs when there is no machine yet", name)
		}
		if update := graphtest.Text(t, drained, "update"); !strings.Contains(update, "drained_for_restart") {
			t.Errorf("%s-drained does %s", name, update)
		}
		if stdin := graphtest.Text(t, drained, "stdin"); !strings.Contains(stdin, `"vmSize":"Standard_B2as_v2"`) {
			t.Errorf("%s-drained does not run for another size", name)
		}
		if !g.DependsOn(t, ":VirtualMachine", name, "remote:Command", name+"-drained") {
			t.Errorf("%s restarts with its work on it", name)
		}
		if member := graphtest.Text(t, g.Get(t, "remote:Command", name+"-member"), "stdin"); !strings.Contains(member, `"drained":`) {
			t.Errorf("%s has no work again where the update ended after it was drained", name)
		}
	}
	if !g.DependsOn(t, "remote:Command", "web-1-drained", "remote:Command", "web-0-member") {
		t.Error("web-1 is drained while web-0 still is")
	}
	for _, command := range graphtest.MustRun(t, newClassic().deploy).Names("remote:Command") {
		if strings.HasSuffix(command, "-drained") {
			t.Errorf("%s moves containers, which the standalone Swarm can't", command)
		}
	}
}

func TestWhatAWorkerNeedsDoesNotGrowWithItsPool(t *testing.T) {
	c := newCluster()
	size := func(count int) int {
		c.pools["web"] = WorkerPoolArgs{Count: count, MaxUnavailable: 1}
		g := graphtest.MustRun(t, c.deploy)
		total := 0
		for _, r := range g.Resources {
			if strings.HasPrefix(r.Name, "web-0") {
				total += len(everything(t, r))
			}
		}
		return total
	}
	if few, many := size(2), size(20); many > few+few/100 {
		t.Errorf("worker web-0 of 2 is registered with %d characters, of 20 with %d: the state would grow with the square of the workers", few, many)
	}
}

func TestEverythingOnAzureGoesWithItsResourceGroup(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	for _, r := range g.Resources {
		owned := strings.HasPrefix(r.Token, "azure-native:") || strings.HasPrefix(r.Token, "command:") || strings.HasPrefix(r.Token, "docker:")
		if owned && r.Token != "azure-native:resources:ResourceGroup" && !strings.HasSuffix(r.Request.GetDeletedWith(), "ResourceGroup::net") {
			t.Errorf("%s %s would be deleted one by one: deleted with %q", r.Token, r.Name, r.Request.GetDeletedWith())
		}
	}
}

// Azure moves no machine between kinds of hardware, and keeps an availability set on one.
func TestOtherHardwareIsOtherMachines(t *testing.T) {
	trigger := func(size, set string) map[string]any {
		c := newCluster()
		c.pools["web"] = WorkerPoolArgs{Count: 2, Machine: MachineArgs{VMSize: size}}
		g := graphtest.MustRun(t, c.deploy)
		if id := graphtest.Text(t, g.Get(t, ":VirtualMachine", "web-0"), "availabilitySet.id"); !strings.HasSuffix(id, "/"+set) {
			t.Errorf("%s: web-0 is in availability set %s, want %s", size, id, set)
		}
		for _, r := range g.Resources {
			if strings.HasSuffix(r.Token, ":VirtualMachine") && r.Name == "web-0" {
				return r.Request.GetReplacementTrigger().GetStructValue().AsMap()
			}
		}
		t.Fatal("there is no web-0")
		return nil
	}
	plain := trigger("Standard_B2as_v2", "web")
	for size, c := range map[string]struct {
		set  string
		same bool
	}{
		"Standard_D4as_v5": {"web", true}, "Standard_D2ds_v5": {"web-local", false}, "Standard_D2as_v6": {"web-nvme", false},
	} {
		if got := trigger(size, c.set); reflect.DeepEqual(got, plain) != c.same {
			t.Errorf("%s: %v, and for Standard_B2as_v2 %v", size, got, plain)
		}
	}
}
