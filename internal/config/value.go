package config

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// value is one place in the configuration. Its accessors report what does not
// fit, so that decoding can go on to the next mistake.
type value struct {
	problems *rules.Problems
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
	v.problems.Refuse(v.path, v.data, format, args...)
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

// integer returns a whole number of a span, and the fallback after
// reporting any other: checks that build on it then do not report it again.
func (v value) integer(fallback int, span rules.Span) int {
	if !v.set {
		return fallback
	}
	if n, ok := v.whole(); ok && span.Has(n) {
		return n
	}
	v.refuse("%s", span)
	return fallback
}

// oneOf returns one of the allowed numbers, and the fallback after reporting
// any other with the reason.
func (v value) oneOf(fallback int, choice rules.Choice) int {
	if !v.set {
		return fallback
	}
	if n, ok := v.whole(); ok && choice.Has(n) {
		return n
	}
	v.refuse("%s", choice)
	return fallback
}

// duration returns a time of a period, written like 30s or 1h30m, and the fallback after reporting any other.
func (v value) duration(fallback time.Duration, period rules.Period) time.Duration {
	if !v.set {
		return fallback
	}
	text, _ := v.data.(string)
	if d, err := time.ParseDuration(text); err == nil && period.Has(d) {
		return d
	}
	v.refuse("%s", period)
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
		values[i] = value{v.problems, rules.Item(v.path, i), item, true}
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
			v.problems.Add(rules.Field(v.path, name), "is unknown; allowed are %s", strings.Join(names, ", "))
		}
	}
	for _, name := range names {
		if _, ok := fields[name]; !ok {
			fields[name] = value{problems: v.problems, path: rules.Field(v.path, name)}
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
		fields[name] = value{v.problems, rules.Field(v.path, name), item, true}
	}
	return fields, ok
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
