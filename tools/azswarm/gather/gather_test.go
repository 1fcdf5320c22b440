package gather

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// local runs commands on this machine, as whoever runs the test; "off" doesn't answer.
type local struct{}

func (local) Exec(ctx context.Context, node access.Node, command string, streams access.Streams) error {
	switch node.Name {
	case "off":
		return errors.New("connect to off: no route to host")
	case "hung":
		if _, bounded := ctx.Deadline(); bounded {
			return context.DeadlineExceeded
		}
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", strings.TrimPrefix(command, "sudo -n "))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = streams.Stdin, streams.Stdout, streams.Stderr
	return cmd.Run()
}

func script(text string) Script {
	return Script{Text: text, Each: time.Second, All: time.Minute, Most: 1 << 20}
}

func TestAskCutsWhatMachinesPrint(t *testing.T) {
	s := script(`section greeting printf 'hello\n\n%s\n' "$1"
section reads cat
section fails sh -c 'echo some; echo why >&2; exit 3'
section slow sleep 20
section last echo "# section"
`)
	s.Words = func(node access.Node) []string { return []string{"it's " + node.Name} }
	answers := Ask(t.Context(), local{}, []access.Node{{Name: "a"}, {Name: "b"}}, s)
	for i, name := range []string{"a", "b"} {
		answer := answers[i]
		if answer.Err != nil || answer.Node.Name != name {
			t.Fatalf("%s: %+v", name, answer)
		}
		for section, want := range map[string]string{"greeting": "hello\n\nit's " + name, "reads": "", "fails": "some", "slow": "", "last": "# section", "end": ""} {
			if got, there := answer.Sections[section]; !there || got != want {
				t.Errorf("section %s: %q, want %q", section, got, want)
			}
		}
		if got := answer.Failures["fails"]; got != "why\nexit status 3" {
			t.Errorf("why it failed: %q", got)
		}
		if got := answer.Failures["slow"]; got != "exit status 124" || len(answer.Failures) != 2 {
			t.Errorf("failures %q", answer.Failures)
		}
	}
}

func TestFilesAreReadWithoutPrograms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "told")
	if err := os.WriteFile(path, []byte("one\n\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	answer := Ask(t.Context(), local{}, []access.Node{{Name: "a"}}, script("PATH=\nfile told "+path+"\nfile untold /nowhere\nPATH=/usr/bin:/bin\n"))[0]
	if answer.Err != nil || answer.Sections["told"] != "one\n\ntwo" || answer.Sections["untold"] != "" {
		t.Errorf("%+v", answer)
	}
	if got := answer.Failures["untold"]; got != "/nowhere: cannot be read\nexit status 1" || len(answer.Failures) != 1 {
		t.Errorf("failures %q", answer.Failures)
	}
}

func TestOfALongFailureTheEndIsKept(t *testing.T) {
	answer := Ask(t.Context(), local{}, []access.Node{{Name: "a"}}, script("section fails sh -c 'yes no | head -n 5000 >&2; echo because >&2; exit 1'\n"))[0]
	if got := answer.Failures["fails"]; !strings.HasSuffix(got, "no\nbecause\nexit status 1") || len(got) > 2100 || len(got) < 1900 {
		t.Errorf("%d bytes are kept of a failure: %q", len(got), got)
	}
}

func TestAMachineThatDoesNotAnswerIsAnAnswer(t *testing.T) {
	s := script("section up true\n")
	answers := Ask(t.Context(), local{}, []access.Node{{Name: "off"}, {Name: "hung"}, {Name: "on"}}, s)
	for i, want := range []string{"no route to host", "hung: no answer within 1m0s"} {
		if err := answers[i].Err; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", answers[i].Node.Name, err, want)
		}
	}
	if _, up := answers[2].Sections["up"]; answers[2].Err != nil || !up {
		t.Errorf("the one that is on: %+v", answers[2])
	}
}

func TestWhatAMachineSaysIsBounded(t *testing.T) {
	s := script("section first echo kept\nsection flood yes\n")
	s.Most = 4096
	answer := Ask(t.Context(), local{}, []access.Node{{Name: "a"}}, s)[0]
	if answer.Err != nil || answer.Sections["first"] != "kept" || len(answer.Sections["flood"]) > 4096 || len(answer.Sections["flood"]) < 3000 {
		t.Errorf("%v: first %q, flood of %d bytes", answer.Err, answer.Sections["first"], len(answer.Sections["flood"]))
	}
}
