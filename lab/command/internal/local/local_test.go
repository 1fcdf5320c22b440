package local

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
)

type silent struct{}

func (silent) Status(string)  {}
func (silent) Warning(string) {}
func (silent) Error(string)   {}

func TestSelectFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.txt", "b.md", "sub/a.txt", "sub/deep/c.txt"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for globs, want := range map[string]string{
		"a.txt":              "a.txt",
		"*.txt":              "a.txt",
		"?.md":               "b.md",
		"**.txt":             "a.txt sub/a.txt sub/deep/c.txt",
		"**/*.txt":           "a.txt sub/a.txt sub/deep/c.txt",
		"sub/*":              "sub/a.txt",
		"** !sub/**":         "a.txt b.md",
		"!** b.md":           "b.md",
		"[a].txt":            "",
		"** !**/a.txt a.txt": "a.txt b.md sub/deep/c.txt",
	} {
		files, err := selectFiles(dir, strings.Fields(globs))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(slices.Sorted(maps.Keys(files)), " "); got != want {
			t.Errorf("%s selects %q, want %q", globs, got, want)
		}
	}
}

func TestCommandSeesWhatItIsGiven(t *testing.T) {
	text, project, dir := "x", t.TempDir(), t.TempDir()
	t.Setenv("FROM_LAB", "lab")
	for name, test := range map[string]struct {
		in       CommandInputs
		previous output.Result
		text     string
		want     string
	}{
		"project directory":     {text: "pwd", want: project},
		"dir":                   {in: CommandInputs{Dir: &dir}, text: "pwd", want: dir},
		"environment on top":    {in: CommandInputs{Environment: map[string]string{"FROM_LAB": "own"}}, text: "echo $FROM_LAB", want: "own"},
		"environment inherited": {text: "echo $FROM_LAB", want: "lab"},
		"stdin":                 {in: CommandInputs{Stdin: &text}, text: "cat", want: "x"},
		"interpreter":           {in: CommandInputs{Interpreter: &[]string{"/bin/echo", "-n"}}, text: "a b", want: "a b"},
		"previous output":       {previous: output.Result{Stdout: "o", Stderr: "e"}, text: "echo $PULUMI_COMMAND_STDOUT$PULUMI_COMMAND_STDERR", want: "oe"},
		"previous output unwanted": {
			in: CommandInputs{AddPreviousOutputInEnv: new(bool)}, previous: output.Result{Stdout: "o"}, text: "echo ${PULUMI_COMMAND_STDOUT-none}", want: "none",
		},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := Run(t.Context(), &test.in, test.text, test.in.WorkingDirectory(project), test.previous, silent{})
			if err != nil || result.Stdout != test.want {
				t.Errorf("stdout %q, error %v; want %q", result.Stdout, err, test.want)
			}
		})
	}
}
