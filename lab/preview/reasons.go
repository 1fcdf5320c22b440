package preview

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longest is the length of what a plan still shows of a value, in characters.
const longest = 80

// What Pulumi writes in place of a value that it hides, or does not know yet.
const (
	hidden  = "[secret]"
	unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
)

// reasons are the properties a step changes.
func (s step) reasons() []Property {
	var found []Property
	for _, path := range slices.Sorted(maps.Keys(s.DetailedDiff)) {
		property := Property{Path: path, Replaces: strings.HasSuffix(s.DetailedDiff[path].Kind, "-replace")}
		property.Replaces = property.Replaces || slices.Contains(s.ReplaceReasons, root(path))
		property.Old, property.New = show(s.Old.text(path), s.New.text(path))
		found = append(found, property)
	}
	for _, key := range slices.Concat(s.ReplaceReasons, s.DiffReasons) {
		if !slices.ContainsFunc(found, func(p Property) bool { return root(p.Path) == root(key) }) {
			property := Property{Path: key, Replaces: slices.Contains(s.ReplaceReasons, key)}
			property.Old, property.New = show(s.Old.text(key), s.New.text(key))
			found = append(found, property)
		}
	}
	return found
}

// show is what a plan shows of an old and a new text: all of short ones, and of long ones, such as commands, the words that differ.
func show(old, new string) (string, string) {
	if old != "" && new != "" && max(utf8.RuneCountInString(old), utf8.RuneCountInString(new)) > longest {
		old, new = others(old, new), others(new, old)
	}
	short := func(text string) string {
		if utf8.RuneCountInString(text) > longest {
			return ""
		}
		return text
	}
	return short(old), short(new)
}

// others are the words of a text that another hasn't.
func others(text, other string) string {
	words := strings.Fields(other)
	return strings.Join(slices.DeleteFunc(strings.Fields(text), func(word string) bool { return slices.Contains(words, word) }), " ")
}

// text is the value of an input, if it is a line that a plan may show.
func (s *state) text(path string) string {
	if s == nil {
		return ""
	}
	var value any = s.Inputs
	for _, element := range elements(path) {
		switch container := value.(type) {
		case map[string]any:
			value = container[element]
		case []any:
			index, err := strconv.Atoi(element)
			if err != nil || index < 0 || index >= len(container) {
				return ""
			}
			value = container[index]
		default:
			return ""
		}
	}
	var text string
	switch v := value.(type) {
	case string:
		text = v
	case bool, float64:
		encoded, _ := json.Marshal(v) // scalars always can be
		text = string(encoded)
	}
	if strings.Contains(text, hidden) || text == unknown || strings.ContainsAny(text, "\n\r") {
		return ""
	}
	return text
}

// elements cuts a property path, such as a.b[0]["c.d"], into its parts.
func elements(path string) []string {
	var parts []string
	for path != "" {
		switch {
		case path[0] == '.':
			path = path[1:]
		case strings.HasPrefix(path, `["`):
			quoted, rest, _ := strings.Cut(path[2:], `"]`)
			parts, path = append(parts, quoted), rest
		case path[0] == '[':
			index, rest, _ := strings.Cut(path[1:], "]")
			parts, path = append(parts, index), rest
		default:
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			parts, path = append(parts, path[:end]), path[end:]
		}
	}
	return parts
}

func root(path string) string {
	if parts := elements(path); len(parts) > 0 {
		return parts[0]
	}
	return path
}
