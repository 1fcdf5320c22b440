package diagnose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/diagnose/archivetest"
)

// talkers answer with sections by machine, as the script's mark wants it.
type talkers map[string]string

func (m talkers) Exec(_ context.Context, node access.Node, _ string, streams access.Streams) error {
	script, err := io.ReadAll(streams.Stdin)
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(script), "MARK='")
	mark, _, _ := strings.Cut(rest, "'")
	text, there := m[node.Name]
	if !there {
		return errors.New("no route, says planted-output-secret")
	}
	_, err = io.WriteString(streams.Stdout, strings.ReplaceAll(text, "@", mark))
	return err
}

func TestNoSecretIsKept(t *testing.T) {
	outputs := access.Outputs{Nodes: []access.Node{{Name: "consul-0"}, {Name: "web-0"}, {Name: "web-1"}}}
	machines, redactor := Gather(t.Context(), talkers{
		"consul-0": "\n@ secrets\nplanted-management-token\nplanted-gossip-key\n\n@ system\nfine\n\n@ end\n",
		"web-0":    "\n@ container-consul\nplanted-management-token was refused\nkept line\n\n@ container-consul!\nplanted-gossip-key\n\n@ end\n",
	}, outputs, []string{"planted-output-secret"}, time.Minute)
	if len(machines) != 3 || len(machines[0].Sections) != 1 || !strings.Contains(machines[1].Sections[0].Text, "kept line") || machines[2].Err == "" {
		t.Fatalf("machines %+v", machines)
	}
	if text := fmt.Sprintf("%+v", machines) + redactor.Redact("planted-gossip-key"); strings.Contains(text, "planted") {
		t.Errorf("a secret is there: %s", text)
	}
}

func TestWhatMachinesSayIsBounded(t *testing.T) {
	flood := "\n@ first\nkept\n\n@ flood\n" + strings.Repeat("a line of the flood\n", mostOfOne/10)
	machines, _ := Gather(t.Context(), talkers{"a": flood}, access.Outputs{Nodes: []access.Node{{Name: "a"}}}, nil, time.Minute)
	size := 0
	for _, section := range machines[0].Sections {
		size += len(section.Text)
	}
	if len(machines[0].Sections) != 2 || size > mostOfOne || size < mostOfOne/2 {
		t.Errorf("%d sections with %d bytes of %d", len(machines[0].Sections), size, len(flood))
	}
}

func TestTheArchiveIsPrivateAndInOneDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tar.gz")
	files := append(Files([]Machine{
		{Name: "../../evil", Err: "no answer", Sections: []Section{{Name: "a/../b", Text: "text"}}},
	}), UpdateError("said"))
	if err := Write(path, "azswarm-x", files, time.Now()); err != nil {
		t.Fatal(err)
	}
	dir, names := archivetest.Read(t, path)
	if dir != "azswarm-x" {
		t.Errorf("the files are in %q, want azswarm-x", dir)
	}
	for name, want := range map[string]string{
		"machines/______evil/no-answer.txt": "no answer\n",
		"machines/______evil/a____b.txt":    "text\n",
		"update-error.txt":                  "said",
	} {
		if names[name] != want {
			t.Errorf("%s is %q, want %q; there are %v", name, names[name], want, names)
		}
	}
	if err := Write(path, "x", nil, time.Now()); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("an archive that is there: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("the archive that was there: %v, %v", info, err)
	}
}
