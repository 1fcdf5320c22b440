// Package stack reads what the Pulumi CLI knows of a stack, in whatever backend that is.
package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// Stack is a stack as the Pulumi CLI is told of it.
type Stack struct {
	Dir  string // of the Pulumi project; "": the working directory
	Name string // "dev", "organization/project/dev"; "": the one that is selected
}

// Values are a stack's outputs by their names, secrets in plain text.
type Values map[string]json.RawMessage

// Outputs reads the stack's outputs.
func (s Stack) Outputs(ctx context.Context) (Values, error) { return s.outputs(ctx, "--show-secrets") }

// Public reads the stack's outputs with a placeholder for each secret.
func (s Stack) Public(ctx context.Context) (Values, error) { return s.outputs(ctx) }

func (s Stack) outputs(ctx context.Context, flags ...string) (Values, error) {
	output, err := s.pulumi(ctx, append([]string{"stack", "output", "--json"}, flags...)...)
	if err != nil {
		return nil, fmt.Errorf("read the outputs of %s: %w", s, err)
	}
	var values Values
	if err := json.Unmarshal(output, &values); err != nil {
		// What doesn't parse may have secrets in it.
		return nil, fmt.Errorf("read the outputs of %s: `pulumi stack output --json` printed something else than JSON", s)
	}
	return values, nil
}

// ShortName is the stack's name without organization and project.
func (s Stack) ShortName(ctx context.Context) (string, error) {
	name := s.Name
	if name == "" {
		output, err := s.pulumi(ctx, "stack", "--show-name")
		if err != nil {
			return "", fmt.Errorf("find the name of %s: %w", s, err)
		}
		name = strings.TrimSpace(string(output))
	}
	return path.Base(name), nil
}

// Update is what the CLI keeps of an update.
type Update struct {
	Kind            string         `json:"kind"`
	Start           string         `json:"startTime"`
	End             string         `json:"endTime"`
	Result          string         `json:"result"`
	ResourceChanges map[string]int `json:"resourceChanges,omitempty"`
}

// LastUpdates reads the newest updates, the newest first.
func (s Stack) LastUpdates(ctx context.Context, count int) ([]Update, error) {
	output, err := s.pulumi(ctx, "stack", "history", "--json", "--page", "1", "--page-size", fmt.Sprint(count))
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", s, err)
	}
	var updates []Update
	if err := json.Unmarshal(output, &updates); err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", s, err)
	}
	return updates, nil
}

// Version is that of the CLI.
func Version(ctx context.Context) (string, error) {
	output, err := Stack{}.pulumi(ctx, "version")
	return strings.TrimSpace(string(output)), err
}

// Command is the CLI with arguments, ready to run on this stack.
func (s Stack) Command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	cli, err := exec.LookPath("pulumi")
	if err != nil {
		return nil, errors.New("there is no pulumi on PATH: install the Pulumi CLI, which has the stack, or use what `azswarm access` saved (--saved)")
	}
	args = slices.Clone(args)
	if s.Dir != "" {
		args = append(args, "--cwd", s.Dir)
	}
	if s.Name != "" && args[0] != "version" {
		args = append(args, "--stack", s.Name)
	}
	return exec.CommandContext(ctx, cli, args...), nil
}

// pulumi runs the CLI and returns what it prints.
func (s Stack) pulumi(ctx context.Context, args ...string) ([]byte, error) {
	cmd, err := s.Command(ctx, append(slices.Clone(args), "--non-interactive")...)
	if err != nil {
		return nil, err
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		said := strings.TrimSpace(stderr.String())
		if said == "" {
			said = err.Error()
		}
		return nil, fmt.Errorf("pulumi %s: %s", strings.Join(args[:min(2, len(args))], " "), said)
	}
	return stdout.Bytes(), nil
}

func (s Stack) String() string {
	if s.Name == "" {
		return "the selected stack"
	}
	return "stack " + s.Name
}
