package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Session is one command's use of a lab: the Pulumi CLI attached to the lab's providers.
type Session struct {
	Lab     *Lab
	Project *Project
	// Stack is the stack that commands act on.
	Stack string
	// Edited names the configuration keys whose values were changed in the lab alone.
	Edited []string

	goFlags string // for compiling the program
	tools   string // directories with the CLI and what it runs, as in PATH
	attach  string // PULUMI_DEBUG_PROVIDERS=…
	config  *stackFile
	paper   bool // the lab has no machines
}

// Open prepares the lab (which must be locked) for running a stack of a project with the CLI in the directory
// tools. A lab that once had machines, or had none, refuses the other.
func (l *Lab) Open(project *Project, stack, tools string, noMachines bool) (*Session, error) {
	if err := project.checkStack(stack); err != nil {
		return nil, err
	}
	if err := l.Create(); err != nil {
		return nil, err
	}
	if err := l.choose(noMachines); err != nil {
		return nil, err
	}
	config, edited, err := l.useStackFile(project, stack)
	if err != nil {
		return nil, err
	}
	return &Session{
		Lab: l, Project: project, Stack: stack, Edited: edited, tools: tools, config: config, goFlags: compilerFlags(), paper: noMachines,
	}, nil
}

// Attach makes the CLI use the providers of this environment entry (see plugin.Servers).
func (s *Session) Attach(entry string) { s.attach = entry }

// Addresses settles the operator's address and the range of public addresses, and remembers them.
// fallback is the operator's network where the configuration names none. A lab belongs to the program that brought it up:
// another one, such as one that deploys applications, changes nothing of that unless it adopts the lab. A range that is chosen is
// reserved, which says no where a lab that this user can't see was quicker.
func (s *Session) Addresses(ctx context.Context, fallback string, adopt bool, reserve func(Record) (bool, error)) (Record, error) {
	record, err := s.Lab.Record()
	if err != nil || !adopt && record.Project != "" && !s.Owns(record) {
		return record, err
	}
	networks, err := s.Project.adminNetworks(s.config.config)
	if err != nil {
		return Record{}, err
	}
	if len(networks) == 0 {
		networks = []string{fallback}
	}
	if record.Operator, err = operatorAddress(networks[0]); err != nil {
		return Record{}, err
	}
	record.Project, record.Stack = s.Project.Dir, s.Stack
	if record.NoMachines { // addresses nobody has can't be anybody else's
		record.PublicAddresses = AnyPool()
	}
	if record.PublicAddresses.IsValid() {
		return record, s.Lab.Remember(record)
	}
	err = s.Lab.amongLabs(func() error {
		used, err := s.Lab.usedNetworks(ctx, record.Operator)
		if err != nil {
			return err
		}
		if record.PublicAddresses, err = reservePool(used, func(pool netip.Prefix) (bool, error) {
			record.PublicAddresses = pool
			return reserve(record)
		}); err != nil {
			return err
		}
		return s.Lab.Remember(record)
	})
	return record, err
}

// Owns tells whether the lab belongs to this session's program and stack.
func (s *Session) Owns(record Record) bool {
	return record.Project == s.Project.Dir && record.Stack == s.Stack
}

// ConfigText returns a value of the stack's configuration that is text, "" if there is none.
func (s *Session) ConfigText(key string) string {
	if node := s.config.config[key]; node.Kind == yaml.ScalarNode {
		return node.Value
	}
	return ""
}

// Environment is what commands run with.
func (s *Session) Environment() []string { return s.environment(s.Stack, s.config.path) }

// Run runs any command in a directory with the lab's CLI, backend and providers.
func (s *Session) Run(ctx context.Context, dir string, interactive bool, args ...string) error {
	return process{
		args: args, dir: dir, env: s.Environment(), interactive: interactive,
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	}.run(ctx)
}

// Prepare makes the stack exist and takes away what a command that was killed left behind. Only the holder of the
// lab's lock may call it: nobody else uses the backend then, and every lock in it is stale.
func (s *Session) Prepare(ctx context.Context) error {
	if s.hasStaleLock() {
		if err := s.quiet(ctx, "pulumi", "cancel", "--yes"); err != nil {
			return fmt.Errorf("remove the lock a killed command left on stack %s: %w", s.Stack, err)
		}
	}
	if s.hasStack() {
		return s.forgetPending(ctx)
	}
	// In a project of its own, so that `stack init` writes nothing into the real one's configuration.
	scratch, err := os.MkdirTemp("", "azswarm-lab-")
	if err != nil {
		return fmt.Errorf("create stack %s: %w", s.Stack, err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	description := fmt.Sprintf("name: %s\nruntime: go\n", s.Project.Name)
	if err := os.WriteFile(filepath.Join(scratch, "Pulumi.yaml"), []byte(description), 0o600); err != nil {
		return fmt.Errorf("create stack %s: %w", s.Stack, err)
	}
	if err := s.quietIn(ctx, scratch, "pulumi", "stack", "init", "--no-select", "--stack", s.Stack); err != nil {
		return fmt.Errorf("create stack %s: %w", s.Stack, err)
	}
	return nil
}

// Up brings the stack to what the program says.
func (s *Session) Up(ctx context.Context, args ...string) error {
	return s.operate(ctx, "up", append([]string{"--skip-preview"}, args...)...)
}

// Destroy deletes the stack's resources in order.
func (s *Session) Destroy(ctx context.Context) error {
	return s.operate(ctx, "destroy", "--skip-preview")
}

func (s *Session) operate(ctx context.Context, operation string, args ...string) error {
	args = append([]string{"pulumi", operation, "--yes", "--non-interactive", "--suppress-outputs"}, args...)
	return process{
		args: args, dir: s.Project.Dir, env: s.Environment(), stdout: os.Stdout, stderr: os.Stderr,
	}.run(ctx)
}

// Capture runs a command and returns what it printed on standard output, whether or not it failed. What it said beside that is
// in the error.
func (s *Session) Capture(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	err := process{args: args, dir: s.Project.Dir, env: s.Environment(), stdin: stdin, stdout: &stdout, stderr: &stderr}.run(ctx)
	if text := strings.TrimSpace(stderr.String()); err != nil && text != "" {
		err = fmt.Errorf("%w: %s", err, text)
	}
	return stdout.Bytes(), err
}

// Outputs returns the stack's outputs, secrets in plain text, as JSON.
func (s *Session) Outputs(ctx context.Context) (map[string]json.RawMessage, error) {
	var stdout, stderr bytes.Buffer
	err := process{
		args: []string{"pulumi", "stack", "output", "--json", "--show-secrets", "--non-interactive"},
		dir:  s.Project.Dir, env: s.Environment(), stdout: &stdout, stderr: &stderr,
	}.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the outputs of stack %s: %w\n%s", s.Stack, err, stderr.String())
	}
	var outputs map[string]json.RawMessage
	if err := json.Unmarshal(stdout.Bytes(), &outputs); err != nil {
		return nil, fmt.Errorf("read the outputs of stack %s: %w", s.Stack, err)
	}
	return outputs, nil
}

// HasStack tells whether the stack has been created in the lab.
func (s *Session) HasStack() bool { return s.hasStack() }

func (s *Session) hasStack() bool {
	_, err := os.Stat(s.stateFile())
	return err == nil
}

func (s *Session) stateFile() string {
	return s.Lab.path("backend", ".pulumi", "stacks", s.Project.Name, s.Stack+".json")
}

func (s *Session) hasStaleLock() bool {
	locks, _ := filepath.Glob(s.Lab.path("backend", ".pulumi", "locks", "organization", s.Project.Name, s.Stack, "*.json"))
	return len(locks) > 0
}

func (s *Session) quiet(ctx context.Context, args ...string) error {
	return s.quietIn(ctx, s.Project.Dir, args...)
}

// quietIn runs a command whose output matters only if it fails.
func (s *Session) quietIn(ctx context.Context, dir string, args ...string) error {
	var output bytes.Buffer
	err := process{args: args, dir: dir, env: s.Environment(), stdout: io.Writer(&output), stderr: &output}.run(ctx)
	var exit *ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(output.String()))
	}
	return err
}

// StackArgument finds the stack that a `pulumi` command line names, if it does.
func StackArgument(args []string) (string, bool) {
	if len(args) == 0 || filepath.Base(args[0]) != "pulumi" {
		return "", false
	}
	for i, arg := range args[1:] {
		for _, flag := range []string{"--stack=", "-s="} {
			if value, ok := strings.CutPrefix(arg, flag); ok {
				return value, true
			}
		}
		if slices.Contains([]string{"-s", "--stack"}, arg) && i+2 < len(args) {
			return args[i+2], true
		}
	}
	return "", false
}
