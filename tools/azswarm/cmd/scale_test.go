package cmd

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newScaleDesk has a Pulumi CLI whose stack has two workers in web, and whose previews and updates end with these codes.
func newScaleDesk(t *testing.T, preview, up string) *desk {
	d := newDesk(t, nil)
	d.install(t, "pulumi", `case "$*" in
"config --json"*) echo '{"azswarm:workers": {"objectValue": [{"name": "web", "count": 2}]}}' ;;
preview*) exit `+preview+` ;;
up*) exit `+up+` ;;
esac`)
	return d
}

func TestScale(t *testing.T) {
	const to5, to2 = "config set --path azswarm:workers[0].count 5 --non-interactive\n", "config set --path azswarm:workers[0].count 2 --non-interactive\n"
	const read, preview, up = "config --json --non-interactive\n", "preview\n", "up --yes --skip-preview\n"
	for _, test := range []struct {
		name, line, preview, up string
		want                    string // calls of Pulumi
		says                    string // the error; "" for none
		summary                 string
	}{
		{"it is done", "scale web 5 --yes --why rush", "0", "0", read + to5 + preview + up, "", "### web of the selected stack: 2 → 5\n\nWhy: rush\n\nResult: done in "},
		{"the plan is refused", "scale web 5 --yes", "3", "0", read + to5 + preview + to2, "exit status 3", "Result: not done: the plan was refused\n"},
		{"nobody can be asked", "scale web 5", "0", "0", read + to5 + preview + to2, "say --yes", "Result: not done"},
		{"the update fails", "scale web 5 --yes", "0", "4", read + to5 + preview + up, "exit status 4", "Result: failed: `pulumi up` goes on where it stopped\n"},
		{"it is so already", "scale web 2", "0", "0", read, "", "2 → 2\n\nResult: nothing to change\n"},
		{"no such pool", "scale db 5", "0", "0", read, `there is no pool "db"`, ""},
		{"no number", "scale web many", "0", "0", "", "must be a number", ""},
		{"too little said", "scale web", "0", "0", "", "name a pool and a number", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newScaleDesk(t, test.preview, test.up)
			summary := filepath.Join(t.TempDir(), "summary.md")
			_, err := run(t, append(strings.Fields(test.line), "--summary", summary)...)
			if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, want %q", err, test.says)
			}
			if calls := d.calls("pulumi"); calls != test.want {
				t.Errorf("Pulumi was called with\n%s\nwant\n%s", calls, test.want)
			}
			text, err := os.ReadFile(summary)
			if err != nil && !errors.Is(err, os.ErrNotExist) || !strings.Contains(string(text), test.summary) {
				t.Errorf("the summary is %q, %v; want %q in it", text, err, test.summary)
			}
		})
	}
}
