package local

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
)

// shell is the interpreter of commands that name none.
var shell = []string{"/bin/sh", "-c"}

// Run runs text in dir and waits until it has ended and its children have closed its output. Cancelling ctx kills
// the interpreter, not its children.
func Run(ctx context.Context, in *CommandInputs, text, dir string, previous output.Result, log output.Log) (output.Result, error) {
	args := shell
	if in.Interpreter != nil && len(*in.Interpreter) > 0 {
		args = *in.Interpreter
	}
	args = append(slices.Clone(args), text)

	capture := output.NewCapture(log, in.Logging)
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Dir = dir
	command.Env = environment(in, previous)
	command.Stdout, command.Stderr = &capture.Stdout, &capture.Stderr
	if in.Stdin != nil {
		command.Stdin = strings.NewReader(*in.Stdin)
	}
	return capture.Finish(text, command.Run())
}

// environment is that of this process, what the previous command wrote, and what the resource adds.
func environment(in *CommandInputs, previous output.Result) []string {
	env := os.Environ()
	for _, variable := range previous.Previous(in.AddPreviousOutputInEnv) {
		env = append(env, variable.Name+"="+variable.Value)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Environment)) {
		env = append(env, name+"="+in.Environment[name])
	}
	return env
}
