// Package diagnose gathers what somebody who knows azswarm would ask for when a cluster is in trouble, takes the secrets out, and
// reads it for the likeliest causes.
package diagnose

import (
	"context"
	_ "embed"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
)

//go:embed diagnose.sh
var script string

// Bounds on what is gathered.
const (
	eachQuestion = 20 * time.Second
	mostOfOne    = 2 << 20  // bytes of a machine, before compression
	mostOfAll    = 64 << 20 // bytes of all machines
)

// secretsSection has what machines know as secrets. It is never kept.
const secretsSection = "secrets"

// Section is a part of what a machine said.
type Section struct {
	Name string
	Text string
}

// Machine is what a machine said, without secrets.
type Machine struct {
	Name     string
	Err      string // why it said nothing, or not all
	Sections []Section
}

// Gather asks all machines, each for at most the given time. All texts are without secrets: neither these, nor those that any of the
// machines knows.
func Gather(ctx context.Context, runner gather.Runner, outputs access.Outputs, secrets []string, each time.Duration) ([]Machine, *Redactor) {
	answers := gather.Ask(ctx, runner, outputs.Nodes, gather.Script{
		Text: script,
		Each: eachQuestion,
		All:  each,
		Most: min(mostOfOne, mostOfAll/max(1, len(outputs.Nodes))),
	})
	for _, answer := range answers {
		secrets = append(secrets, gather.Lines(answer.Sections[secretsSection])...)
	}
	redactor := NewRedactor(secrets)
	machines := make([]Machine, len(answers))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0)) // it is work for the processor
	for i, answer := range answers {
		group.Go(func() error {
			machines[i] = newMachine(answer, redactor)
			return nil
		})
	}
	_ = group.Wait() // no function of it fails
	return machines, redactor
}

func newMachine(answer gather.Answer, redactor *Redactor) Machine {
	m := Machine{Name: answer.Node.Name}
	if answer.Err != nil {
		m.Err = redactor.Redact(answer.Err.Error())
	}
	for name, text := range answer.Sections {
		if name == secretsSection || name == "end" {
			continue
		}
		if failure := answer.Failures[name]; failure != "" {
			text += "\n\n" + failure
		}
		m.Sections = append(m.Sections, Section{
			Name: name,
			Text: redactor.Redact(text),
		})
	}
	slices.SortFunc(m.Sections, func(a, b Section) int { return strings.Compare(a.Name, b.Name) })
	return m
}
