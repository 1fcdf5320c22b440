package bootstrap

import (
	"strings"
	"testing"
)

func TestImageIsPinnedByWhatAManagerHears(t *testing.T) {
	const digest = "sha256:1111"
	for name, test := range map[string]struct{ first, second, want string }{
		"the first knows":      {`say '{"Descriptor":{"digest":"` + digest + `"}}'`, "say asked; return 1", "nginx:1.28@" + digest + "\n"},
		"the second knows":     {"say down; return 7", `say '{"Descriptor":{"digest":"` + digest + `"}}'`, "nginx:1.28@" + digest + "\n"},
		"nobody knows":         {"say down; return 7", "say denied; return 22", "error: no manager hears from its registry which image nginx:1.28 is: denied."},
		"an answer of no kind": {"say '{}'", "say '{}'", "error: no manager hears"},
	} {
		out, err := run(t, Script{Parameters: []Parameter{{"IMAGE", "nginx:1.28"}, {"MANAGER_PEERS", "10.0.2.4 10.0.2.5"}}, Files: []string{"swarm-image"}}, `
on_any() { local at; for at in $1; do AT=$at "${@:2}" && return; done; return 1; }
engine() { [ "$2" = /distribution/nginx:1.28/json ] || return 99; if [ "$AT" = 10.0.2.4 ]; then `+test.first+`; else `+test.second+`; fi; }
pin_image`, "{}")
		if !strings.HasPrefix(out, test.want) || (err == nil) != strings.HasPrefix(test.want, "nginx") {
			t.Errorf("%s: printed %q (%v), want %q", name, out, err, test.want)
		}
	}
}
