package docgen

import (
	"fmt"
	"strings"
)

// table renders a Markdown table. A column that is empty in every row is left out.
func table(headings []string, rows [][]string) string {
	var used []int
	for column := range headings {
		for _, row := range rows {
			if row[column] != "" {
				used = append(used, column)
				break
			}
		}
	}
	var text strings.Builder
	line := func(cells []string) {
		for _, column := range used {
			text.WriteString("| " + cell(cells[column]) + " ")
		}
		text.WriteString("|\n")
	}
	line(headings)
	text.WriteString(strings.Repeat("|---", len(used)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	return text.String()
}

// cell puts a text on one line, as a cell of a table needs it.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// replaceSection replaces what is between the comments that mark a section's begin and end.
func replaceSection(document, name, content string) (string, error) {
	begin, end := fmt.Sprintf("<!-- begin %s (written by `make docs`) -->\n", name), fmt.Sprintf("<!-- end %s -->", name)
	before, rest, found := strings.Cut(document, begin)
	if !found {
		return "", fmt.Errorf("lacks the line %q", strings.TrimSpace(begin))
	}
	_, after, found := strings.Cut(rest, end)
	if !found {
		return "", fmt.Errorf("lacks the line %q after %q", end, strings.TrimSpace(begin))
	}
	return before + begin + content + end + after, nil
}
