// Package drain takes the Swarm's work off workers, and lets them have work again.
package drain

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
)

//go:embed drain.sh
var script string

// codeLeft is the script's exit code where work is left.
const codeLeft = 3

// Runner runs commands on nodes, as [access.Client] does.
type Runner interface {
	Exec(ctx context.Context, node access.Node, command string, streams access.Streams) error
}

// Workers are the nodes of these names. All names that are no workers of a Swarm are in one error.
func Workers(outputs access.Outputs, names []string) ([]access.Node, error) {
	if outputs.Orchestrator == access.Classic {
		return nil, errors.New("the standalone Swarm can't drain a worker: its containers stay where they are until they, or the machine, are gone")
	}
	var workers []access.Node
	var failures []error
	for _, name := range names {
		node, err := outputs.Node(name)
		if err == nil && node.Tier != access.TierWorkers {
			err = fmt.Errorf("node %q is no worker (tier %s): nothing of the Swarm runs there", node.Name, node.Tier)
		}
		failures = append(failures, err)
		workers = append(workers, node)
	}
	return workers, errors.Join(failures...)
}

// Begin drains a worker: it gets no more work, and what it has runs elsewhere, as far as other workers may run it. It returns when that
// is so. What is under way, and what no other worker may run, is written to progress. After the limit it fails, and the worker stays drained.
func Begin(ctx context.Context, runner Runner, outputs access.Outputs, worker access.Node, limit time.Duration, progress io.Writer) error {
	err := onManager(ctx, runner, outputs, "begin", worker, limit, progress)
	var exit *ssh.ExitError
	if errors.As(err, &exit) && exit.ExitStatus() == codeLeft {
		return fmt.Errorf("%s is drained, but not all its work runs elsewhere after %s", worker.Name, limit)
	}
	return err
}

// End lets a worker that was drained have work again.
func End(ctx context.Context, runner Runner, outputs access.Outputs, worker access.Node, progress io.Writer) error {
	return onManager(ctx, runner, outputs, "end", worker, 0, progress)
}

// onManager runs the script on the first manager that answers.
func onManager(ctx context.Context, runner Runner, outputs access.Outputs, what string, worker access.Node, limit time.Duration, progress io.Writer) error {
	command := "sudo bash -c " + gather.Quote(script) + " drain " + strings.Join([]string{what, strconv.Itoa(int(limit.Seconds())), gather.Quote(worker.Name)}, " ")
	var failures []error
	for _, manager := range outputs.Tier(access.TierManagers) {
		var stderr strings.Builder
		err := runner.Exec(ctx, manager, command, access.Streams{Stdout: progress, Stderr: &stderr})
		if err == nil {
			return nil
		}
		var exit *ssh.ExitError
		if errors.As(err, &exit) && exit.ExitStatus() == codeLeft || ctx.Err() != nil {
			return err
		}
		failures = append(failures, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String())))
	}
	if len(failures) == 0 {
		return errors.New("the stack's outputs have no managers")
	}
	return errors.Join(failures...)
}
