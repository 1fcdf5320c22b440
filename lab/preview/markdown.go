package preview

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	// Mark begins the Markdown of a stack's plan, with the stack's name behind it: whoever comments finds the earlier comment by
	// it.
	Mark = "<!-- azswarm preview of stack "
	// commentLimit is what GitHub takes as a comment, less some room; in characters.
	commentLimit = 65536 - 1024
	// diagramLimit bounds the components in the diagram: more can't be read, and Mermaid refuses many.
	diagramLimit = 40
)

// signs are what the operations look like, in diagrams and lists.
var signs = map[Operation]string{Delete: "−", Replace: "±", Update: "~", Create: "+"}

// Markdown writes the plan as a comment on a pull request: a summary and a diagram, and below them, folded, what changes. It
// is never longer than a comment may be.
func (p *Plan) Markdown(w io.Writer) error {
	var head, rows strings.Builder
	fmt.Fprintf(&head, "%s%s -->\n### Preview of stack `%s`: %s\n\n", Mark, p.Stack, p.Stack, p.Summary())
	if len(p.Refusals) > 0 {
		fmt.Fprintf(&head, "> [!CAUTION]\n> **This would fail.** What is refused:\n")
		for _, refusal := range p.Refusals {
			fmt.Fprintf(&head, "> - %s\n", refusal.markdown())
		}
		head.WriteString("\n")
	}
	p.diagram(&head)
	for _, note := range p.Notes {
		fmt.Fprintf(&head, "_%s_\n\n", text(note))
	}
	const tail = "\n</details>\n"
	room := commentLimit - len(head.String()) - len(tail) - 400 // for the lines around the table
	left := 0
	for i, change := range p.Changes {
		row := change.row(p.componentName(change.Component))
		if rows.Len()+len(row) > room {
			left = len(p.Changes) - i
			break
		}
		rows.WriteString(row)
	}
	out := head.String()
	if rows.Len() > 0 {
		out += "<details>\n<summary>Plan: what happens to each resource</summary>\n\n| | resource | type | in | what changes |\n|---|---|---|---|---|\n" + rows.String()
		if left > 0 {
			out += fmt.Sprintf("\n%d more: too many for a comment.\n", left)
		}
		out += tail
	}
	_, err := io.WriteString(w, out)
	return err
}

// Summary counts the plan's changes in a line.
func (p *Plan) Summary() string {
	words := map[Operation]string{Create: "to create", Update: "to update", Replace: "to replace", Delete: "to delete"}
	var parts []string
	for _, operation := range []Operation{Create, Update, Replace, Delete} {
		if count := p.Counts[operation]; count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, words[operation]))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing changes")
	}
	if same := p.Counts[Same]; same > 0 {
		parts = append(parts, fmt.Sprintf("%d stay as they are", same))
	}
	return strings.Join(parts, ", ")
}

// diagram draws the components with the number of their resources that change.
func (p *Plan) diagram(w *strings.Builder) {
	counts := map[string]map[Operation]int{}
	add := func(component string, operation Operation, n int) {
		if counts[component] == nil {
			counts[component] = map[Operation]int{}
		}
		counts[component][operation] += n
	}
	for _, change := range p.Changes {
		add(change.Component, change.Operation, 1)
	}
	if len(counts) == 0 {
		return
	}
	for component, n := range p.Unchanged {
		if component != "" {
			add(component, Same, n)
		}
	}
	var order []string
	for component := range counts {
		order = append(order, component)
	}
	slices.Sort(order)
	ids := map[string]string{}
	w.WriteString("```mermaid\nflowchart LR\n")
	for i, component := range order {
		if i == diagramLimit {
			fmt.Fprintf(w, "  more[\"%d more\"]\n", len(order)-i)
			break
		}
		ids[component] = fmt.Sprintf("c%d", i)
		fmt.Fprintf(w, "  c%d[\"%s\"]:::%s\n", i, p.label(component, counts[component]), worst(counts[component]))
	}
	for _, link := range p.Links {
		if from, to := ids[link[0]], ids[link[1]]; from != "" && to != "" {
			fmt.Fprintf(w, "  %s --> %s\n", from, to)
		}
	}
	w.WriteString("  classDef delete stroke:#cf222e,stroke-width:3px\n  classDef replace stroke:#bc4c00,stroke-width:3px\n" +
		"  classDef update stroke:#9a6700,stroke-width:2px\n  classDef create stroke:#1a7f37,stroke-width:2px\n  classDef same stroke-dasharray:4\n```\n\n")
}

func (p *Plan) label(component string, counts map[Operation]int) string {
	lines := []string{"the stack itself"}
	if component != "" {
		kind, name := split(component)
		lines = []string{diagramText(name), diagramText(kind[strings.LastIndex(kind, ":")+1:])}
	}
	var parts []string
	for _, operation := range []Operation{Create, Update, Replace, Delete} {
		if n := counts[operation]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s%d", signs[operation], n))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%d unchanged", counts[Same]))
	}
	return strings.Join(append(lines, strings.Join(parts, " ")), "<br/>")
}

// worst is the most dangerous operation there is.
func worst(counts map[Operation]int) Operation {
	for _, operation := range operations {
		if counts[operation] > 0 {
			return operation
		}
	}
	return Same
}

func (p *Plan) componentName(component string) string {
	if component == "" {
		return ""
	}
	_, name := split(component)
	return name
}

func (c Change) row(component string) string {
	var reasons []string
	for _, reason := range c.Reasons {
		line := code(reason.Path)
		if reason.Old != "" || reason.New != "" {
			line += ": " + orNothing(reason.Old) + " → " + orNothing(reason.New)
		}
		if reason.Replaces {
			line += " (replaces)"
		}
		reasons = append(reasons, line)
	}
	if note := c.truth(); note != "" {
		reasons = append(reasons, note)
	}
	return fmt.Sprintf("| %s %s | %s | %s | %s | %s |\n", signs[c.Operation], c.Operation, code(c.Name), code(c.Type), text(component), strings.Join(reasons, "<br>"))
}

// truth says where the rehearsal did something else.
func (c Change) truth() string {
	switch c.Rehearsed {
	case "":
		return ""
	case Same:
		return "in the rehearsal it stayed as it is"
	}
	return fmt.Sprintf("in the rehearsal: %s", c.Rehearsed)
}

func orNothing(value string) string {
	if value == "" {
		return "…"
	}
	return code(value)
}

func (r Refusal) markdown() string {
	if r.Name == "" {
		return text(r.Message)
	}
	return fmt.Sprintf("%s (%s): %s", code(r.Name), code(r.Type), text(r.Message))
}

// code is a value as code, in a table or out of one.
func code(value string) string {
	value = strings.ReplaceAll(oneLine(value), "|", `\|`)
	if strings.Contains(value, "`") {
		return "`` " + value + " ``"
	}
	return "`" + value + "`"
}

// text is a value as plain text: nothing in it is markup.
func text(value string) string {
	return escaper.Replace(oneLine(value))
}

var escaper = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`, "@", "&#64;", "#", `\#`)

// diagramText is a value within quotes in Mermaid.
func diagramText(value string) string {
	return strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;").Replace(oneLine(value))
}

// oneLine joins lines: neither a table's row nor a list's entry may end in the midst of a message.
func oneLine(value string) string { return strings.Join(strings.Fields(value), " ") }
