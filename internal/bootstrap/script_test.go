package bootstrap

import (
	"os/exec"
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
	shell.Stdin = strings.NewReader(script.Input() + secrets)
	out, err := shell.CombinedOutput()
	return string(out), err
}

func TestRenderedScriptSeesParametersAndSecretsApart(t *testing.T) {
	script := Script{Parameters: []Parameter{{"NODE", "web-0"}, {"ODD", "it's $HOME"}}}
	out, err := run(t, script, `say "$NODE|$ODD|$(secret key)|$(secret absent)"`, `{"key":"se cret"}`)
	if err != nil || out != "web-0|it's $HOME|se cret|\n" {
		t.Errorf("script printed %q (%v)", out, err)
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

func TestCommandShowsParametersAndNoMoreOfTheScriptThanItsVersion(t *testing.T) {
	script := Script{Parameters: []Parameter{{"NODE", "web-0"}}, Files: []string{"peers", "swarm-member"}}
	command := script.Command("swarm_ready")
	for _, want := range []string{"NODE='web-0'", "swarm_ready", "# peers swarm-member, version "} {
		if !strings.Contains(command, want) {
			t.Errorf("command does not show %q:\n%s", want, command)
		}
	}
	if len(command) > 300 {
		t.Errorf("command has %d characters: an error would show them all", len(command))
	}
	other := Script{Parameters: script.Parameters, Files: []string{"swarm-member"}}
	if version(command) == version(other.Command("swarm_ready")) {
		t.Error("another text has the same version: a changed script would not run again")
	}
}

func version(command string) string {
	_, after, _ := strings.Cut(command, ", version ")
	version, _, _ := strings.Cut(after, "\n")
	return version
}
