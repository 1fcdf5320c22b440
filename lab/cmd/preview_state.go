package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
	"github.com/seed-3bc5c20b/azswarm/lab/stackstate"
)

// resume makes the lab's stack and its model of Azure what an exported state says. It returns notes on what it could not
// take over.
func (a *attached) resume(ctx context.Context, path string, progress io.Writer) ([]string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	state, err := stackstate.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if state.Stack() != a.Stack || state.Project() != a.Project.Name {
		return nil, fmt.Errorf("%s: it is the state of stack %s of project %s, not of %s of %s: name the stack with --stack",
			path, state.Stack(), state.Project(), a.Stack, a.Project.Name)
	}
	var notes []string
	if state.IsSealed() {
		if notes, err = a.unseal(ctx, state); err != nil {
			return nil, err
		}
	} else {
		fmt.Fprintf(progress, "%s holds its secrets in plain text, or none: delete it when you don't need it any more\n", path)
	}
	missing, err := a.seed(ctx, state)
	if err != nil {
		return nil, err
	}
	own, err := a.Capture(ctx, nil, "pulumi", "stack", "export")
	if err != nil {
		return nil, fmt.Errorf("take over %s: %w", path, err)
	}
	imported, err := state.Import(own)
	if err != nil {
		return nil, err
	}
	if _, err := a.Capture(ctx, bytes.NewReader(imported), "pulumi", "stack", "import", "--force"); err != nil {
		return nil, fmt.Errorf("take over %s: %w", path, err)
	}
	return append(notes, missing...), nil
}

// unseal gives the state's encrypted secrets the values that the program makes for a stack from nothing.
func (a *attached) unseal(ctx context.Context, state *stackstate.State) ([]string, error) {
	var notes []string
	if _, err := a.rehearse(ctx); err != nil {
		notes = append(notes, "a new stack of this program does not come up, so what depends on secrets may show as changed")
	}
	export, err := a.Capture(ctx, nil, "pulumi", "stack", "export", "--show-secrets")
	if err != nil {
		return nil, fmt.Errorf("read what the program makes secret: %w", err)
	}
	donor, err := stackstate.Parse(export)
	if err != nil {
		return nil, err
	}
	state.Fill(donor)
	return notes, nil
}

// seed begins a new model of Azure that has the state's resources.
func (a *attached) seed(ctx context.Context, state *stackstate.State) ([]string, error) {
	var existing []azure.Existing
	for _, r := range state.Resources() {
		if r.Doomed {
			continue
		}
		existing = append(existing, azure.Existing{Type: r.Type, ID: r.ID, Inputs: r.Inputs, Outputs: r.Outputs})
		if id, err := arm.ParseID(r.ID); err == nil && a.subscription == "" {
			a.subscription = id.Subscription
		}
	}
	a.servers.Stop()
	if err := os.RemoveAll(a.Lab.AzureDir()); err != nil {
		return nil, err
	}
	if err := a.serve(a.options, io.Discard); err != nil {
		return nil, err
	}
	var notes []string
	for _, err := range a.provider.Seed(ctx, existing) {
		notes = append(notes, fmt.Sprintf("the model of Azure can't hold what the state has: %v", err))
	}
	return notes, nil
}
