package command

import (
	"slices"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/remote"
)

// NotRun is what a command that [NewPaper]'s provider did not run has for its standard output.
const NotRun = "no machines: this command was not run"

// Operation is something a provider on paper was asked to do.
type Operation struct {
	Kind string // "create", "update" or "delete"
	URN  string // of the resource
}

// NewPaper makes a provider that has no machines: it checks everything that can be wrong before a host is dialled, contacts
// nobody and runs nothing, local commands neither. Standard output is [NotRun].
func NewPaper() *Provider {
	p := New()
	p.paper = true
	return p
}

// Operations are what a provider on paper was asked to do, in the order in which that was done.
func (p *Provider) Operations() []Operation {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.operations)
}

// record notes what was done on paper.
func (p *Provider) record(kind, urn string) {
	if !p.paper {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.operations = append(p.operations, Operation{kind, urn})
}

// pretend stands for running a remote command: it fails where the connection could not even be dialled.
func pretend(connection *remote.Connection) (output.Result, error) {
	return output.Result{Stdout: NotRun}, connection.Check()
}
