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
		result := ask(ctx, runner, manager, title, ClassicCommand(manager))
		info := ParseClassic(result.Output)
		switch {
		case result.Err != nil:
			failures = append(failures, result.Err)
		case info.Role == "primary":
			primaries++
		case info.Role != "replica" || info.Primary == "":
			failures = append(failures, fmt.Errorf("%s: role %q, primary %q; must be the primary, or forward to it", manager.Name, info.Role, info.Primary))
		}
		for _, worker := range outputs.Tier(access.TierWorkers) {
			if result.Err == nil && info.Health[worker.Name] != "Healthy" {
				failures = append(failures, fmt.Errorf("%s calls %s %q, must be Healthy", manager.Name, worker.Name, info.Health[worker.Name]))
			}
		}
		answers = append(answers, result.Output)
	}
	if primaries != 1 {
		failures = append(failures, fmt.Errorf("%d of the managers are the primary, must be 1", primaries))
	}
	return Result{Title: title, Command: ClassicCommand(managers[0]), Output: answers[0], Err: errors.Join(failures...)}
}

// ClassicCommand asks a manager of the standalone Swarm, on that manager and with its own certificate.
func ClassicCommand(manager access.Node) string {
	const tls = "/etc/azswarm/swarm-tls/"
	return fmt.Sprintf("sudo docker --host tcp://%s:4000 --tlsverify --tlscacert %sca.pem --tlscert %sserver.pem --tlskey %sserver.key info",
		manager.Address, tls, tls, tls)
}

// ClassicInfo is what a manager of the standalone Swarm says of it.
type ClassicInfo struct {
	Role    string            // primary or replica
	Primary string            // a replica's: the address it forwards to
	Health  map[string]string // "Healthy", by worker
}

// ParseClassic reads what [ClassicCommand] prints: for every worker a line "name: address", and lines with a branch for what is
// known of it.
func ParseClassic(output string) ClassicInfo {
	found := ClassicInfo{Health: map[string]string{}}
	var node string
	for line := range strings.Lines(output) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case key == "└ Status":
			found.Health[node] = value
		case strings.HasPrefix(key, "└"):
		case key == "Role":
			found.Role = value
		case key == "Primary":
			found.Primary = value
		default:
			node = key
		}
	}
	return found
}
