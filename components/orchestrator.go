package components

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/kept"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// Orchestrator decides what schedules containers.
type Orchestrator string

const (
	// SwarmMode is the Docker Engine's built-in Swarm.
	SwarmMode Orchestrator = Orchestrator(ports.Swarm)
	// Classic is Docker's standalone Swarm: a project that ended with version 1.2.9, and needs an engine no newer than 20.10.
	// It schedules single containers by constraints, and keeps its nodes, its leader and its overlay networks in Consul.
	Classic Orchestrator = Orchestrator(ports.Classic)
)

// DefaultSwarmImage is the image of the standalone Swarm where none is named: the last release.
const DefaultSwarmImage = "swarm:1.2.9"

// EngineArchive is a static archive of the Docker Engine, as download.docker.com has them under linux/static/stable.
type EngineArchive struct {
	// URL of a .tgz, https.
	URL string
	// SHA256 of the archive, 64 hexadecimal digits. Machines use nothing of an archive that has another.
	SHA256 string
}

func (o *Orchestrator) validate() error {
	switch *o {
	case "":
		*o = SwarmMode
	case SwarmMode, Classic:
	default:
		return refused("Orchestrator", "%q; must be %q or %q", *o, SwarmMode, Classic)
	}
	return nil
}

var sha256Sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

// validate wants an archive with [Classic], and none without.
func (a EngineArchive) validate(o Orchestrator) error {
	if o != Classic {
		if a != (EngineArchive{}) {
			return refused("Engine", "is for Orchestrator %q only: %q uses the distribution's engine, which gets its security updates", Classic, SwarmMode)
		}
		return nil
	}
	var errs []error
	if address, err := url.Parse(a.URL); err != nil || address.Scheme != "https" || address.Hostname() == "" {
		errs = append(errs, refused("Engine.URL", "%q; must be the https URL of an archive of Docker Engine 20.10: Orchestrator %q needs one with the Consul cluster store", a.URL, Classic))
	}
	if !sha256Sum.MatchString(a.SHA256) {
		errs = append(errs, refused("Engine.SHA256", "%q; must be the archive's SHA-256, 64 lower-case hexadecimal digits", a.SHA256))
	}
	return errors.Join(errs...)
}

// classicPool is where engines of [Classic] take the subnets of overlay networks from, the lowest first. It can't be set.
var classicPool = netip.MustParsePrefix("10.0.0.0/16")

// keepOrchestrator refuses another orchestrator than the one the network was made for. It returns once that is known, so that
// nothing else is registered before.
func (n *Network) keepOrchestrator(ctx *pulumi.Context, name string) error {
	made, err := kept.First(ctx, name+"-orchestrator", string(n.args.Orchestrator), pulumi.Parent(n))
	if err != nil {
		return err
	}
	if made != string(n.args.Orchestrator) {
		return fmt.Errorf("Network %q: %w", name, refused("Orchestrator", `%q, but the cluster was made with %q, and containers can't be handed over;
keep %[2]q, or bring up a cluster with %[1]q beside it (a stack of its own, with another address space), move the applications, and destroy this one`,
			n.args.Orchestrator, made))
	}
	return nil
}
