package artifacts

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// signalled cancels a context when it is written to.
type signalled struct{ cancel context.CancelFunc }

func (s signalled) Write(p []byte) (int, error) {
	s.cancel()
	return len(p), nil
}

func TestInterruptedCommandsCleanUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	left := filepath.Join(t.TempDir(), "left")
	// The inner shell stands for what a recipe runs: interrupting its parent alone would not end it.
	inner := `trap 'rm "$0"; exit 1' INT; : >"$0"; echo started; while :; do sleep 0.1; done`
	err := run(ctx, signalled{cancel}, t.TempDir(), nil, "sh", "-c", `trap 'exit 130' INT; sh -c "$1" "$2"; true`, "sh", inner, left)
	if err == nil || !strings.HasPrefix(err.Error(), "sh: ") {
		t.Errorf("error is %v, want one that names the command", err)
	}
	if exists(left) {
		t.Error("what the command started did not clean up")
	}
}

func TestCommandsGetTheirEnvironment(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	if err := run(t.Context(), io.Discard, filepath.Dir(out), []string{"GREETING=hello"}, "sh", "-c", `echo "$GREETING" >out`); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(out); err != nil || string(got) != "hello\n" {
		t.Errorf("out is %q, %v", got, err)
	}
}
