package bench

import (
	_ "embed"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/bench/figures"
)

// What is asked of a cluster.
//
//go:embed script/state.sh
var stateScript string

//go:embed script/acl.sh
var aclScript string

// rounds is how often each contestant runs, and each worker is added: medians are of so many. Contestants take turns, so that what
// else this machine does meets all of them.
var rounds = flag.Int("rounds", 3, "how often what takes time is done")

// ownNetwork keeps the machines of the benchmarks apart from those of a lab that somebody has up.
const ownNetwork = "azswarm:network=10.118.0.0/16"

const (
	// behindScript bounds what azswarm may take, as a multiple of what the script takes.
	behindScript = 1.25
	// loginsPerUpdate bounds the SSH connections to a machine of the cluster in the update that makes it.
	loginsPerUpdate = 4
)

// phases of an update that makes the stack dev, by the last resources of each.
var phases = []figures.Phase{
	{Name: "boot", Last: func(s figures.Step) bool { return strings.HasSuffix(s.Name, "-booted") }},
	{Name: "Consul", Last: func(s figures.Step) bool { return s.Name == "consul-ready" }},
	{Name: "managers", Last: func(s figures.Step) bool { return s.Name == "managers-ready" }},
	{Name: "workers", Last: func(s figures.Step) bool { return s.Name == "web-ready" }},
	{Name: "demo", Last: func(s figures.Step) bool { return s.Type == "docker:index/service:Service" }},
}

// contest is what the contestants have taken, in each round.
type contest struct {
	azswarm, script, playbook []time.Duration
	machines                  []time.Duration // of script and playbook, before either begins
	split                     [][]time.Duration
	longest                   []figures.Link // of the last round
	milestones                map[string][]time.Duration
	first, again              map[string]int // logins
}

// BenchmarkUp makes the stack dev from nothing, and lets a shell script and a playbook make the same cluster of equal machines.
func BenchmarkUp(b *testing.B) {
	p := compileAll(b)
	removeLeftovers(b, p.work, "race-azswarm", "race-bare")
	for b.Loop() {
		c := contest{milestones: map[string][]time.Duration{}}
		for range *rounds {
			course := c.runAzswarm(b, p)
			c.runScript(b, p, course)
			c.runPlaybook(b, p, course)
		}
		c.report(b)
	}
}

// runAzswarm runs azswarm, and returns what the others have to reach.
func (c *contest) runAzswarm(b *testing.B, p programs) *course {
	b.Helper()
	l := p.lab(b, "race-azswarm", true)
	defer l.down(b)
	l.set(b, ownNetwork)
	first := l.up(b)
	c.azswarm = append(c.azswarm, first.took())
	fmt.Printf("azswarm: %s s\n", seconds(first.took()))
	c.first = l.logins(b)
	l.up(b)
	c.again = l.logins(b)
	for name, count := range c.first {
		c.again[name] -= count
	}
	fmt.Printf("azswarm: SSH connections %v, and %v when nothing changes\n", c.first, c.again)
	export, _ := l.run(b, `exec pulumi stack export --show-secrets`)
	steps, err := figures.Steps([]byte(export))
	if err != nil {
		b.Fatal(err)
	}
	split, err := figures.Split(steps, first.begun, phases)
	if err != nil {
		b.Fatal(err)
	}
	c.split, c.longest = append(c.split, split), figures.Longest(steps, first.begun)
	outputs := l.outputs(b)
	return newCourse(b, export, outputs, judge(b, outputs, "azswarm"))
}
