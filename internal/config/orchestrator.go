package config

import (
	"net/netip"
	"net/url"
	"regexp"
)

// Values of the `orchestrator` key.
const (
	OrchestratorSwarm   = "swarm"   // Docker Engine's built-in Swarm mode
	OrchestratorClassic = "classic" // Docker's standalone Swarm, over Consul
)

const defaultSwarmImage = "swarm:1.2.9"

// classicOverlays is where the engines of the classic orchestrator take overlay networks' subnets from: libnetwork's own
// default, lowest first.
var classicOverlays = netip.MustParsePrefix("10.0.0.0/16")

// Engine is the archive of the Docker Engine that workers of the classic orchestrator run.
type Engine struct {
	URL    string // https
	SHA256 string // 64 hexadecimal digits
}

// Classic configures the classic orchestrator.
type Classic struct {
	Image string // container image of the standalone Swarm, with a tag or digest
}

func decodeOrchestrator(c *Config, v value) {
	switch c.Orchestrator, _ = v.text(OrchestratorSwarm); c.Orchestrator {
	case OrchestratorSwarm:
	case OrchestratorClassic:
		if c.Network.IsValid() && c.Network.Overlaps(classicOverlays) {
			v.refuse("takes overlay networks' subnets from %s; %snetwork must lie elsewhere than at %s", classicOverlays, namespace, c.Network)
		}
	default:
		v.refuse("must be %s or %s", OrchestratorSwarm, OrchestratorClassic)
	}
}

var sha256Pattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

func decodeEngine(c *Config, v value) {
	f, ok := v.object("url", "sha256")
	switch address, sum := f["url"], f["sha256"]; {
	case !ok:
	case c.Orchestrator == OrchestratorClassic:
		c.Engine = Engine{URL: decodeArchive(address), SHA256: decodeSHA256(sum)}
	case address.set || sum.set:
		v.problems.add(v.path, "is for %sorchestrator %s only: %s uses the distribution's engine, which gets its security updates",
			namespace, OrchestratorClassic, OrchestratorSwarm)
	}
}

func decodeArchive(v value) string {
	const archive = "the https URL of a static archive of Docker Engine 20.10, which has the Consul cluster store"
	if !v.set {
		v.problems.add(v.path, "is missing; %sorchestrator %s needs %s", namespace, OrchestratorClassic, archive)
		return ""
	}
	text, ok := v.text("")
	if address, err := url.Parse(text); ok && (err != nil || address.Scheme != "https" || address.Hostname() == "") {
		v.refuse("must be %s", archive)
	}
	return text
}

func decodeSHA256(v value) string {
	if !v.set {
		v.problems.add(v.path, "is missing; an archive is used only if it has the SHA-256 named here")
		return ""
	}
	text, ok := v.text("")
	if ok && !sha256Pattern.MatchString(text) {
		v.refuse("must be a SHA-256, 64 lower-case hexadecimal digits")
	}
	return text
}

func decodeClassic(c *Config, v value) {
	f, _ := v.object("image")
	if c.Orchestrator == OrchestratorClassic {
		c.Classic.Image = decodeImage(c, f["image"], defaultSwarmImage)
	} else if f["image"].set {
		v.problems.add(v.path, "is for %sorchestrator %s only", namespace, OrchestratorClassic)
	}
}
