//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// commandTimeout bounds one command of the lab: several times what the slowest takes, as other suites run beside it.
const commandTimeout = 25 * time.Minute

// lab is a lab of its own.
type lab struct {
	name  string
	dir   string // of the Pulumi project; "" for the repository
	stack string
	paper bool // it has no machines
}

// exec is a command of the lab, ready to run.
func (l *lab) exec(command string, args ...string) *exec.Cmd {
	flags := []string{command, "--name", l.name}
	if slices.Contains([]string{"up", "exec", "preview", "rest"}, command) {
		dir := l.dir
		if dir == "" {
			dir = repository
		}
		flags = append(flags, "--dir", dir, "--stack", l.stack)
		if l.paper && command != "preview" {
			flags = append(flags, "--no-machines")
		}
	}
	c := exec.Command(labBinary, append(flags, args...)...)
	c.Dir = workspace
	c.Env = append(os.Environ(), "XDG_STATE_HOME="+stateHome(), "TMPDIR="+temporary(),
		"PATH="+compilerDir()+string(os.PathListSeparator)+os.Getenv("PATH"))
	return c
}

// running is a command under way.
type running struct {
	*exec.Cmd
	stdout bytes.Buffer
	output *transcript
	title  string
	start  time.Time
	ended  chan struct{}
	err    error // once it has ended
}

// launch starts a command. Its output goes to a file, for diagnosis and for the search for secrets.
func (l *lab) launch(t *testing.T, watched, command string, args ...string) *running {
	t.Helper()
	title := strings.Join(append([]string{"lab", command, "--name", l.name}, args...), " ")
	r := &running{Cmd: l.exec(command, args...), title: title, start: time.Now(), output: newTranscript(t, title, watched), ended: make(chan struct{})}
	r.Stdout, r.Stderr = r.output.tee(&r.stdout), r.output
	if err := r.Start(); err != nil {
		t.Fatalf("%s: %v", title, err)
	}
	go func() {
		r.err = r.Wait()
		r.output.close()
		close(r.ended)
	}()
	// Whatever the test does, its commands end with it.
	expired := time.AfterFunc(commandTimeout, func() { _ = r.Process.Kill() })
	t.Cleanup(func() { expired.Stop(); _ = r.Process.Kill() })
	return r
}

// wait waits for the command's end.
func (r *running) wait(t *testing.T) error {
	t.Helper()
	<-r.ended
	noteTiming(t, r.title, time.Since(r.start))
	return r.err
}

// await waits until the command has printed a line that matches what it is watched for.
func (r *running) await(t *testing.T) {
	t.Helper()
	select {
	case <-r.output.seen:
	case <-time.After(commandTimeout):
		t.Fatalf("%s: it never printed what was awaited\n%s", r.title, tail(r.output.String()))
	case <-r.ended:
		t.Fatalf("%s: it ended without printing what was awaited\n%s", r.title, tail(r.output.String()))
	}
}

// try runs a command and returns what it printed, on standard output alone and on both.
func (l *lab) try(t *testing.T, command string, args ...string) (stdout, all string, err error) {
	t.Helper()
	r := l.launch(t, "", command, args...)
	err = r.wait(t)
	return r.stdout.String(), r.output.String(), err
}

// run runs a command that must succeed.
func (l *lab) run(t *testing.T, command string, args ...string) string {
	t.Helper()
	_, all, err := l.try(t, command, args...)
	if err != nil {
		diagnose(t, l)
		t.Fatalf("lab %s %s: %v\n%s", command, strings.Join(args, " "), err, tail(all))
	}
	return all
}

// query runs a command whose output may be secret, and is kept from the transcripts.
func (l *lab) query(t *testing.T, args ...string) []byte {
	t.Helper()
	c := l.exec("exec", append([]string{"--"}, args...)...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	output, err := c.Output()
	if err != nil {
		t.Fatalf("lab exec %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return output
}

// pulumi runs the Pulumi CLI against the lab; it must succeed.
func (l *lab) pulumi(t *testing.T, args ...string) string {
	t.Helper()
	return l.run(t, "exec", append([]string{"--", "pulumi"}, args...)...)
}

// on runs a script as root on a machine, over SSH through the bastion.
func (l *lab) on(ctx context.Context, machine, script string) (string, error) {
	pool, err := l.pool()
	if err != nil {
		return "", err
	}
	return runOn(ctx, pool, machine, script)
}

func runOn(ctx context.Context, pool *access.Pool, machine, script string) (string, error) {
	node, err := pool.Outputs().Node(machine)
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	err = pool.Exec(ctx, node, "sudo bash -s", access.Streams{Stdin: strings.NewReader("set -euo pipefail\n" + script), Stdout: &stdout, Stderr: &stderr})
	if err != nil {
		return stdout.String(), fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(stdout.String()), nil
}

// ask runs a script on a machine; it must succeed.
func (l *lab) ask(t *testing.T, machine, script string) string {
	t.Helper()
	output, err := l.on(t.Context(), machine, script)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// home is the lab's directory.
func (l *lab) home() string { return filepath.Join(stateHome(), "azswarm-lab", l.name) }

// transcript keeps all that a command prints, and watches for a line.
type transcript struct {
	mutex   sync.Mutex
	file    *os.File
	all     bytes.Buffer
	line    bytes.Buffer
	watched *regexp.Regexp
	seen    chan struct{}
}

func newTranscript(t *testing.T, title, watched string) *transcript {
	t.Helper()
	file, err := os.CreateTemp(transcripts(), strings.ReplaceAll(t.Name(), "/", "-")+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(file, "$ %s\n", title)
	tr := &transcript{file: file, seen: make(chan struct{})}
	if watched != "" {
		tr.watched = regexp.MustCompile(watched)
	}
	return tr
}

func (tr *transcript) Write(text []byte) (int, error) {
	tr.mutex.Lock()
	defer tr.mutex.Unlock()
	tr.all.Write(text)
	if tr.watched != nil {
		tr.watch(text)
	}
	return tr.file.Write(text)
}

func (tr *transcript) watch(text []byte) {
	for _, b := range text {
		if b != '\n' {
			tr.line.WriteByte(b)
			continue
		}
		if tr.watched.Match(tr.line.Bytes()) {
			close(tr.seen)
			tr.watched = nil
			return
		}
		tr.line.Reset()
	}
}

// tee writes to the transcript and to w.
func (tr *transcript) tee(w *bytes.Buffer) teeWriter { return teeWriter{tr, w} }

type teeWriter struct {
	*transcript
	extra *bytes.Buffer
}

func (w teeWriter) Write(text []byte) (int, error) {
	w.extra.Write(text)
	return w.transcript.Write(text)
}

func (tr *transcript) String() string {
	tr.mutex.Lock()
	defer tr.mutex.Unlock()
	return tr.all.String()
}

func (tr *transcript) close() { _ = tr.file.Close() }

// tail is the end of a long text.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-60):], "\n")
}
