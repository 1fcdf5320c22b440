package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

// State is what the CLI has written of a stack, as far as the lab looks into it.
type State struct {
	// Pending are the operations that were under way when the CLI was killed.
	Pending []Operation `json:"pending_operations"`
	// Resources are all that Pulumi knows to exist.
	Resources []Resource `json:"resources"`
}

// Resource is one of a stack's, with the id that its provider gave it.
type Resource struct {
	stack.Resource
	ID string `json:"id"`
}

// Operation is one step of an update.
type Operation struct {
	Type     string          `json:"type"` // "creating", "updating" and so on
	Resource PendingResource `json:"resource"`
}

// PendingResource is what an operation was working on.
type PendingResource struct{ stack.Resource }

// Input returns an input that is text, "" if it is something else or absent.
func (r PendingResource) Input(name string) string {
	var text string
	_ = json.Unmarshal(r.Inputs[name], &text) // whatever else it is leaves it empty
	return text
}

// Has tells whether a resource of this provider id is in the state.
func (s State) Has(id string) bool {
	for _, resource := range s.Resources {
		if strings.EqualFold(resource.ID, id) {
			return true
		}
	}
	return false
}

// State reads the stack's state; an empty one if there is none yet.
func (s *Session) State() (State, error) {
	state, err := readState(s.stateFile())
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("read the state of stack %s: %w", s.Stack, err)
	}
	return state, nil
}

// readState reads a state as the CLI keeps it in a file.
func readState(path string) (State, error) {
	content, err := os.ReadFile(path)
	var file struct {
		Checkpoint struct {
			Latest State `json:"latest"`
		} `json:"checkpoint"`
	}
	if err == nil {
		err = json.Unmarshal(content, &file)
	}
	return file.Checkpoint.Latest, err
}

// forgetPending makes the stack forget operations that were under way. Pulumi would warn of them for ever: it can't know
// whether a resource came to be. The lab can: its providers died in the midst of it.
func (s *Session) forgetPending(ctx context.Context) error {
	before, err := s.State()
	if err != nil || len(before.Pending) == 0 {
		return err
	}
	var state, complaint bytes.Buffer
	err = process{
		args: []string{"pulumi", "stack", "export"}, dir: s.Project.Dir, env: s.Environment(), stdout: &state, stderr: &complaint,
	}.run(ctx)
	if err == nil {
		// Importing is what drops them.
		err = process{
			args: []string{"pulumi", "stack", "import"}, dir: s.Project.Dir, env: s.Environment(),
			stdin: &state, stdout: &complaint, stderr: &complaint,
		}.run(ctx)
	}
	if err != nil {
		return fmt.Errorf("forget the operations that were interrupted on stack %s: %w: %s", s.Stack, err, complaint.String())
	}
	return nil
}
