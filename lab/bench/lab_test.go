package bench

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cost is what a command took, with everything it started.
type cost struct {
	wall time.Duration
	cpu  time.Duration // user and system time
}

// least is the smaller of two costs, each part for itself.
func (c cost) least(other cost) cost {
	return cost{min(c.wall, other.wall), min(c.cpu, other.cpu)}
}

// lab is a lab of the benchmarks.
type lab struct {
	name     string
	dir      string // of the Pulumi project
	stack    string
	env      []string
	work     string // for files of all labs
	tools    string // comes first in PATH
	machines bool   // it has machines
}

// newLab is a lab whose program is compiled already.
func newLab(b *testing.B, work, name, dir, stack, program string, env ...string) *lab {
	b.Helper()
	l := &lab{name: name, dir: dir, stack: stack, env: env, work: work, tools: filepath.Join(work, name)}
	if err := os.MkdirAll(l.tools, 0o700); err != nil {
		b.Fatal(err)
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		b.Fatal(err)
	}
	// The language host compiles before every run. Even where nothing has changed, Go would look at all of Azure's SDK.
	stub := "#!/bin/sh\nif [ \"$1 $2\" = \"build -o\" ]; then exec ln -f '" + program + "' \"$3\"; fi\nexec '" + compiler + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(l.tools, "go"), []byte(stub), 0o700); err != nil {
		b.Fatal(err)
	}
	return l
}

// compile compiles a program, so that no run of Pulumi has to.
func compile(b *testing.B, dir, output string, env ...string) string {
	b.Helper()
	c := exec.Command("go", "build", "-o", output, ".")
	c.Dir, c.Env = dir, append(os.Environ(), env...)
	if text, err := c.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", dir, err, text)
	}
	return output
}

// run runs a command in the lab, and returns what it printed on standard output.
func (l *lab) run(b *testing.B, script string, args ...string) (string, cost) {
	b.Helper()
	flags := []string{"exec", "--name", l.name, "--dir", l.dir, "--stack", l.stack}
	if !l.machines {
		flags = append(flags, "--no-machines")
	}
	flags = append(flags, "--", "sh", "-ec", `PATH="$0:$PATH"; `+script, l.tools)
	c := exec.Command(filepath.Join(l.work, "lab"), append(flags, args...)...)
	c.Env = append(append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(l.work, "state")), l.env...)
	var output, errors bytes.Buffer
	c.Stdout, c.Stderr = &output, &errors
	start := time.Now()
	if err := c.Run(); err != nil {
		text := output.String()
		b.Fatalf("%s %s: %v\n%s\n%s", script, strings.Join(args, " "), err, errors.String(), text[max(0, len(text)-4000):])
	}
	return output.String(), cost{time.Since(start), c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
}

// down removes the lab.
func (l *lab) down(b *testing.B) {
	b.Helper()
	c := exec.Command(filepath.Join(l.work, "lab"), "down", "--name", l.name)
	c.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(l.work, "state"))
	if text, err := c.CombinedOutput(); err != nil {
		b.Errorf("lab down --name %s: %v\n%s", l.name, err, text)
	}
}
