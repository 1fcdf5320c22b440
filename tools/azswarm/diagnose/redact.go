package diagnose

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

// placeholder takes a secret's place.
const placeholder = "[secret]"

// Shorter values are too common to be taken out wherever they are.
const (
	shortestValue = 8
	shortestLine  = 16 // of a value of several lines, such as PEM
)

// patterns find secrets by their form, where their values aren't known: what is left of each match is replacement.
var patterns = []struct {
	form        *regexp.Regexp
	replacement string
}{
	// Private keys, whole ones and the parts that a cut left.
	{regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)`), placeholder},
	{regexp.MustCompile(`(?m)^\s*[A-Za-z0-9+/]{60,}={0,2}\s*$`), placeholder},
	// The Swarm's join tokens and unlock keys.
	{regexp.MustCompile(`SWM(?:TKN|KEY)-1-[A-Za-z0-9+/=-]+`), placeholder},
	// Headers.
	{regexp.MustCompile(`(?i)((?:x-consul-token|authorization|x-registry-auth)["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',]+`), "${1}" + placeholder},
	// What is called a secret: name=value, "name": "value", --name value.
	{regexp.MustCompile(`(?i)((?:passw(?:or)?d|passphrase|secret|token|api_?key|access_?key|account_?key|shared_?key|private_?key|unlock_?key|credentials?|connection_?string|encrypt)[a-z0-9_]*["']?\s*(?:[=:]\s*)["']?)[^\s"',;&]{4,}`), "${1}" + placeholder},
	{regexp.MustCompile(`(?i)(--(?:password|secret|token|api-key)\s+)[^\s"']+`), "${1}" + placeholder},
	// Signatures and tokens in URLs, and users there.
	{regexp.MustCompile(`(?i)([?&](?:sig|signature|code|key)=)[^&\s"']+`), "${1}" + placeholder},
	{regexp.MustCompile(`(://)[^/\s:@"']+:[^/\s@"']+@`), "${1}" + placeholder + "@"},
	// JSON web tokens.
	{regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`), placeholder},
	// Keys of 32 bytes in base64, as Consul's for gossip is one.
	{regexp.MustCompile(`(^|[^A-Za-z0-9+/=])[A-Za-z0-9+/]{43}=($|[^A-Za-z0-9+/=])`), "${1}" + placeholder + "${2}"},
}

// Redactor takes secrets out of texts: those it knows, and what has the form of one.
type Redactor struct {
	known *strings.Replacer
}

// NewRedactor knows these values as secrets. Their lines, and their forms in base64 and JSON, are secrets as well.
func NewRedactor(values []string) *Redactor {
	forms := map[string]bool{}
	add := func(text string) {
		if len(text) >= shortestValue {
			forms[text] = true
		}
	}
	for _, value := range values {
		value = strings.TrimSpace(value)
		if len(value) < shortestValue {
			continue
		}
		add(value)
		add(base64.StdEncoding.EncodeToString([]byte(value)))
		encoded, _ := json.Marshal(value) // a text always encodes
		add(strings.Trim(string(encoded), `"`))
		if strings.Contains(value, "\n") {
			for line := range strings.Lines(value) {
				if line = strings.TrimSpace(line); len(line) >= shortestLine && !strings.HasPrefix(line, "-----") {
					add(line)
				}
			}
		}
	}
	// The longest first, so that no part of one stays.
	ordered := slices.SortedFunc(func(yield func(string) bool) {
		for form := range forms {
			if !yield(form) {
				return
			}
		}
	}, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) })
	var pairs []string
	for _, form := range ordered {
		pairs = append(pairs, form, placeholder)
	}
	return &Redactor{known: strings.NewReplacer(pairs...)}
}

// Redact takes the secrets out of a text.
func (r *Redactor) Redact(text string) string {
	text = r.known.Replace(text)
	for _, pattern := range patterns {
		text = pattern.form.ReplaceAllString(text, pattern.replacement)
	}
	return text
}

// Secrets are the texts in a stack's outputs that the CLI doesn't show unless it is told to.
func Secrets(all, public stack.Values) []string {
	var secrets []string
	for name, value := range all {
		var plain, shown any
		if json.Unmarshal(value, &plain) != nil {
			continue
		}
		_ = json.Unmarshal(public[name], &shown) // nil, where it is not shown at all
		secrets = hidden(plain, shown, secrets)
	}
	return secrets
}

// hidden adds the texts in a value that are not in the one that is shown.
func hidden(plain, shown any, secrets []string) []string {
	switch value := plain.(type) {
	case string:
		if shown != plain {
			secrets = append(secrets, value)
		}
	case map[string]any:
		of, _ := shown.(map[string]any)
		for key, part := range value {
			secrets = hidden(part, of[key], secrets)
		}
	case []any:
		of, _ := shown.([]any)
		for i, part := range value {
			var other any
			if i < len(of) {
				other = of[i]
			}
			secrets = hidden(part, other, secrets)
		}
	}
	return secrets
}
