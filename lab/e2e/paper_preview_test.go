//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// previewLimit bounds the processor time of a preview of a compiled program: on a machine with nothing else to do it takes no
// longer.
const previewLimit = 30 * time.Second

// previewed is what a preview has said.
type previewed struct {
	text, markdown string
	failed         bool
}

// preview runs a preview on a machine that has no Docker and no credential.
func (l *lab) preview(t *testing.T, args ...string) previewed {
	t.Helper()
	t.Setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
	file := filepath.Join(t.TempDir(), "plan.md")
	r := l.launch(t, "", "preview", append([]string{"--markdown", file}, args...)...)
	err, text := r.wait(t), r.output.String()
	used := r.ProcessState.UserTime() + r.ProcessState.SystemTime()
	t.Logf("preview %s: %s, of which %s on a processor", strings.Join(args, " "), time.Since(r.start).Round(100*time.Millisecond), used.Round(100*time.Millisecond))
	if used > previewLimit {
		t.Errorf("the preview took %s on a processor, want %s at most", used, previewLimit)
	}
	markdown, readErr := os.ReadFile(file)
	if readErr != nil {
		t.Fatalf("no plan (%v): %v\n%s", readErr, err, tail(text))
	}
	return previewed{text, string(markdown), err != nil}
}

// expect expects every one of the texts in what is said for people, and in what is said on a pull request.
func (p previewed) expect(t *testing.T, failed bool, inText, inMarkdown []string) {
	t.Helper()
	if p.failed != failed {
		t.Errorf("failed: %v, want %v\n%s", p.failed, failed, tail(p.text))
	}
	for _, want := range inText {
		if !strings.Contains(p.text, want) {
			t.Errorf("no %q in\n%s", want, tail(p.text))
		}
	}
	for _, want := range inMarkdown {
		if !strings.Contains(p.markdown, want) {
			t.Errorf("no %q in\n%s", want, tail(p.markdown))
		}
	}
}

// previewsWithoutCredentials previews changes of a stack that exists, from its exported state, and of a new one.
func previewsWithoutCredentials(t *testing.T) {
	l := &lab{name: "e2e-preview", stack: "dev", paper: true}
	l.run(t, "up")
	secrets := l.keptSecrets(t)
	if len(secrets) < 25 {
		t.Fatalf("only %d secrets found: is the state read as it should be?", len(secrets))
	}
	encrypted, plain := filepath.Join(t.TempDir(), "encrypted.json"), filepath.Join(t.TempDir(), "plain.json")
	for file, export := range map[string][]byte{
		encrypted: l.query(t, "pulumi", "stack", "export"), plain: l.query(t, "pulumi", "stack", "export", "--show-secrets"),
	} {
		if err := os.WriteFile(file, export, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	// With every secret in reach of the preview, it shows none.
	const size = "Standard_B4as_v2"
	change := l.preview(t, "--from-state", plain, "--config", "azswarm:workers[0].vmSize="+size, "--config", "azswarm:workers[0].labels.planted=yes")
	change.expect(t, false,
		[]string{"~ update   web-0 ", "hardwareProfile.vmSize: Standard_B2as_v2 -> " + size},
		[]string{"| ~ update | `web-0` |", "`" + size + "`", "<details>", "```mermaid", "web<br/>WorkerPool"})
	for where, text := range map[string]string{"text": change.text, "Markdown": change.markdown} {
		if found := search(secrets, []byte(text)); len(found) > 0 {
			t.Errorf("the %s shows %s", where, strings.Join(found, ", "))
		}
		if len(search([]secret{{"size", size}}, []byte(text))) == 0 {
			t.Errorf("the search doesn't find in the %s what is there: it proves nothing", where)
		}
	}

	// With all of them encrypted for others, what depends on them stays as it is.
	l.preview(t, "--from-state", encrypted).expect(t, false, []string{"stack dev: nothing changes, "}, []string{"nothing changes"})
	if state := string(readFile(t, encrypted)); len(search(secrets, []byte(state))) > 0 || !strings.Contains(state, "ciphertext") {
		t.Error("the exported state was not encrypted")
	}

	// What only Azure says.
	l.preview(t, "--cores", "8").expect(t, true,
		[]string{" to create\nrefused: ", "exceeding approved Total Regional Cores quota"},
		[]string{"> [!CAUTION]", "exceeding approved Total Regional Cores quota"})
	l.run(t, "down")
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
