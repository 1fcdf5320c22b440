package bootstrap

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestQuoteSurvivesTheShell(t *testing.T) {
	for _, value := range []string{"", "plain", "two words", "it's", `$HOME "x" \ ` + "`id`", "line\nline", "ä€", "-n", "''"} {
		out, err := exec.Command("bash", "-c", "printf %s "+Quote(value)).Output()
		if err != nil || string(out) != value {
			t.Errorf("Quote(%q) is %q to the shell (%v)", value, out, err)
		}
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("it's")
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsRune(value, 0) {
			t.Skip("no argument of a program can hold NUL")
		}
		out, err := exec.Command("bash", "-c", "printf %s "+Quote(value)).Output()
		if err != nil || string(out) != value {
			t.Errorf("Quote(%q) is %q to the shell (%v)", value, out, err)
		}
	})
}

// run executes a script as a machine does, but for sudo.
func run(t *testing.T, script Script, call, secrets string) (string, error) {
	t.Helper()
	shell := exec.Command("bash", "-c", strings.Replace(script.Command(call), "exec sudo -n ", "exec ", 1))
	shell.Stdin = strings.NewReader(script.Input() + secrets + "\n")
	shell.Env = append(os.Environ(), "JOINED="+t.TempDir(), "PEER_SOCKETS="+t.TempDir()) // what scripts keep on their machine
	out, err := shell.CombinedOutput()
	return string(out), err
}

func TestRenderedScriptSeesParametersAndSecretsApart(t *testing.T) {
	long := strings.Repeat("it's $HOME\n", 20000) // more than Linux takes as one argument
	script := Script{Parameters: []Parameter{{"NODE", "web-0"}, {"ODD", "it's $HOME"}, {"EMPTY", ""}, {"LONG", long}}}
	call := `[ "$(wc -c <<<"$LONG")" = 220001 ] && say "$NODE|$ODD|$EMPTY|$(secret key)|$(secret absent)"`
	out, err := run(t, script, call, `{"key":"se cret"}`)
	if err != nil || out != "web-0|it's $HOME||se cret|\n" {
		t.Errorf("script printed %q (%v)", out, err)
	}
}

func TestNothingRunsOfAScriptThatDidNotArriveAsAWhole(t *testing.T) {
	dir := t.TempDir()
	script := Script{Parameters: []Parameter{{"DIR", dir}}, Files: []string{"consul"}}
	input := script.Input()
	for _, length := range []int{len(input) / 2, len(input) - len("exit\n}\n"), len(input) - len("}\n")} {
		shell := exec.Command("bash", "-c", strings.Replace(script.Command(`touch "$DIR/ran"`), "exec sudo -n ", "exec ", 1))
		shell.Stdin = strings.NewReader(input[:length])
		if out, err := shell.CombinedOutput(); err == nil {
			t.Errorf("%d of %d bytes are taken for a script: %q", length, len(input), out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		t.Error("half a script ran")
	}
}

func TestReasonOfAFailureIsPrintedFirst(t *testing.T) {
	for call, want := range map[string]string{
		`say one; echo two >&2; die "three
is why"`: "error: three\nis why\none\ntwo\n",
		`(die tolerated) || say one; die two`: "error: two\nerror: tolerated\none\n",
		`say one; say two; false; say three`:  "two\none\n",
	} {
		if out, err := run(t, Script{}, call, "{}"); err == nil || out != want {
			t.Errorf("%s: printed %q (%v), want %q", call, out, err, want)
		}
	}
	if _, err := run(t, Script{}, "exit 7", "{}"); err == nil || err.Error() != "exit status 7" {
		t.Errorf("a call that exits with 7: %v", err)
	}
	if out, err := run(t, Script{}, "say one; echo two >&2", "{}"); err != nil || out != "one\ntwo\n" {
		t.Errorf("a call that succeeds: printed %q (%v)", out, err)
	}
}

func TestAwaitGivesUpWithWhatIsMissing(t *testing.T) {
	call := `check() { say "two of three"; return 1; }
await 1 "the cluster" check`
	out, err := run(t, Script{}, call, "{}")
	if err == nil || !strings.Contains(out, "error: the cluster: not so after 1s: two of three") {
		t.Errorf("script printed %q (%v)", out, err)
	}
}

func TestPutReportsWhetherTheFileChanged(t *testing.T) {
	dir := t.TempDir()
	script, call := Script{Parameters: []Parameter{{"DIR", dir}}}, `for text in one one two; do
  if put "$DIR/file" 0640 <<<"$text"; then say changed; else say same; fi
done
stat -c %a "$DIR/file"; cat "$DIR/file"; ls "$DIR" | wc -l`
	out, err := run(t, script, call, "{}")
	if err != nil || out != "changed\nsame\nchanged\n640\ntwo\n1\n" {
		t.Errorf("script printed %q (%v)", out, err)
	}
}

func TestCommandIsALineForPeople(t *testing.T) {
	config := `{"datacenter": "dc1", "retry_join": ["10.0.1.4", "10.0.1.5", "10.0.1.6"]}`
	script := Script{Parameters: []Parameter{{"NODE", "web-0"}, {"LABELS", `{"tier":"web"}`}, {"CONSUL_CONFIG", config}}, Files: []string{"peers", "swarm-member"}}
	command := script.Command("swarm_ready")
	if want := `exec sudo -n bash -s -- swarm_ready NODE=web-0 LABELS='{"tier":"web"}' CONSUL_CONFIG=sha256:`; !strings.HasPrefix(command, want) {
		t.Errorf("command does not begin with %s:\n%s", want, command)
	}
	if strings.Contains(command, "\n") || len(command) > 200 {
		t.Errorf("command has %d characters: an error would show them all before the reason:\n%s", len(command), command)
	}
	for what, other := range map[string]Script{
		"short parameter": {Parameters: []Parameter{{"NODE", "web-1"}, script.Parameters[1], script.Parameters[2]}, Files: script.Files},
		"long parameter":  {Parameters: []Parameter{script.Parameters[0], script.Parameters[1], {"CONSUL_CONFIG", config + " "}}, Files: script.Files},
		"text":            {Parameters: script.Parameters, Files: []string{"swarm-member"}},
	} {
		if other.Command("swarm_ready") == command {
			t.Errorf("with another %s the command is the same: reviewers would not see the change", what)
		}
	}
}
