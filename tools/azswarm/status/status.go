package status

import (
	"context"
	_ "embed"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/proof"
)

//go:embed status.sh
var script string

// Bounds on what a machine is asked.
const (
	eachQuestion = 10 * time.Second
	mostOfOne    = 4 << 20 // bytes; a manager of a large Swarm lists its nodes
)

// Gather asks all machines of the stack, each for at most the given time.
func Gather(ctx context.Context, runner gather.Runner, outputs access.Outputs, stack string, each time.Duration) *Report {
	answers := gather.Ask(ctx, runner, outputs.Nodes, gather.Script{
		Text: script,
		Words: func(node access.Node) []string {
			words := []string{node.Tier}
			if outputs.Orchestrator == access.Classic && node.Tier == access.TierManagers {
				words = append(words, proof.ClassicCommand(node))
			}
			return words
		},
		Each: eachQuestion,
		All:  each,
		Most: mostOfOne,
	})
	return newReport(answers, outputs, stack, time.Now())
}

// Look is [Gather] over a pool's connections. The error says why the bastion is not reached, or is the context's.
func Look(ctx context.Context, pool *access.Pool, stack string, each time.Duration) (*Report, error) {
	dial, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	if err := pool.Connect(dial); err != nil {
		return nil, err
	}
	report := Gather(ctx, pool, pool.Outputs(), stack, each)
	return report, ctx.Err()
}

// newReport reads the answers, and judges them as of a time.
func newReport(answers []gather.Answer, outputs access.Outputs, stack string, now time.Time) *Report {
	r := &Report{
		Stack:         stack,
		ResourceGroup: outputs.ResourceGroup,
		Orchestrator:  outputs.Orchestrator,
		Time:          now.UTC().Truncate(time.Second),
		Machines:      []Machine{},
	}
	for _, answer := range answers {
		r.Machines = append(r.Machines, readMachine(answer))
	}
	r.readConsul(answers)
	r.readSwarm(answers)
	r.readCertificates(answers, outputs.SwarmClient)
	r.judge()
	return r
}
