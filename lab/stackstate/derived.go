package stackstate

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

const (
	// shortest is the length of a text that is taken for a secret's: shorter ones may be anywhere by chance.
	shortest = 20
	// tail is as much of a secret's end as texts are searched for. Keys begin alike.
	tail = 16
)

// secrets finds the texts of a state's secrets in others. It has them by their ends.
type secrets map[string][]string

// texts collects the texts of a readable state's secrets.
func (s *State) texts() secrets {
	found := secrets{}
	s.eachSecret(func(_ string, path []string, secret map[string]any) {
		if !strings.HasPrefix(path[len(path)-1], "__") { // a provider's notes, most of which are no secrets
			found.collect(open(secret))
		}
	})
	return found
}

func (s secrets) collect(value any) {
	switch v := value.(type) {
	case string:
		v = strings.TrimSpace(v)
		if len(v) >= shortest {
			end := v[len(v)-tail:]
			if !slices.Contains(s[end], v) {
				s[end] = append(s[end], v)
			}
		}
	case map[string]any:
		for _, element := range v {
			s.collect(element)
		}
	case []any:
		for _, element := range v {
			s.collect(element)
		}
	}
}

// in lists the secrets in a text, in order, and a pattern that matches the same text with others in their places.
func (s secrets) in(text string) (found []string, pattern string) {
	var expression strings.Builder
	from := 0
	for end := tail; end <= len(text); end++ {
		for _, secret := range s[text[end-tail:end]] {
			if start := end - len(secret); start >= from && text[start:end] == secret {
				found = append(found, secret)
				expression.WriteString(regexp.QuoteMeta(text[from:start]) + "(.+?)")
				from = end
				break
			}
		}
	}
	expression.WriteString(regexp.QuoteMeta(text[from:]))
	return found, `\A(?s)` + expression.String() + `\z`
}

// rename takes the donor's place of secrets in the state's plain texts as well: a public key is no secret, but another one
// without its private key. What was where is told by the texts that are alike but for the secrets in them.
func (s *State) rename(donor *State) {
	known := donor.texts()
	names := map[string]string{} // the state's: the donor's
	for _, resource := range donor.resources {
		twin := s.resource(text(resource["urn"]))
		if twin == nil {
			continue
		}
		for _, part := range []string{"inputs", "outputs"} {
			eachText(resource[part], twin[part], func(theirs, ours string) {
				found, pattern := known.in(theirs)
				if len(found) == 0 || theirs == ours {
					return
				}
				// Quoted but for the places of secrets: it compiles.
				for i, old := range regexp.MustCompile(pattern).FindStringSubmatch(ours) {
					if i > 0 && len(old) >= shortest {
						names[old] = found[i-1]
					}
				}
			})
		}
	}
	var pairs []string
	// Longer ones first: one may be a part of another.
	for _, old := range slices.SortedFunc(maps.Keys(names), func(a, b string) int { return len(b) - len(a) }) {
		pairs = append(pairs, old, names[old])
	}
	replacer := strings.NewReplacer(pairs...)
	for _, resource := range s.resources {
		for _, part := range []string{"inputs", "outputs"} {
			resource[part] = replace(resource[part], replacer)
		}
	}
}

// facts are what the cloud made up for the donor's resources, such as addresses, with what it made up for the state's.
type facts struct {
	whole  map[string]string // where they are all there is of a text
	within *strings.Replacer // ids that are random, and so can't be a part of something else by accident
}

// randomID is the least length of an id that counts as random.
const randomID = 16

func (s *State) facts(donor *State) facts {
	whole, random := map[string]string{}, []string{}
	for _, resource := range donor.resources {
		twin := s.resource(text(resource["urn"]))
		if twin == nil {
			continue
		}
		theirs, ours := text(resource["id"]), text(twin["id"])
		whole[theirs] = ours
		if len(theirs) >= randomID && !strings.HasPrefix(theirs, "/") {
			random = append(random, theirs, ours)
		}
		eachText(resource["outputs"], twin["outputs"], func(theirs, ours string) {
			if _, err := netip.ParseAddr(theirs); err == nil {
				whole[theirs] = ours
			}
		})
	}
	delete(whole, "")
	return facts{whole, strings.NewReplacer(random...)}
}

// in is a value of the donor's with the state's facts in it.
func (f facts) in(value any) any {
	switch v := value.(type) {
	case string:
		if fact, known := f.whole[v]; known {
			return fact
		}
		return f.within.Replace(v)
	case map[string]any:
		for key, element := range v {
			v[key] = f.in(element)
		}
	case []any:
		for i, element := range v {
			v[i] = f.in(element)
		}
	}
	return value
}

func (s *State) resource(urn string) map[string]any {
	for _, resource := range s.resources {
		if text(resource["urn"]) == urn {
			return resource
		}
	}
	return nil
}

// eachText visits the texts that are in the same place of two values, outside their secrets.
func eachText(theirs, ours any, visit func(theirs, ours string)) {
	switch t := theirs.(type) {
	case string:
		if o, ok := ours.(string); ok {
			visit(t, o)
		}
	case map[string]any:
		if o, ok := ours.(map[string]any); ok && !isSecret(t) && !isSecret(o) {
			for key := range t {
				eachText(t[key], o[key], visit)
			}
		}
	case []any:
		if o, ok := ours.([]any); ok {
			for i := range min(len(t), len(o)) {
				eachText(t[i], o[i], visit)
			}
		}
	}
}

// replace is the value with its texts replaced, outside its secrets.
func replace(value any, replacer *strings.Replacer) any {
	switch v := value.(type) {
	case string:
		return replacer.Replace(v)
	case map[string]any:
		if isSecret(v) {
			return v
		}
		for key, element := range v {
			v[key] = replace(element, replacer)
		}
	case []any:
		for i, element := range v {
			v[i] = replace(element, replacer)
		}
	}
	return value
}
