// Package page draws a cluster as one HTML file that needs nothing else: machines by subnet and place, who leads, what runs where,
// and what may reach what. Served, it shows how the cluster is now.
package page

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// Page is what is drawn.
type Page struct {
	Report  *status.Report
	Network *Network // nil where the stack's resources could not be read
	Faults  []string // what a lab has broken on purpose
	Failure string   // why there is no newer report; "" where there is
}

//go:embed page.html
var document string

//go:embed page.css
var style string

//go:embed page.js
var script string

var templates = template.Must(template.New("document").Funcs(template.FuncMap{
	"style":  func() template.CSS { return template.CSS(style) },
	"script": func() template.JS { return template.JS(script) },
	"gib":    func(bytes int64) string { return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30)) },
	"what":   func(p status.Problem) string { return strings.TrimPrefix(p.What, p.Where+": ") },
	"short":  func(image string) string { image, _, _ = strings.Cut(image, "@"); return image },
}).Parse(document))

// Write writes the page as it is now.
func (p Page) Write(w io.Writer) error {
	return p.execute(w, "document", false)
}

// WriteFile gives a file the page as it is now, at once: a browser sees the old one or the new one.
func (p Page) WriteFile(path string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	err = errors.Join(p.Write(temporary), temporary.Chmod(0o644), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// body is the part of the page that changes.
func (p Page) body() (string, error) {
	var text bytes.Buffer
	err := p.execute(&text, "body", true)
	return text.String(), err
}

func (p Page) execute(w io.Writer, name string, live bool) error {
	err := templates.ExecuteTemplate(w, name, struct {
		Page
		Live  bool
		Tiers []tier
	}{p, live, p.tiers()})
	if err != nil {
		return fmt.Errorf("draw the page: %w", err)
	}
	return nil
}

// tier is a subnet with its machines.
type tier struct {
	Name   string
	Title  string
	Range  string
	Places []place
}

// place is a zone or a fault domain.
type place struct {
	Name     string // "" where it is not known
	Machines []machine
}

// machine is one with what is wrong with it.
type machine struct {
	status.Machine
	State    string // well, warning or failed
	Word     string // the same for people
	Roles    []role
	Disk     int // percent of the fullest
	Problems []status.Problem
}

// role is what a machine is to Consul or the Swarm.
type role struct {
	Text   string
	Leader bool
}

var words = map[status.Severity]string{"": "✓ well", status.Warning: "! look", status.Failed: "✗ failed"}

func (p Page) tiers() []tier {
	problems := map[string][]status.Problem{}
	for _, problem := range p.Report.Problems {
		problems[problem.Where] = append(problems[problem.Where], problem)
	}
	worst := p.Report.Worst()
	var tiers []tier
	for _, name := range []string{access.TierBastion, access.TierConsul, access.TierManagers, access.TierWorkers} {
		t := tier{Name: name, Title: p.Report.Title(name), Range: p.Network.rangeOf(name)}
		for _, m := range p.Report.Machines {
			if m.Tier != name {
				continue
			}
			at := slices.IndexFunc(t.Places, func(other place) bool { return other.Name == m.Place })
			if at < 0 {
				at = len(t.Places)
				t.Places = append(t.Places, place{Name: m.Place})
			}
			t.Places[at].Machines = append(t.Places[at].Machines, machine{
				Machine:  m,
				State:    cmp.Or(string(worst[m.Name]), "well"),
				Word:     words[worst[m.Name]],
				Roles:    roles(m),
				Disk:     m.FullestDisk(),
				Problems: problems[m.Name],
			})
		}
		slices.SortStableFunc(t.Places, func(a, b place) int { return strings.Compare(a.Name, b.Name) })
		if len(t.Places) > 0 {
			tiers = append(tiers, t)
		}
	}
	return tiers
}

func roles(m status.Machine) []role {
	var found []role
	if m.Consul != "" {
		found = append(found, role{Text: "Consul: " + m.Consul, Leader: m.Consul == "leader"})
	}
	if text := m.Swarm.Role(); text != "" {
		found = append(found, role{Text: "Swarm: " + text, Leader: m.Swarm.Manager == "Leader" || m.Swarm.Manager == "primary"})
	}
	return found
}
