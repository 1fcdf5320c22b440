// Package preview turns what `pulumi preview --json` says, and what a rehearsal on the model of Azure adds, into a plan for
// people: as text for a terminal, and as Markdown with a diagram for a pull request.
//
// A plan shows names, and values that are neither secret nor long. What Pulumi marks as secret never gets into one.
package preview

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Operation is what happens to a resource.
type Operation string

// The operations, in the order in which plans list them.
const (
	Delete  Operation = "delete"
	Replace Operation = "replace"
	Update  Operation = "update"
	Create  Operation = "create"
	Same    Operation = "same"
)

// operations lists those that change something.
var operations = []Operation{Delete, Replace, Update, Create}

// operationOf translates Pulumi's steps. Several steps replace one resource.
var operationOf = map[string]Operation{
	"create": Create, "update": Update, "delete": Delete, "same": Same, "import": Create, "read": Same, "refresh": Same,
	"replace": Replace, "create-replacement": Replace, "delete-replaced": Replace, "import-replacement": Replace,
	"read-replacement": Replace, "discard-replaced": Replace, "discard": Same, "remove-pending-replace": Same,
}

// operationFor translates a step. Other arguments of a component are recorded and change nothing: what they change is in the component.
func operationFor(op, urn string) (Operation, bool) {
	operation, known := operationOf[op]
	if kind, _ := split(urn); operation == Update && isComponent(kind) {
		return Same, true
	}
	return operation, known
}

// Change is one resource of a plan.
type Change struct {
	Operation Operation
	URN       string
	Type      string // "azure-native:network:VirtualNetwork", without the API's version
	Name      string
	Component string     // URN of the outermost component it belongs to, "" for the stack
	Reasons   []Property // what changes; none for a creation or deletion
	Rehearsed Operation  // what the rehearsal did instead, "" for the same
}

// Property is one property that changes.
type Property struct {
	Path     string
	Replaces bool
	Old, New string // "" where they are secret, unknown, long or no scalars
}

// Refusal is an error: a property that is not allowed, or what Azure answers.
type Refusal struct {
	Name    string // of the resource, "" for the program itself
	Type    string
	Message string
}

// Plan is what an update would do.
type Plan struct {
	Stack     string
	Changes   []Change // ordered by component, operation and name; what stays the same is left out
	Counts    map[Operation]int
	Refusals  []Refusal      // in the order in which they came
	Notes     []string       // about the preview itself
	Links     [][2]string    // component URNs: the second needs the first
	Unchanged map[string]int // by component URN
}

// digest is the part of `pulumi preview --json` that is used.
type digest struct {
	Steps       []step         `json:"steps"`
	Summary     map[string]int `json:"changeSummary"` // what stays the same is counted here alone
	Diagnostics []struct {
		URN      string `json:"urn"`
		Message  string `json:"message"`
		Severity string `json:"severity"`
	} `json:"diagnostics"`
}

type step struct {
	Op             string   `json:"op"`
	URN            string   `json:"urn"`
	Old            *state   `json:"oldState"`
	New            *state   `json:"newState"`
	ReplaceReasons []string `json:"replaceReasons"`
	DiffReasons    []string `json:"diffReasons"`
	DetailedDiff   map[string]struct {
		Kind string `json:"kind"`
	} `json:"detailedDiff"`
}

type state struct {
	Parent       string         `json:"parent"`
	Inputs       map[string]any `json:"inputs"`
	Dependencies []string       `json:"dependencies"`
}

// Parse reads what `pulumi preview --json` printed for a stack.
func Parse(stack string, output []byte) (*Plan, error) {
	var d digest
	if err := json.Unmarshal(output, &d); err != nil {
		return nil, fmt.Errorf("read the preview: %w", err)
	}
	p := &Plan{Stack: stack, Counts: map[Operation]int{}, Unchanged: map[string]int{}}
	tree := components(d.Steps)
	changes := map[string]*Change{}
	for _, s := range d.Steps {
		operation, known := operationFor(s.Op, s.URN)
		if !known {
			return nil, fmt.Errorf("read the preview: step %q of %s is unknown", s.Op, s.URN)
		}
		change := changes[s.URN]
		if change == nil {
			kind, name := split(s.URN)
			change = &Change{Operation: operation, URN: s.URN, Type: kind, Name: name, Component: tree.outermost(s.URN)}
			changes[s.URN] = change
		}
		if operation == Replace {
			change.Operation = Replace
		}
		for _, reason := range s.reasons() {
			change.because(reason)
		}
	}
	for _, urn := range slices.Sorted(maps.Keys(changes)) {
		change := changes[urn]
		p.Counts[change.Operation]++
		if change.Operation == Same {
			p.Unchanged[change.Component]++
			continue
		}
		slices.SortFunc(change.Reasons, func(a, b Property) int { return strings.Compare(a.Path, b.Path) })
		p.Changes = append(p.Changes, *change)
	}
	p.Counts[Same] = max(p.Counts[Same], d.Summary["same"])
	slices.SortStableFunc(p.Changes, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.Component, b.Component), slices.Index(operations, a.Operation)-slices.Index(operations, b.Operation), naturally(a.Name, b.Name))
	})
	p.Links = tree.links(d.Steps)
	for _, diagnostic := range d.Diagnostics {
		if diagnostic.Severity == "error" {
			p.Refuse(diagnostic.URN, diagnostic.Message)
		}
	}
	return p, nil
}

// because adds a reason, unless another step of the same replacement has given it.
func (c *Change) because(reason Property) {
	for i := range c.Reasons {
		if c.Reasons[i].Path == reason.Path {
			c.Reasons[i].Replaces = c.Reasons[i].Replaces || reason.Replaces
			return
		}
	}
	c.Reasons = append(c.Reasons, reason)
}

// Refuse adds an error, unless it is in the plan already or says no more than that there was one.
func (p *Plan) Refuse(urn, message string) {
	message = strings.TrimSpace(message)
	if message == "" || slices.Contains(hollow, message) {
		return
	}
	refusal := Refusal{Message: message}
	if urn != "" {
		refusal.Type, refusal.Name = split(urn)
	}
	if !slices.Contains(p.Refusals, refusal) {
		p.Refusals = append(p.Refusals, refusal)
	}
}

// hollow are errors that only say that there were others.
var hollow = []string{"update failed", "preview failed"}

// split cuts a URN into the type, less the versions of Azure's APIs, and the name.
func split(urn string) (kind, name string) {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return "", urn
	}
	types := strings.Split(parts[2], "$")
	kind = types[len(types)-1]
	if module, typ, found := strings.Cut(kind, "/v2"); found {
		if _, last, ok := strings.Cut(typ, ":"); ok {
			kind = module + ":" + last
		}
	}
	return kind, parts[3]
}
