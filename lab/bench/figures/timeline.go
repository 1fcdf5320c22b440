package figures

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Step is a resource that an update created.
type Step struct {
	Name  string
	Type  string
	End   time.Time // when the engine had created it
	After []string  // URNs of what it waits for: dependencies and parent
	urn   string
}

// Steps reads when each resource of an exported stack was created. A resource that the engine gives no time is left out.
func Steps(export []byte) ([]Step, error) {
	var state struct {
		Deployment struct {
			Resources []struct {
				URN          string    `json:"urn"`
				Type         string    `json:"type"`
				Parent       string    `json:"parent"`
				Dependencies []string  `json:"dependencies"`
				Provider     string    `json:"provider"`
				Created      time.Time `json:"created"`
			} `json:"resources"`
		} `json:"deployment"`
	}
	if err := json.Unmarshal(export, &state); err != nil {
		return nil, fmt.Errorf("read the exported stack: %w", err)
	}
	var steps []Step
	for _, r := range state.Deployment.Resources {
		if r.Created.IsZero() {
			continue
		}
		after := slices.Clone(r.Dependencies)
		if i := strings.LastIndex(r.Provider, "::"); i >= 0 { // "URN::id": configured before anything that uses it
			after = append(after, r.Provider[:i])
		}
		if r.Parent != "" {
			after = append(after, r.Parent)
		}
		steps = append(steps, Step{Name: r.URN[strings.LastIndex(r.URN, "::")+2:], Type: r.Type, End: r.Created, After: after, urn: r.URN})
	}
	return steps, nil
}

// Phase is a part of an update, up to when the last of what belongs to it was there.
type Phase struct {
	Name string
	// Last tells whether a step belongs to the phase.
	Last func(Step) bool
}

// Split divides an update into phases, in their order. Where a phase is over before the one ahead of it, as it ran beside it, it takes
// no time. A phase to which no step belongs is an error: its name may have changed.
func Split(steps []Step, begun time.Time, phases []Phase) ([]time.Duration, error) {
	durations := make([]time.Duration, len(phases))
	at := begun
	for i, phase := range phases {
		end, found := at, false
		for _, step := range steps {
			if phase.Last(step) {
				found = true
				if step.End.After(end) {
					end = step.End
				}
			}
		}
		if !found {
			return nil, fmt.Errorf("phase %s: no resource of the stack belongs to it", phase.Name)
		}
		durations[i], at = end.Sub(at), end
	}
	return durations, nil
}

// Link is a step on the longest chain of an update.
type Link struct {
	Step
	// Took is the time from when the last of what it waits for was there.
	Took time.Duration
}

// Longest is the chain of steps that an update waited for, from the first to the one that ended last: before each comes, of those
// that it waits for, the one that ended last.
func Longest(steps []Step, begun time.Time) []Link {
	if len(steps) == 0 {
		return nil
	}
	known := map[string]Step{}
	last := steps[0]
	for _, step := range steps {
		known[step.urn] = step
		if step.End.After(last.End) {
			last = step
		}
	}
	var chain []Link
	for {
		var before Step
		for _, urn := range last.After {
			if step, ok := known[urn]; ok && step.End.After(before.End) && step.End.Before(last.End) {
				before = step
			}
		}
		start := before.End
		if start.Before(begun) {
			start = begun
		}
		chain = append(chain, Link{last, last.End.Sub(start)})
		if before.urn == "" {
			slices.Reverse(chain)
			return chain
		}
		last = before
	}
}
