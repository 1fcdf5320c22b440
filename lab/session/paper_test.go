package session

import (
	"net/netip"
	"strings"
	"testing"
)

func TestALabHasMachinesOrNoneForItsWholeLife(t *testing.T) {
	for name, noMachines := range map[string]bool{"with": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			lab := newLab(t)
			if err := lab.Create(); err != nil {
				t.Fatal(err)
			}
			// Until it has run a program, nothing is settled.
			for _, choice := range []bool{!noMachines, noMachines} {
				if err := lab.choose(choice); err != nil {
					t.Fatal(err)
				}
			}
			record, err := lab.Record()
			if err != nil || record.NoMachines != noMachines {
				t.Fatalf("Record = %+v, %v; want NoMachines %v", record, err, noMachines)
			}
			record.Operator = netip.MustParseAddr("198.51.100.10")
			if err := lab.Remember(record); err != nil {
				t.Fatal(err)
			}
			if err := lab.choose(noMachines); err != nil {
				t.Errorf("the same again: %v", err)
			}
			if err := lab.choose(!noMachines); err == nil || !strings.Contains(err.Error(), "--no-machines") || !strings.Contains(err.Error(), "--name") {
				t.Errorf("the other way: %v, want an error that says what to do", err)
			}
		})
	}
}

func TestCheckpointsAreSkippedWithoutMachinesOnly(t *testing.T) {
	for _, paper := range []bool{false, true} {
		session := &Session{Lab: newLab(t), Stack: "dev", paper: paper, config: &stackFile{path: "/copy.yaml"}}
		want := map[bool]string{true: "true"}[paper]
		if got := lookup(session.Environment(), "PULUMI_SKIP_CHECKPOINTS"); got != want {
			t.Errorf("without machines %v: PULUMI_SKIP_CHECKPOINTS is %q, want %q", paper, got, want)
		}
	}
}
