// Package gather runs a script on many machines at once, and cuts what each prints into named sections.
package gather

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// Runner runs a command on a machine; [access.Client] is one.
type Runner interface {
	Exec(ctx context.Context, node access.Node, command string, streams access.Streams) error
}

// Script is what machines are asked.
type Script struct {
	// Text is bash, run as root. It calls `section NAME COMMAND…` for each of its questions, and `file NAME PATH` for what a file says.
	Text string
	// Words are the script's positional parameters on a machine; nil for none.
	Words func(access.Node) []string
	// Each is how long a section's command may take; whole seconds.
	Each time.Duration
	// All is how long a machine may take, connection included.
	All time.Duration
	// Most is how many bytes of a machine are kept, as those of its first sections. The rest is dropped.
	Most int
}

// Answer is what a machine said.
type Answer struct {
	Node access.Node
	// Sections are what the commands printed, by name. That of a command that failed may be incomplete.
	Sections map[string]string
	// Failures say why commands failed, by section.
	Failures map[string]string
	// Err is why the machine said nothing, or not all.
	Err error
}

// parallel is how many machines are asked at a time.
const parallel = 64

// Ask asks all nodes, over one connection each, and returns their answers in the same order. A machine that doesn't answer is one of
// these answers.
func Ask(ctx context.Context, runner Runner, nodes []access.Node, script Script) []Answer {
	answers := make([]Answer, len(nodes))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, node := range nodes {
		group.Go(func() error {
			answers[i] = ask(ctx, runner, node, script)
			return nil
		})
	}
	_ = group.Wait() // no function of it fails
	return answers
}

// prelude defines what scripts call. No file is written, as the disk may be full: what a command says of its failure goes through a
// pipe, after what it prints; the shell holds it until then, so what may be long belongs into what is printed. On a small machine it is
// the programs that are started which take time: a file is read without any.
const prelude = `set -u
export LC_ALL=C
section() {
  local name=$1 said status
  shift
  printf '\n%s %s\n' "$MARK" "$name"
  { said=$(timeout --kill-after 1 "$EACH" "$@" </dev/null 2>&1 >&3 3>&-); } 3>&1
  status=$?
  [ "$status" = 0 ] || printf '\n%s %s!\n%s\nexit status %s\n' "$MARK" "$name" "${said: ${#said} > 2000 ? -2000 : 0}" "$status"
}
file() {
  printf '\n%s %s\n' "$MARK" "$1"
  if [ -r "$2" ]; then
    printf '%s\n' "$(<"$2")"
  else
    printf '\n%s %s!\n%s: cannot be read\nexit status 1\n' "$MARK" "$1" "$2"
  fi
}
`

func ask(ctx context.Context, runner Runner, node access.Node, script Script) Answer {
	ctx, cancel := context.WithTimeout(ctx, script.All)
	defer cancel()
	// A word that no machine can know, so that nothing that it prints passes for a section's beginning.
	mark := "#" + rand.Text()
	text := fmt.Sprintf("MARK='%s' EACH=%d\n%s%s\nsection end true\n", mark, int(script.Each.Seconds()), prelude, script.Text)
	words := []string{"sudo", "-n", "bash", "-s", "--"}
	if script.Words != nil {
		for _, word := range script.Words(node) {
			words = append(words, Quote(word))
		}
	}
	output := &limited{most: script.Most}
	said := &limited{most: 2000}
	err := runner.Exec(ctx, node, strings.Join(words, " "), access.Streams{
		Stdin:  strings.NewReader(text),
		Stdout: output,
		Stderr: said,
	})
	answer := Answer{Node: node, Err: err}
	answer.Sections, answer.Failures = cut(output.kept.String(), mark)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		answer.Err = fmt.Errorf("%s: no answer within %s%s", node.Name, script.All, after(answer.Sections))
	case err != nil && said.kept.Len() > 0:
		answer.Err = fmt.Errorf("%w: %s", err, strings.TrimSpace(said.kept.String()))
	}
	return answer
}

// after says how far a machine came.
func after(sections map[string]string) string {
	if len(sections) == 0 {
		return ""
	}
	return fmt.Sprintf(", after %d questions", len(sections)-1)
}

// cut takes what the script printed apart.
func cut(output, mark string) (sections, failures map[string]string) {
	sections, failures = map[string]string{}, map[string]string{}
	parts := strings.Split("\n"+output, "\n"+mark+" ")
	for _, part := range parts[1:] {
		name, text, _ := strings.Cut(part, "\n")
		text = strings.TrimRight(text, "\n")
		if failed, yes := strings.CutSuffix(name, "!"); yes {
			failures[failed] = strings.TrimSpace(text)
		} else {
			sections[name] = text
		}
	}
	return sections, failures
}

// limited keeps the beginning of what is written to it.
type limited struct {
	kept bytes.Buffer
	most int
}

func (l *limited) Write(p []byte) (int, error) {
	room := max(0, l.most-l.kept.Len())
	_, _ = l.kept.Write(p[:min(room, len(p))])
	return len(p), nil // the rest is read, and dropped
}

// Quote makes text one word of a POSIX shell.
func Quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Lines are the lines of a text that have something in them.
func Lines(text string) []string {
	var lines []string
	scanner := bufio.NewScanner(strings.NewReader(text))
	scanner.Buffer(nil, len(text)+1)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
