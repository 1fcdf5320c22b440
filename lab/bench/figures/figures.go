// Package figures makes what is printed out of what was measured.
package figures

import (
	"slices"
	"strings"
	"time"
)

// Median is the middle of several durations; of an even number, the mean of the two in the middle. Of none it is 0.
func Median(durations []time.Duration) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(durations))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// Logins counts the connections in what sshd wrote into a machine's journal: one line for each that was let in.
func Logins(journal string) int {
	count := 0
	for line := range strings.Lines(journal) {
		if strings.HasPrefix(line, "Accepted publickey for ") {
			count++
		}
	}
	return count
}

// Table is a table in Markdown. The first row is the head; all columns but the first are aligned to the right, as numbers are.
func Table(rows [][]string) string {
	if len(rows) == 0 {
		return ""
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)), 3)
		}
	}
	var text strings.Builder
	write := func(cells []string) {
		for i, cell := range cells {
			fill := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if i == 0 {
				text.WriteString("| " + cell + fill + " |")
			} else {
				text.WriteString(" " + fill + cell + " |")
			}
		}
		text.WriteString("\n")
	}
	write(rows[0])
	rule := make([]string, len(widths))
	for i, width := range widths {
		rule[i] = strings.Repeat("-", width)
		if i > 0 {
			rule[i] = strings.Repeat("-", width-1) + ":"
		}
	}
	write(rule)
	for _, row := range rows[1:] {
		write(row)
	}
	return text.String()
}
