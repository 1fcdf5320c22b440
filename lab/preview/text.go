package preview

import (
	"fmt"
	"io"
	"strings"
)

// Text writes the plan for a terminal.
func (p *Plan) Text(w io.Writer) error {
	var out strings.Builder
	component := "\x00"
	for _, change := range p.Changes {
		if change.Component != component {
			component = change.Component
			name := p.componentName(component)
			if name == "" {
				name = "the stack itself"
			}
			fmt.Fprintf(&out, "\n%s\n", name)
		}
		fmt.Fprintf(&out, "  %s %-8s %-28s %s\n", signs[change.Operation], change.Operation, change.Name, change.Type)
		for _, reason := range change.Reasons {
			fmt.Fprintf(&out, "               %s%s%s\n", reason.Path, reason.arrow(), map[bool]string{true: " (replaces)"}[reason.Replaces])
		}
		if note := change.truth(); note != "" {
			fmt.Fprintf(&out, "               (%s)\n", note)
		}
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&out, "\nnote: %s\n", note)
	}
	fmt.Fprintf(&out, "\nstack %s: %s\n", p.Stack, p.Summary())
	for _, refusal := range p.Refusals {
		name := refusal.Name
		if name == "" {
			name = "the program"
		}
		fmt.Fprintf(&out, "refused: %s: %s\n", name, strings.ReplaceAll(refusal.Message, "\n", "\n         "))
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// arrow is the change of a value, if it can be shown.
func (reason Property) arrow() string {
	if reason.Old == "" && reason.New == "" {
		return ""
	}
	shown := func(value string) string {
		if value == "" {
			return "…"
		}
		return value
	}
	return ": " + shown(reason.Old) + " -> " + shown(reason.New)
}
