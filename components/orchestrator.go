package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/classic"
	"github.com/seed-3bc5c20b/azswarm/components/internal/orchestrator"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/components/internal/swarmmode"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// Orchestrator decides what schedules containers.
type Orchestrator string

const (
	// SwarmMode is the Docker Engine's built-in Swarm.
	SwarmMode Orchestrator = Orchestrator(rules.Swarm)
	// Classic is Docker's standalone Swarm: a project that ended with version 1.2.9, and needs an engine no newer than 20.10.
	// It schedules single containers by constraints, and keeps its nodes, its leader and its overlay networks in Consul.
	Classic Orchestrator = Orchestrator(rules.Classic)
)

// DefaultSwarmImage is the image of the standalone Swarm where none is named: the last release.
const DefaultSwarmImage = rules.DefaultSwarmImage

// EngineArchive is a static archive of the Docker Engine, as download.docker.com has them under linux/static/stable.
type EngineArchive struct {
	// URL of a .tgz, https.
	URL string `pulumi:"url"`
	// SHA256 of the archive, 64 hexadecimal digits. Machines use nothing of an archive that has another.
	SHA256 string `pulumi:"sha256"`
}

// judge wants an archive with [Classic], and none without.
func (a EngineArchive) judge(p *rules.Problems, path string, o Orchestrator, orchestratorPath string) {
	url, sum := rules.Field(path, "url"), rules.Field(path, "sha256")
	if o != Classic {
		if a != (EngineArchive{}) {
			p.ClassicOnly(path, orchestratorPath, rules.EngineIsTheDistributions)
		}
		return
	}
	if a.URL == "" {
		p.NoArchive(url, orchestratorPath)
	} else {
		p.Archive(url, a.URL)
	}
	if a.SHA256 == "" {
		p.NoSHA256(sum)
	} else {
		p.SHA256(sum, a.SHA256)
	}
}

// keepOrchestrator refuses another orchestrator than the one the network was made for. It returns once that is known, so that
// nothing else is registered before.
func (n *Network) keepOrchestrator(ctx *pulumi.Context, name string) error {
	made, err := stash.First(ctx, name+"-orchestrator", string(n.args.Orchestrator), pulumi.Parent(n))
	if err != nil {
		return err
	}
	if made != string(n.args.Orchestrator) {
		return rules.Invalid(rules.Heading("Network", name), "orchestrator", `%q, but the cluster was made with %q, and containers can't be handed over;
keep %[2]q, or bring up a cluster with %[1]q beside it (a stack of its own, with another address space), move the applications, and destroy this one`,
			n.args.Orchestrator, made)
	}
	return nil
}

// room is what the orchestrator does.
func (o Orchestrator) room() orchestrator.Orchestrator {
	if o == Classic {
		return classic.Swarm{}
	}
	return swarmmode.Mode{}
}
