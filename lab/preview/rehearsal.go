package preview

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// event is the part of a line of `pulumi up --json` that is used.
type event struct {
	Diagnostic *struct {
		URN      string `json:"urn"`
		Message  string `json:"message"`
		Severity string `json:"severity"`
	} `json:"diagnosticEvent"`
	Before *struct {
		Metadata struct {
			Op  string `json:"op"`
			URN string `json:"urn"`
		} `json:"metadata"`
	} `json:"resourcePreEvent"`
}

// longestEvent bounds a line: events carry whole resources.
const longestEvent = 64 << 20

// Rehearse adds what a rehearsal has shown, of which `pulumi up --json` printed output: everything that was refused, or, if
// nothing was, where the preview and the update differ.
func (p *Plan) Rehearse(output []byte) error {
	done := map[string]Operation{}
	lines := bufio.NewScanner(bytes.NewReader(output))
	lines.Buffer(nil, longestEvent)
	for lines.Scan() {
		var e event
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("read the rehearsal: %w", err)
		}
		switch {
		case e.Diagnostic != nil && e.Diagnostic.Severity == "error":
			p.Refuse(e.Diagnostic.URN, e.Diagnostic.Message)
		case e.Before != nil:
			operation, known := operationFor(e.Before.Metadata.Op, e.Before.Metadata.URN)
			if known && done[e.Before.Metadata.URN] != Replace {
				done[e.Before.Metadata.URN] = operation
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the rehearsal: %w", err)
	}
	if len(p.Refusals) == 0 {
		p.compare(done)
	}
	return nil
}

// compare marks the changes that the rehearsal did not make, or made in another way.
func (p *Plan) compare(done map[string]Operation) {
	for i := range p.Changes {
		change := &p.Changes[i]
		operation, known := done[change.URN]
		if !known {
			operation = Same
		}
		if operation != change.Operation {
			change.Rehearsed = operation
		}
	}
	planned := func(urn string) bool {
		return slices.ContainsFunc(p.Changes, func(c Change) bool { return c.URN == urn })
	}
	for urn, operation := range done {
		if operation != Same && !planned(urn) {
			_, name := split(urn)
			p.Notes = append(p.Notes, fmt.Sprintf("the rehearsal did a %s of %s, which the preview had not shown", operation, name))
		}
	}
	slices.Sort(p.Notes)
}
