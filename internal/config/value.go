package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// shownLength bounds how much of a wrong value an error repeats.
const shownLength = 60

// problems collects everything wrong with a configuration.
type problems struct{ found []error }

func (p *problems) add(path, format string, args ...any) {
	p.found = append(p.found, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

// err returns all problems as one error, one line each.
func (p *problems) err() error {
	if len(p.found) == 0 {
		return nil
	}
	return fmt.Errorf("the stack's configuration has mistakes:\n%w", errors.Join(p.found...))
}

// value is one place in the configuration. Its accessors report what does not
// fit, so that decoding can go on to the next mistake.
type value struct {
	problems *problems
	path     string
	data     any // as encoding/json decodes it, numbers as json.Number
	set      bool
}

// parse reads a key's text as JSON; what is not JSON counts as a text.
func parse(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var data any
	if err := decoder.Decode(&data); err != nil {
		return text
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return text
	}
	return data
}

// refuse reports the value and what is allowed instead.
func (v value) refuse(format string, args ...any) {
	v.problems.add(v.path, "%s: %s", show(v.data), fmt.Sprintf(format, args...))
}

// text returns false after reporting a value that is none.
func (v value) text(fallback string) (string, bool) {
	if !v.set {
		return fallback, true
	}
	s, ok := v.data.(string)
	if !ok {
		v.refuse("must be a text")
	}
	return s, ok
}

func (v value) whole() (int, bool) {
	number, ok := v.data.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(number.String())
	return n, err == nil
}

// integer returns a whole number between low and high, and the fallback after
// reporting any other: checks that build on it then do not report it again.
func (v value) integer(fallback, low, high int) int {
	if !v.set {
		return fallback
	}
	if n, ok := v.whole(); ok && low <= n && n <= high {
		return n
	}
	v.refuse("must be a whole number from %d to %d", low, high)
	return fallback
}

// oneOf returns one of the allowed numbers, and the fallback after reporting
// any other with the reason.
func (v value) oneOf(fallback int, reason string, allowed ...int) int {
	if !v.set {
		return fallback
	}
	if n, ok := v.whole(); ok && slices.Contains(allowed, n) {
		return n
	}
	texts := make([]string, len(allowed))
	for i, n := range allowed {
		texts[i] = strconv.Itoa(n)
	}
	v.refuse("must be one of %s: %s", strings.Join(texts, ", "), reason)
	return fallback
}

// duration returns a time between low and high, written like 30s or 1h30m, and the fallback after reporting any other.
func (v value) duration(fallback, low, high time.Duration) time.Duration {
	if !v.set {
		return fallback
	}
	text, _ := v.data.(string)
	if d, err := time.ParseDuration(text); err == nil && low <= d && d <= high {
		return d
	}
	v.refuse("must be a time such as 90s or 1h30m, from %s to %s", low, high)
	return fallback
}

func (v value) boolean() bool {
	if !v.set {
		return false
	}
	b, ok := v.data.(bool)
	if !ok {
		v.refuse("must be true or false")
	}
	return b
}

// list returns false after reporting a value that is none.
func (v value) list() ([]value, bool) {
	if !v.set {
		return nil, true
	}
	items, ok := v.data.([]any)
	if !ok {
		v.refuse("must be a list")
	}
	values := make([]value, len(items))
	for i, item := range items {
		values[i] = value{v.problems, fmt.Sprintf("%s[%d]", v.path, i), item, true}
	}
	return values, ok
}

// object returns a map that may have the given fields and no others, and can
// be indexed by each of them. It returns false after reporting a value that is none.
func (v value) object(names ...string) (map[string]value, bool) {
	fields, ok := v.fields()
	for _, name := range sorted(fields) {
		if !slices.Contains(names, name) {
			// Without the value: a stray key may hold anything.
			v.problems.add(child(v.path, name), "is unknown; allowed are %s", strings.Join(names, ", "))
		}
	}
	for _, name := range names {
		if _, ok := fields[name]; !ok {
			fields[name] = value{problems: v.problems, path: child(v.path, name)}
		}
	}
	return fields, ok
}

// texts returns a map with texts for values. Numbers and booleans count as
// texts: `pulumi config set --path` turns "1234" into the number.
func (v value) texts() map[string]value {
	fields, _ := v.fields()
	for _, name := range sorted(fields) {
		field := fields[name]
		switch data := field.data.(type) {
		case string:
		case json.Number:
			field.data = data.String()
		case bool:
			field.data = strconv.FormatBool(data)
		default:
			field.refuse("must be a text")
			field.data = ""
		}
		fields[name] = field
	}
	return fields
}

func (v value) fields() (map[string]value, bool) {
	fields := map[string]value{}
	if !v.set {
		return fields, true
	}
	data, ok := v.data.(map[string]any)
	if !ok {
		v.refuse("must be a map")
	}
	for name, item := range data {
		fields[name] = value{v.problems, child(v.path, name), item, true}
	}
	return fields, ok
}

var plainName = regexp.MustCompile(`^[\w-]+$`)

// child extends a path by a name as `pulumi config set --path` takes it.
func child(path, name string) string {
	if plainName.MatchString(name) {
		return path + "." + name
	}
	return path + "[" + show(name) + "]"
}

// sorted returns the keys of m in order, so that errors come in a stable one.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// show renders a value for an error on one short line.
func show(data any) string {
	switch data := data.(type) {
	case nil:
		return "null"
	case []any:
		return fmt.Sprintf("a list of %d", len(data))
	case map[string]any:
		return "a map"
	case string:
		return strconv.Quote(shorten(data))
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
