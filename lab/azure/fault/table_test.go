package fault

import (
	"os"
	"strings"
	"sync"
	"testing"
)

func add(t *testing.T, table Table, call Call) int {
	t.Helper()
	id, err := table.Add(call)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// strikes says which of a row of equal requests are answered.
func strikes(t *testing.T, table Table, requests int, operation Operation, token, name string) string {
	t.Helper()
	var pattern strings.Builder
	for range requests {
		struck, err := table.Strike(operation, token, name)
		switch {
		case err != nil:
			t.Fatal(err)
		case struck == nil:
			pattern.WriteByte('.')
		default:
			pattern.WriteByte('x')
		}
	}
	return pattern.String()
}

func TestCallsMatchByTypeOperationAndName(t *testing.T) {
	for _, c := range []struct {
		what    string
		call    Call
		pattern string // of four creations of the machine vm0
	}{
		{"the next one", Call{}, "x..."},
		{"two", Call{Count: 2}, "xx.."},
		{"the third", Call{Skip: 2}, "..x."},
		{"until cleared", Call{Count: Forever}, "xxxx"},
		{"by token", Call{Type: "compute:VirtualMachine"}, "x..."},
		{"by name of the type", Call{Type: "virtualmachine"}, "x..."},
		{"by the SDK's token", Call{Type: "azure-native:compute:VirtualMachine"}, "x..."},
		{"by ARM type", Call{Type: "Microsoft.Compute/virtualMachines"}, "x..."},
		{"another type", Call{Type: "network:NatGateway"}, "...."},
		{"the operation", Call{Operation: Create}, "x..."},
		{"another operation", Call{Operation: Delete}, "...."},
		{"the name in another case", Call{Name: "VM0"}, "x..."},
		{"another name", Call{Name: "vm1"}, "...."},
	} {
		t.Run(c.what, func(t *testing.T) {
			table := NewTable(t.TempDir())
			c.call.Answer = ServerError()
			add(t, table, c.call)
			if got := strikes(t, table, 4, Create, "compute:VirtualMachine", "vm0"); got != c.pattern {
				t.Errorf("struck %s, want %s", got, c.pattern)
			}
		})
	}
}

func TestFaultsAddedFirstAnswerFirstAndAllCount(t *testing.T) {
	table := NewTable(t.TempDir())
	first := add(t, table, Call{Answer: ServerError()})
	third := add(t, table, Call{Skip: 2, Answer: Conflict()})
	for i, want := range []int{first, 0, third} {
		struck, err := table.Strike(Read, "network:NatGateway", "nat")
		if err != nil || (struck == nil) != (want == 0) || struck != nil && struck.ID != want {
			t.Errorf("request %d: %+v, %v; want fault %d", i+1, struck, err, want)
		}
	}
	set, err := table.Load()
	if err != nil || len(set.Calls) != 2 || set.Calls[0].Struck != 1 || set.Calls[0].Count != 0 || set.Calls[1].Struck != 1 {
		t.Errorf("table %+v, %v; want both faults, spent", set, err)
	}
}

func TestWrongFaultsAreRefused(t *testing.T) {
	for want, call := range map[string]Call{
		`"compute:Toaster" is not one of the lab's`: {Type: "compute:Toaster", Answer: Conflict()},
		`operation "make"`:                          {Operation: "make", Answer: Conflict()},
		"skip -1":                                   {Skip: -1, Answer: Conflict()},
		"count -2":                                  {Count: -2, Answer: Conflict()},
		"status 0":                                  {},
		"status 200":                                {Answer: Answer{Status: 200}},
		"needs Changed":                             {Answer: Answer{Polled: true}},
		"retry after -5":                            {Answer: Throttled(-5)},
	} {
		table := NewTable(t.TempDir())
		if _, err := table.Add(call); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %s", call, err, want)
		}
		if _, err := os.Stat(table.path()); err == nil {
			t.Errorf("%+v: a refused fault was written", call)
		}
	}
	if err := NewTable(t.TempDir()).RefuseSize("B2als"); err == nil || !strings.Contains(err.Error(), `"B2als"`) {
		t.Errorf("size: %v", err)
	}
	if err := NewTable(t.TempDir()).LimitCores(-1); err == nil || !strings.Contains(err.Error(), "-1") {
		t.Errorf("quota: %v", err)
	}
}

func TestClearing(t *testing.T) {
	table := NewTable(t.TempDir())
	one, two := add(t, table, Call{Answer: Conflict()}), add(t, table, Call{Answer: Conflict()})
	if err := table.RefuseSize("Standard_B2als_v2"); err != nil {
		t.Fatal(err)
	}
	if err := table.LimitCores(4); err != nil {
		t.Fatal(err)
	}
	if err := table.Clear(one); err != nil {
		t.Fatal(err)
	}
	if err := table.Clear(one); err == nil {
		t.Error("cleared twice")
	}
	set, err := table.Load()
	if err != nil || len(set.Calls) != 1 || set.Calls[0].ID != two || len(set.Limits.SoldOut) != 1 || *set.Limits.Cores != 4 {
		t.Errorf("table %+v, %v; want fault %d and both limits", set, err, two)
	}
	if err := table.ClearLimits(); err != nil {
		t.Fatal(err)
	}
	if limits, err := table.Limits(); err != nil || limits.Cores != nil || limits.SoldOut != nil {
		t.Errorf("limits %+v, %v", limits, err)
	}
	if err := table.Clear(); err != nil {
		t.Fatal(err)
	}
	if set, err := table.Load(); err != nil || len(set.Calls) > 0 {
		t.Errorf("table %+v, %v; want it empty", set, err)
	}
	if next := add(t, table, Call{Answer: Conflict()}); next <= two {
		t.Errorf("the id %d was given again", next)
	}
}

// A command sets faults while the provider serves: nothing may be lost, and none may strike twice.
func TestWritersAtTheSameTime(t *testing.T) {
	dir := t.TempDir()
	const faults, requests = 20, 40
	var writers sync.WaitGroup
	for range faults {
		writers.Go(func() {
			if _, err := NewTable(dir).Add(Call{Answer: Conflict()}); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	struck := make(chan int, requests)
	for range requests {
		writers.Go(func() {
			call, err := NewTable(dir).Strike(Create, "network:NatGateway", "nat")
			if err != nil {
				t.Error(err)
			}
			if call != nil {
				struck <- call.ID
			}
		})
	}
	writers.Wait()
	close(struck)
	seen := map[int]bool{}
	for id := range struck {
		if seen[id] {
			t.Errorf("fault %d struck twice", id)
		}
		seen[id] = true
	}
	if len(seen) != faults {
		t.Errorf("%d faults struck, want %d", len(seen), faults)
	}
}
