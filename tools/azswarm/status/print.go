package status

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// Style is how a report is printed.
type Style struct {
	Color bool // for a terminal
	Width int  // columns; 0: DefaultWidth
	All   bool // every machine, service and problem, however many there are
}

// DefaultWidth is what a report needs.
const DefaultWidth = 100

// Beyond so many, what is well is counted instead of listed.
const (
	mostMachines = 16 // of a tier
	mostServices = 12
	mostProblems = 15
)

// Print writes the report for people to read.
func (r *Report) Print(w io.Writer, style Style) {
	p := &printer{Style: style, w: w}
	p.Width = cmp.Or(p.Width, DefaultWidth)
	p.line(bold, "%s  %s  %s", r.Stack, dash(r.ResourceGroup), r.Time.Format("2006-01-02 15:04:05 MST"))
	p.machines(r)
	p.services(r)
	p.certificates(r)
	p.verdict(r)
}

// Colours of a terminal.
const (
	none   = ""
	bold   = "1"
	green  = "32"
	yellow = "33"
	red    = "31"
	faint  = "2"
)

type printer struct {
	Style
	w io.Writer
}

// line prints one line, cut to the width.
func (p *printer) line(color, format string, args ...any) {
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", " ")
	text = clip(strings.TrimRight(text, " "), p.Width)
	if p.Color && color != none {
		text = "\x1b[" + color + "m" + text + "\x1b[0m"
	}
	fmt.Fprintln(p.w, text)
}

// clip cuts a text to a number of columns.
func clip(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

// headings of the table of machines.
var headings = []string{"MACHINE", "ADDRESS", "SIZE", "IMAGE", "ENGINE", "CONSUL", "SWARM", "DISK", "MEM"}

// widest are the widths to which its columns may grow.
var widest = []int{18, 15, 11, 10, 9, 7, 14, 4, 4}

func (p *printer) machines(r *Report) {
	worst := r.Worst()
	rows := [][]string{headings}
	for _, m := range r.Machines {
		rows = append(rows, machineRow(m))
	}
	table := p.table(rows, widest)
	fmt.Fprintln(p.w)
	p.line(faint, "%s", table[0])
	for _, tier := range []string{access.TierBastion, access.TierConsul, access.TierManagers, access.TierWorkers} {
		p.tier(r, tier, worst, table[1:])
	}
}

// tier prints the machines of one tier, of many those that need a look.
func (p *printer) tier(r *Report, tier string, worst map[string]Severity, rows []string) {
	count := r.count(tier)
	if count == 0 {
		return
	}
	p.line(bold, "%s", r.Title(tier))
	hidden := 0
	for i, m := range r.Machines {
		switch {
		case m.Tier != tier:
		case !p.All && count > mostMachines && worst[m.Name] == "":
			hidden++
		default:
			p.line(severityColor(worst[m.Name]), "%s", rows[i])
		}
	}
	if hidden > 0 {
		p.line(none, "  … and %d more, all well (--all lists them)", hidden)
	}
}

func severityColor(severity Severity) string {
	switch severity {
	case Failed:
		return red
	case Warning:
		return yellow
	}
	return none
}

func machineRow(m Machine) []string {
	row := []string{"  " + m.Name, m.Address}
	if m.Silent != "" && m.Engine == "" && m.Image == "" {
		return append(row, "-", "no answer", "-", dash(m.Consul), dash(m.Swarm.Role()), "-", "-")
	}
	size := strings.TrimPrefix(m.Size, "Standard_")
	if size == "" {
		size = fmt.Sprintf("%d × %s", m.CPUs, gibibytes(m.Memory.Bytes))
	}
	engine, _, _ := strings.Cut(m.Engine, "+")
	if m.EngineError != "" {
		engine = "down"
	}
	return append(row, size, dash(m.Image), dash(engine), dash(m.Consul), dash(m.Swarm.Role()), diskCell(m), percent(m.Memory.Used()))
}

// diskCell is how full the fullest file system is.
func diskCell(m Machine) string {
	if len(m.Disks) == 0 {
		return "-"
	}
	return percent(m.FullestDisk())
}

func percent(n int) string { return fmt.Sprintf("%d%%", n) }

func gibibytes(bytes int64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) }

// table puts cells below each other, columns being as wide as what is in them, but not wider than most.
func (p *printer) table(rows [][]string, most []int) []string {
	widths := make([]int, len(most))
	total := 0
	for i := range most {
		for _, row := range rows {
			widths[i] = max(widths[i], min(utf8.RuneCountInString(row[i]), most[i]))
		}
		total += widths[i]
	}
	gap := 2
	if total+gap*(len(most)-1) > p.Width {
		gap = 1
	}
	var lines []string
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			cell = clip(cell, widths[i])
			line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+gap))
		}
		lines = append(lines, line.String())
	}
	return lines
}

func dash(text string) string { return cmp.Or(text, "-") }

func (p *printer) services(r *Report) {
	if len(r.Services) == 0 {
		return
	}
	rows := [][]string{{fmt.Sprintf("SERVICE (%d)", len(r.Services)), "MODE", "REPLICAS", "IMAGE"}}
	for _, s := range r.Services {
		image, _, _ := strings.Cut(s.Image, "@")
		rows = append(rows, []string{"  " + s.Name, s.Mode, fmt.Sprintf("%d/%d", s.Running, s.Desired), image})
	}
	table := p.table(rows, []int{30, 14, 9, 41})
	fmt.Fprintln(p.w)
	p.line(faint, "%s", table[0])
	hidden := 0
	for i, s := range r.Services {
		switch short := s.Running < s.Desired; {
		case short:
			p.line(red, "%s", table[i+1])
		case !p.All && len(r.Services) > mostServices:
			hidden++
		default:
			p.line(none, "%s", table[i+1])
		}
	}
	if hidden > 0 {
		p.line(none, "  … and %d more, all replicas run (--all lists them)", hidden)
	}
}

// certificates prints, of each kind, the one that ends first.
func (p *printer) certificates(r *Report) {
	if len(r.Certificates) == 0 {
		return
	}
	first := map[string]Certificate{}
	var kinds []string
	for _, c := range r.Certificates {
		known, there := first[c.Kind]
		if !there {
			kinds = append(kinds, c.Kind)
		}
		if !there || c.Ends.Before(known.Ends) {
			first[c.Kind] = c
		}
	}
	rows := [][]string{{"CERTIFICATE", "MADE", "ENDS", "", "THE FIRST IS OF"}}
	for _, kind := range kinds {
		c := first[kind]
		left := c.Ends.Sub(r.Time)
		ends := "in " + days(left)
		if left <= 0 {
			ends = "has ended"
		}
		rows = append(rows, []string{"  " + kind, days(r.Time.Sub(c.Made)) + " ago", ends, c.Ends.Format(time.DateOnly), cmp.Or(c.Machine, "this stack")})
	}
	table := p.table(rows, []int{24, 14, 14, 10, 20})
	fmt.Fprintln(p.w)
	p.line(faint, "%s", table[0])
	for _, line := range table[1:] {
		p.line(none, "%s", line)
	}
}

func (p *printer) verdict(r *Report) {
	fmt.Fprintln(p.w)
	if len(r.Problems) == 0 {
		p.line(green, "all is well")
		return
	}
	color := severityColor(r.Problems[0].Severity) // what failed comes first
	p.line(color, "%s", plural(len(r.Problems), "problem", "problems"))
	for i, problem := range r.Problems {
		if i == mostProblems && !p.All {
			p.line(none, "  … and %d more (--all lists them)", len(r.Problems)-i)
			break
		}
		p.line(severityColor(problem.Severity), "  %-7s  %s: %s", problem.Severity, problem.Where, strings.TrimPrefix(problem.What, problem.Where+": "))
	}
}
