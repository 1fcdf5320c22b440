package config

import "github.com/seed-3bc5c20b/azswarm/internal/rules"

// Values of the `orchestrator` key.
const (
	OrchestratorSwarm   = rules.Swarm
	OrchestratorClassic = rules.Classic
)

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
	c.Orchestrator, _ = v.text(rules.DefaultOrchestrator)
	v.problems.Orchestrator(v.path, c.Orchestrator, networkPath, c.Plan)
}

func decodeEngine(c *Config, v value) {
	f, ok := v.object("url", "sha256")
	switch address, sum := f["url"], f["sha256"]; {
	case !ok:
	case c.Orchestrator == OrchestratorClassic:
		c.Engine = Engine{URL: decodeArchive(address), SHA256: decodeSHA256(sum)}
	case address.set || sum.set:
		v.problems.ClassicOnly(v.path, orchestratorPath, rules.EngineIsTheDistributions)
	}
}

func decodeArchive(v value) string {
	if !v.set {
		v.problems.NoArchive(v.path, orchestratorPath)
		return ""
	}
	text, ok := v.text("")
	if ok {
		v.problems.Archive(v.path, text)
	}
	return text
}

func decodeSHA256(v value) string {
	if !v.set {
		v.problems.NoSHA256(v.path)
		return ""
	}
	text, ok := v.text("")
	if ok {
		v.problems.SHA256(v.path, text)
	}
	return text
}

func decodeClassic(c *Config, v value) {
	f, _ := v.object("image")
	if c.Orchestrator == OrchestratorClassic {
		c.Classic.Image = decodeImage(f["image"], rules.DefaultSwarmImage)
	} else if f["image"].set {
		v.problems.ClassicOnly(v.path, orchestratorPath, "")
	}
}
