package command

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// onPaper turns the world's provider into one that has no machines. Whatever it dials is a failure.
func onPaper(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.paper = true
	t.Cleanup(func() {
		if len(w.dials) != 0 {
			t.Errorf("dialled %v", w.dials)
		}
	})
	return w
}

func TestNothingRunsOnPaper(t *testing.T) {
	w := onPaper(t)
	t.Setenv("SSH_AUTH_SOCK", "/nonexistent") // which would break a dial
	witness := filepath.Join(t.TempDir(), "ran")
	state, err := w.create(t, commandURN, nil, map[string]any{"create": "touch " + witness})
	if err != nil || state["stdout"] != NotRun {
		t.Errorf("remote: stdout %v, error %v; want %q", state["stdout"], err, NotRun)
	}
	local, err := w.client.Create(t.Context(), &pulumirpc.CreateRequest{Urn: localURN, Properties: toWire(t, map[string]any{"create": "touch " + witness})})
	if stdout := local.GetProperties().AsMap()["stdout"]; err != nil || stdout != NotRun {
		t.Errorf("local: stdout %v, error %v; want %q", stdout, err, NotRun)
	}
	if _, err := w.create(t, copyURN, nil, map[string]any{"source": text("t"), "remotePath": "/r"}); err != nil {
		t.Error(err)
	}
	if _, err := w.client.Delete(t.Context(), &pulumirpc.DeleteRequest{
		Urn: commandURN, Properties: w.inputs(t, nil, map[string]any{"delete": "touch " + witness}),
	}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(witness); err == nil {
		t.Error("a command ran")
	}
	want := []Operation{{"create", commandURN}, {"create", localURN}, {"create", copyURN}, {"delete", commandURN}}
	if got := w.Operations(); !slices.Equal(got, want) {
		t.Errorf("operations %v, want %v", got, want)
	}
}

func TestWhatIsWrongBeforeADialIsWrongOnPaper(t *testing.T) {
	for name, test := range map[string]struct {
		connection map[string]any
		want       string
	}{
		"private key":           {map[string]any{"privateKey": "none"}, "ssh: no key found"},
		"host key":              {map[string]any{"hostKey": "none"}, "failed to parse host key"},
		"host key of a bastion": {map[string]any{"proxy": map[string]any{"host": "b", "hostKey": "none"}}, "proxy: failed to parse host key"},
	} {
		t.Run(name, func(t *testing.T) {
			w := onPaper(t)
			_, err := w.create(t, commandURN, test.connection, map[string]any{"create": "true"})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if got := w.Operations(); len(got) != 0 {
				t.Errorf("operations %v, want none: it failed", got)
			}
		})
	}
}
