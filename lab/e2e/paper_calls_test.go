//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
)

// target is a resource whose calls fail.
type target struct {
	kind string // ARM type
	name string // in Azure; "" for a group, whose name is made up at every creation
	as   string // what the program calls it
}

// targets are the resources of the model.
func (p *paperLab) targets(t *testing.T) []target {
	t.Helper()
	var all []target
	for _, r := range p.azure(t).Resources() {
		one := target{r.Type, lastOf(r.ID), lastOf(r.ID)}
		if r.Type == groupType {
			one.name, one.as = "", "azswarm"
		}
		all = append(all, one)
	}
	return all
}

// oneOfEach picks a resource of each type.
func oneOfEach(targets []target) []target {
	var picked []target
	for _, one := range targets {
		if !slices.ContainsFunc(picked, func(other target) bool { return other.kind == one.kind }) {
			picked = append(picked, one)
		}
	}
	return picked
}

// failing is a call that fails, and what the user has to be told.
type failing struct {
	fault.Call
	as   string
	said string
}

func (f failing) String() string { return fmt.Sprintf("%s of %s %s", f.Operation, f.Type, f.as) }

// once makes one call to each of the targets fail. The answers take turns.
func once(targets []target, operation fault.Operation, answers ...fault.Answer) []failing {
	var calls []failing
	for i, target := range targets {
		answer := answers[i%len(answers)]
		calls = append(calls, failing{
			fault.Call{Type: target.kind, Operation: operation, Name: target.name, Answer: answer}, target.as, answer.Message,
		})
	}
	return calls
}

// insisting makes the provider's repetitions fail too.
func insisting(calls []failing) []failing {
	for i := range calls {
		calls[i].Insist = true
	}
	return calls
}

// set puts these faults in force, in place of all others.
func (p *paperLab) set(t *testing.T, calls []failing) {
	t.Helper()
	table := p.faults()
	if err := table.Clear(); err != nil {
		t.Fatal(err)
	}
	for _, call := range calls {
		if _, err := table.Add(call.Call); err != nil {
			t.Fatal(err)
		}
	}
}

// struck tells of every fault whether a call has run into it.
func (p *paperLab) struck(t *testing.T) []bool {
	t.Helper()
	set, err := p.faults().Load()
	if err != nil {
		t.Fatal(err)
	}
	struck := make([]bool, len(set.Calls))
	for i, call := range set.Calls {
		struck[i] = call.Struck > 0
	}
	return struck
}

func (p *paperLab) allStruck(t *testing.T, calls []failing) {
	t.Helper()
	for i, struck := range p.struck(t) {
		if !struck {
			t.Errorf("never made: %s", calls[i])
		}
	}
}

// blames tells whether Pulumi's diagnostics say of the resource what it was told.
func (r pulumiRun) blames(f failing) bool {
	plural := strings.ToLower(f.Type[strings.LastIndex(f.Type, "/")+1:])
	_, diagnostics, _ := strings.Cut(r.output, "\nDiagnostics:\n")
	for section := range strings.SplitSeq(diagnostics, "\n\n") {
		title, text, _ := strings.Cut(strings.TrimSpace(section), "\n") // azure-native:network/v20240501:NatGateway (azswarm-nat):
		token, name, _ := strings.Cut(title, " ")
		kind := strings.TrimSuffix(strings.ToLower(token[strings.LastIndex(token, ":")+1:]), "s")
		if kind != "" && strings.HasPrefix(plural, kind) && name == "("+f.as+"):" && strings.Contains(text, f.said) {
			return true
		}
	}
	return false
}

// failEach makes every one of the calls fail once, and repeats the run until one succeeds: each that meets failures names every
// resource and what Azure said, and leaves nothing behind that Pulumi doesn't know of. It returns how many failed.
func (p *paperLab) failEach(t *testing.T, calls []failing, run func() pulumiRun) int {
	t.Helper()
	p.set(t, calls)
	before := make([]bool, len(calls))
	for runs := 0; ; runs++ {
		r, now := run(), p.struck(t)
		var met []string
		removed := false
		for i, call := range calls {
			if !now[i] || before[i] {
				continue
			}
			met = append(met, call.String())
			removed = removed || call.Operation == fault.Delete && call.Answer.Changed
			if !r.blames(call) {
				t.Errorf("%s failed, and the error doesn't name it and %q\n%s", call, call.said, tail(r.output))
			}
		}
		before = now
		unknown, gone := p.strays(t)
		if len(unknown) > 0 || len(gone) > 0 && !removed {
			t.Errorf("after the failed %s: Pulumi doesn't know of %v, and believes in %v", strings.Join(met, ", "), unknown, gone)
		}
		switch {
		case r.err == nil && len(met) > 0:
			t.Errorf("%s failed, and Pulumi did not\n%s", strings.Join(met, ", "), tail(r.output))
		case r.err != nil && len(met) == 0:
			t.Fatalf("it fails on, with nothing made to fail: %v\n%s", r.err, tail(r.output))
		}
		if r.err == nil {
			p.allStruck(t, calls)
			return runs
		}
	}
}

// unnoticed makes every one of the calls fail once in a single run, which succeeds nevertheless.
func (p *paperLab) unnoticed(t *testing.T, calls []failing, run func() pulumiRun) {
	t.Helper()
	p.set(t, calls)
	if r := run(); r.err != nil {
		t.Fatalf("failures that pass are noticed: %v\n%s", r.err, tail(r.output))
	}
	p.allStruck(t, calls)
	if unknown, gone := p.strays(t); len(unknown)+len(gone) > 0 {
		t.Errorf("Pulumi doesn't know of %v, and believes in %v", unknown, gone)
	}
}
