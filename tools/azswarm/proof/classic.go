package proof

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// classicNodes expects every manager of the standalone Swarm to be the primary or one of its replicas, and every worker healthy.
func classicNodes(ctx context.Context, runner Runner, outputs access.Outputs, managers []access.Node) Result {
	var answers []string
	var failures []error
	title := fmt.Sprintf("Swarm nodes (%s)", managers[0].Name)
	var primaries int
	for _, manager := range managers {
		result := ask(ctx, runner, manager, title, classicInfo(manager))
		info := parseInfo(result.Output)
		switch {
		case result.Err != nil:
			failures = append(failures, result.Err)
		case info.role == "primary":
			primaries++
		case info.role != "replica" || info.primary == "":
			failures = append(failures, fmt.Errorf("%s: role %q, primary %q; must be the primary, or forward to it", manager.Name, info.role, info.primary))
		}
		for _, worker := range outputs.Tier(access.TierWorkers) {
			if result.Err == nil && info.health[worker.Name] != "Healthy" {
				failures = append(failures, fmt.Errorf("%s calls %s %q, must be Healthy", manager.Name, worker.Name, info.health[worker.Name]))
			}
		}
		answers = append(answers, result.Output)
	}
	if primaries != 1 {
		failures = append(failures, fmt.Errorf("%d of the managers are the primary, must be 1", primaries))
	}
	return Result{Title: title, Command: classicInfo(managers[0]), Output: answers[0], Err: errors.Join(failures...)}
}

// classicInfo is the command that asks a manager, with its own certificate.
func classicInfo(manager access.Node) string {
	const tls = "/etc/azswarm/swarm-tls/"
	return fmt.Sprintf("sudo docker --host tcp://%s:4000 --tlsverify --tlscacert %sca.pem --tlscert %sserver.pem --tlskey %sserver.key info",
		manager.Address, tls, tls, tls)
}

// info is what a manager of the standalone Swarm says of it.
type info struct {
	role, primary string
	health        map[string]string // by worker
}

// parseInfo reads what `docker info` prints: for every worker a line "name: address", and lines with a branch for what is known
// of it.
func parseInfo(output string) info {
	found := info{health: map[string]string{}}
	var node string
	for line := range strings.Lines(output) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case key == "└ Status":
			found.health[node] = value
		case strings.HasPrefix(key, "└"):
		case key == "Role":
			found.role = value
		case key == "Primary":
			found.primary = value
		default:
			node = key
		}
	}
	return found
}
