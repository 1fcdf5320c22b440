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

// run executes a rendered script with a sudo that only drops its flag.
func run(t *testing.T, command, stdin string) (string, error) {
	t.Helper()
	shell := exec.Command("bash", "-c", strings.Replace(command, "exec sudo -n ", "exec ", 1))
	shell.Stdin = strings.NewReader(stdin)
	out, err := shell.CombinedOutput()
	return string(out), err
}

func TestRenderedScriptSeesParametersAndSecretsApart(t *testing.T) {
	script := Script{
		Parameters: []Parameter{{"NODE", "web-0"}, {"ODD", "it's $HOME"}},
		Call:       `say "$NODE|$ODD|$(secret key)|$(secret absent)"`,
	}
	out, err := run(t, script.Render(), `{"key":"se cret"}`)
	if err != nil || out != "web-0|it's $HOME|se cret|\n" {
		t.Errorf("script printed %q (%v)", out, err)
	}
}

func TestAwaitGivesUpWithWhatIsMissing(t *testing.T) {
	script := Script{Call: `check() { say "two of three"; return 1; }
await 1 "the cluster" check`}
	out, err := run(t, script.Render(), "{}")
	if err == nil || !strings.Contains(out, "error: the cluster: not so after 1s: two of three") {
		t.Errorf("script printed %q (%v)", out, err)
	}
}

func TestPutReportsWhetherTheFileChanged(t *testing.T) {
	dir := t.TempDir()
	script := Script{
		Parameters: []Parameter{{"DIR", dir}},
		Call: `for text in one one two; do
  if put "$DIR/file" 0640 <<<"$text"; then say changed; else say same; fi
done
stat -c %a "$DIR/file"; cat "$DIR/file"; ls "$DIR" | wc -l`,
	}
	out, err := run(t, script.Render(), "{}")
	if err != nil || out != "changed\nsame\nchanged\n640\ntwo\n1\n" {
		t.Errorf("script printed %q (%v)", out, err)
	}
}

func TestNoScriptContainsTheEndMark(t *testing.T) {
	entries, err := scripts.ReadDir("scripts")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		body, err := scripts.ReadFile("scripts/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(body), end) {
			t.Errorf("%s contains %s", entry.Name(), end)
		}
	}
}
