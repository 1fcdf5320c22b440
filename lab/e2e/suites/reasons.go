package suites

import (
	"regexp"
	"slices"
	"strings"
)

// reasons collects the lines of a test's output that tell most of why it failed: the first errors of the programs it ran, and the last
// of what it said itself.
type reasons struct {
	errors, said []string
}

// How many lines of each kind are kept, and how much of a line, in bytes.
const (
	mostErrors = 6
	mostSaid   = 4
	mostOfLine = 400
)

var ownLine = regexp.MustCompile(`^\s+\w+_test\.go:\d+: `)

func (r *reasons) read(line string) {
	line = strings.TrimRight(line, "\n")
	text := strings.TrimSpace(line)
	if len(text) > mostOfLine {
		text = text[:mostOfLine] + " …"
	}
	switch {
	case ownLine.MatchString(line):
		r.said = append(r.said, text)
		if len(r.said) > mostSaid {
			r.said = r.said[1:]
		}
	case strings.Contains(line, "error: ") && len(r.errors) < mostErrors && !slices.Contains(r.errors, text):
		r.errors = append(r.errors, text)
	}
}

func (r *reasons) lines() []string { return slices.Concat(r.errors, r.said) }
