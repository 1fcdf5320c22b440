package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// commandTimeout bounds one command of the lab: several times what the slowest takes.
const commandTimeout = 10 * time.Minute

// lab is a lab of the soak's own.
type lab struct {
	*session.Lab
	repository string
	workspace  string // where everything that the soak writes is
	binary     string // the lab command
	log        *logFile
}

// labName is the name of the soak's lab.
const labName = "soak"

// newLab builds the lab command. Its state is apart from that of other labs.
func newLab(ctx context.Context, seed uint64) (*lab, error) {
	repository, err := findRepository()
	if err != nil {
		return nil, err
	}
	workspace := filepath.Join(repository, ".lab", "soak")
	for _, dir := range []string{workspace, filepath.Join(workspace, "tmp")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	l := &lab{
		Lab:        &session.Lab{Name: labName, Dir: filepath.Join(workspace, "state", "azswarm-lab", labName)},
		repository: repository, workspace: workspace, binary: filepath.Join(workspace, "lab"),
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", l.binary, ".")
	build.Dir, build.Env = filepath.Join(repository, "lab"), append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the lab command: %w\n%s", err, output)
	}
	file, err := os.Create(filepath.Join(workspace, fmt.Sprintf("seed-%d.log", seed)))
	if err != nil {
		return nil, err
	}
	l.log = &logFile{file: file, began: time.Now()}
	return l, nil
}

// findRepository finds the clone from the working directory upwards.
func findRepository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "lab", "soak")); err == nil {
			return dir, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("the working directory is not in a clone of azswarm")
		}
	}
}

// stateHome is the XDG_STATE_HOME of the lab command.
func (l *lab) stateHome() string { return filepath.Join(l.workspace, "state") }

// command is a command of the lab, ready to run.
func (l *lab) command(name string, args ...string) *exec.Cmd {
	flags := []string{name, "--name", labName}
	if slices.Contains([]string{"up", "exec"}, name) {
		flags = append(flags, "--dir", l.repository, "--stack", "dev")
	}
	c := exec.Command(l.binary, append(flags, args...)...)
	c.Dir = l.workspace
	c.Env = append(os.Environ(), "XDG_STATE_HOME="+l.stateHome(), "TMPDIR="+filepath.Join(l.workspace, "tmp"))
	return c
}

// running is a command under way.
type running struct {
	*exec.Cmd
	title  string
	output *bytes.Buffer // to be read once it has ended
	ended  chan struct{}
	err    error // once it has ended
}

// launch starts a command, which is interrupted when the context ends. Its output goes to the log, too.
func (l *lab) launch(ctx context.Context, name string, args ...string) (*running, error) {
	r := &running{
		Cmd: l.command(name, args...), title: strings.Join(append([]string{"lab", name}, args...), " "),
		output: &bytes.Buffer{}, ended: make(chan struct{}),
	}
	l.log.say("$ %s", r.title)
	output := io.MultiWriter(r.output, l.log)
	r.Stdout, r.Stderr = output, output
	// The terminal's Ctrl-C is for the soak, which hands it on.
	r.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	if err := r.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", r.title, err)
	}
	expired := time.AfterFunc(commandTimeout, func() { _ = r.Process.Kill() })
	stop := context.AfterFunc(ctx, func() { _ = r.Process.Signal(os.Interrupt) })
	go func() {
		r.err = r.Wait()
		expired.Stop()
		stop()
		l.log.say("ended: %v", r.err)
		close(r.ended)
	}()
	return r, nil
}

// wait waits for the command's end.
func (r *running) wait() error {
	<-r.ended
	if r.err != nil {
		return fmt.Errorf("%s: %w\n%s", r.title, r.err, tail(r.output.String()))
	}
	return nil
}

// run runs a command that must succeed.
func (l *lab) run(ctx context.Context, name string, args ...string) (string, error) {
	r, err := l.launch(ctx, name, args...)
	if err != nil {
		return "", err
	}
	err = r.wait()
	return r.output.String(), err
}

// pulumi runs the Pulumi CLI against the lab; it must succeed.
func (l *lab) pulumi(ctx context.Context, args ...string) (string, error) {
	return l.run(ctx, "exec", append([]string{"--", "pulumi"}, args...)...)
}

// query runs the Pulumi CLI and returns what it prints, which may be secret and stays out of the log.
func (l *lab) query(args ...string) ([]byte, error) {
	c := l.command("exec", append([]string{"--", "pulumi"}, args...)...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	output, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("pulumi %s: %w\n%s", strings.Join(args, " "), err, tail(stderr.String()))
	}
	return output, nil
}

// applicationToken is the token that applications have for Consul.
func (l *lab) applicationToken() (string, error) {
	output, err := l.query("stack", "output", "--json", "--show-secrets", "consul")
	if err != nil {
		return "", err
	}
	var of struct {
		Token string `json:"applicationToken"`
	}
	if err := json.Unmarshal(output, &of); err != nil || of.Token == "" {
		return "", errors.New("the stack's output consul has no applicationToken")
	}
	return of.Token, nil
}

// urn is the URN of a machine.
func (l *lab) urn(ctx context.Context, machine string) (string, error) {
	output, err := l.pulumi(ctx, "stack", "--show-urns")
	if err != nil {
		return "", err
	}
	for word := range strings.FieldsSeq(output) {
		if strings.HasSuffix(word, ":VirtualMachine::"+machine) {
			return word, nil
		}
	}
	return "", fmt.Errorf("the stack has no machine %s", machine)
}

// kill ends a part of an update that runs, the hard way. It tells whether there was any.
func (l *lab) kill(update *running, of victim) (bool, error) {
	if of == everything {
		return update.Process.Kill() == nil, nil
	}
	processes, err := l.Processes()
	if err != nil {
		return false, err
	}
	killed := false
	for _, process := range processes {
		if isVictim(process.Name, of) {
			killed = unix.Kill(process.ID, unix.SIGKILL) == nil || killed
		}
	}
	return killed, nil
}

// isVictim tells a process by its executable.
func isVictim(executable string, of victim) bool {
	if of == program {
		return strings.HasPrefix(executable, "pulumi-go.") // as the language host compiles it
	}
	return executable == "pulumi"
}

// machine is a machine of the lab, running or not.
type machine struct{ name, container, state string }

// machineList lists the machines there are.
func (l *lab) machineList(ctx context.Context) ([]machine, error) {
	output, err := exec.CommandContext(ctx, "docker", "ps", "--all", "--no-trunc", "--filter", "label=azswarm.lab="+labName,
		"--filter", "label=azswarm.kind=machine", "--format", `{{.ID}} {{.State}} {{.Label "azswarm.id"}}`).Output()
	if err != nil {
		return nil, fmt.Errorf("list the machines: %w", err)
	}
	var found []machine
	for line := range strings.Lines(string(output)) {
		var m machine
		if _, err := fmt.Sscan(line, &m.container, &m.state, &m.name); err != nil {
			return nil, fmt.Errorf("list the machines: %q: %w", line, err)
		}
		m.name = path.Base(m.name)
		found = append(found, m)
	}
	return found, nil
}

// on is a command on a machine, as root, that needs neither network nor sshd.
func (l *lab) on(ctx context.Context, name string, command ...string) (*exec.Cmd, error) {
	list, err := l.machineList(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		if m.name == name && m.state == "running" {
			return exec.CommandContext(ctx, "docker", append([]string{"exec", "--interactive", m.container}, command...)...), nil
		}
	}
	return nil, fmt.Errorf("%s does not run", name)
}

// ask runs a script on a machine and returns what it prints.
func (l *lab) ask(ctx context.Context, name, script string) (string, error) {
	c, err := l.on(ctx, name, "bash", "-s")
	if err != nil {
		return "", err
	}
	c.Stdin = strings.NewReader("set -euo pipefail\n" + script)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	output, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("on %s: %w: %s", name, err, strings.TrimSpace(stderr.String()))
	}
	return strings.TrimSpace(string(output)), nil
}

// diagnose writes into the log what a look at machines that are not as they should be begins with. None of it is secret.
func (l *lab) diagnose(ctx context.Context) {
	const questions = `systemctl --failed --no-legend; docker ps --all; docker info --format '{{json .Swarm}}'; docker node ls
docker logs --tail 40 consul 2>&1; journalctl --no-pager --lines 60 --unit docker`
	list, err := l.machineList(ctx)
	if err != nil {
		l.log.say("%v", err)
	}
	for _, m := range list {
		l.log.say("== %s: %s", m.name, m.state)
		if m.state != "running" {
			continue
		}
		answers, err := exec.CommandContext(ctx, "docker", "exec", m.container, "bash", "-c", questions).CombinedOutput()
		l.log.say("%v\n%s", err, answers)
	}
}

// logFile is what the soak and its commands said, and when.
type logFile struct {
	mutex sync.Mutex
	file  *os.File
	began time.Time
}

func (f *logFile) Write(text []byte) (int, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.file.Write(text)
}

func (f *logFile) say(format string, args ...any) {
	fmt.Fprintf(f, "[%7.1f s] %s\n", time.Since(f.began).Seconds(), fmt.Sprintf(format, args...))
}

// tail is the end of a long text.
func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
