package suites

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Timing is how long one command of a test took.
type Timing struct {
	Test    string
	Command string
	Took    time.Duration
}

// slowest is how many commands a report names.
const slowest = 10

// Report writes the table of all tests, and of the commands that took longest.
func Report(w io.Writer, ended []Ended, took time.Duration, timings []Timing) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nSUITE\tTEST\tSECONDS\tRESULT")
	var sum time.Duration
	for _, e := range ended {
		for _, r := range e.Results {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%.1f\t%s\n", r.Suite, r.Test, r.Seconds, r.Outcome)
		}
		if e.Err != nil {
			_, _ = fmt.Fprintf(table, "%s\tits process\t%.1f\t%v\n", e.Name, e.Took.Seconds(), e.Err)
		}
		sum += e.Took
	}
	_ = table.Flush()
	_, _ = fmt.Fprintf(w, "\n%d suites took %.0f s together, and %.0f s side by side\n", len(ended), sum.Seconds(), took.Seconds())

	reportFailures(w, ended)

	timings = slices.SortedFunc(slices.Values(timings), func(a, b Timing) int { return cmp.Compare(b.Took, a.Took) })
	table = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "\nSECONDS\t  SLOWEST COMMANDS, AND THEIR TESTS\t")
	for _, t := range timings[:min(slowest, len(timings))] {
		_, _ = fmt.Fprintf(table, "%.1f\t  %s: %s\n", t.Took.Seconds(), t.Test, shorten(strings.Join(strings.Fields(t.Command), " ")))
	}
	_ = table.Flush()
}

// reportFailures writes why tests failed: who sees only the end of an output still sees that.
func reportFailures(w io.Writer, ended []Ended) {
	for _, e := range ended {
		for _, r := range e.Results {
			if len(r.Why) > 0 {
				_, _ = fmt.Fprintf(w, "\n%s failed:\n  %s\n", r.Test, strings.Join(r.Why, "\n  "))
			}
		}
	}
}

// shorten keeps a command to a line.
func shorten(command string) string {
	const most = 120
	if len(command) <= most {
		return command
	}
	return command[:most] + " …"
}
