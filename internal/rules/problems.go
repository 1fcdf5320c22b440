// Package rules says what a cluster may be made of: one place for what the configuration and the components check, and for what they
// take where nothing is said.
//
// A rule gets the path of the property it judges, in the words of whoever asks ("azswarm:consul.image", "image"), and adds to
// the problems it finds there.
package rules

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/errors"
)

// shownLength bounds how much of a wrong value an error repeats.
const shownLength = 60

// Problems collects everything wrong with a set of properties.
type Problems struct {
	found []errors.InputPropertyErrorDetails
}

// Add reports what is wrong with a property.
func (p *Problems) Add(path, format string, args ...any) {
	p.found = append(p.found, errors.InputPropertyErrorDetails{PropertyPath: path, Reason: fmt.Sprintf(format, args...)})
}

// Refuse reports a property's value and what is allowed instead.
func (p *Problems) Refuse(path string, value any, format string, args ...any) {
	p.Add(path, "%s: %s", Show(value), fmt.Sprintf(format, args...))
}

// Count is the number of problems so far.
func (p *Problems) Count() int { return len(p.found) }

// Err returns all problems as one error under a heading, a line each; nil for none. It is one of Pulumi's
// [errors.InputPropertiesError], whose paths the engine shows.
func (p *Problems) Err(heading string) error {
	if len(p.found) == 0 {
		return nil
	}
	return &refusal{errors.NewInputPropertiesError(heading, slices.Clone(p.found)...)}
}

// Invalid is the error of one property that is found wrong later than the others.
func Invalid(heading, path, format string, args ...any) error {
	var p Problems
	p.Add(path, format, args...)
	return p.Err(heading)
}

// refusal prints Pulumi's error for people: it runs the properties together.
type refusal struct {
	structured *errors.InputPropertiesError
}

func (r *refusal) Error() string {
	lines := []string{r.structured.Message + ":"}
	for _, detail := range r.structured.Errors {
		lines = append(lines, detail.String())
	}
	return strings.Join(lines, "\n")
}

func (r *refusal) Unwrap() error { return r.structured }

// Show renders a value for an error on one short line.
func Show(data any) string {
	switch data := data.(type) {
	case nil:
		return "null"
	case json.Number:
		return shorten(data.String())
	case string:
		return strconv.Quote(shorten(data))
	case fmt.Stringer:
		return shorten(data.String())
	case []any:
		return fmt.Sprintf("a list of %d", len(data))
	case map[string]any:
		return "a map"
	default:
		return shorten(fmt.Sprint(data))
	}
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > shownLength {
		return string(runes[:shownLength]) + "…"
	}
	return text
}

// Field extends a path by a name, as `pulumi config set --path` takes it.
func Field(path, name string) string {
	switch {
	case path == "":
		return name
	case plainName(name):
		return path + "." + name
	}
	return path + "[" + Show(name) + "]"
}

// Item extends a path by a place in a list.
func Item(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

func plainName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

// Heading is that of the mistakes in a component's arguments.
func Heading(kind, name string) string {
	return fmt.Sprintf("%s %q: mistakes in its arguments", kind, name)
}
