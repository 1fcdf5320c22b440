package rules

import (
	"regexp"
	"slices"
	"strings"
)

// Services of the nodes themselves, by the names under which Consul and their agents register them.
const (
	ConsulService       = "consul"
	DockerAPIService    = "docker-api"    // the engine's API, where it listens on TCP
	SwarmManagerService = "swarm-manager" // the control plane of the Swarm; with the classic orchestrator its API
)

// platformServices cannot name another.
var platformServices = []string{ConsulService, DockerAPIService, SwarmManagerService}

// serviceLabel is what DNS finds by name: service names and tags.
var serviceLabel = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// ServiceLabel checks the name or a tag of a service.
func (p *Problems) ServiceLabel(path, label string) {
	if !serviceLabel.MatchString(label) {
		p.Refuse(path, label, "must be 1 to 63 lower-case letters, digits and inner hyphens")
	}
}

// NodeService checks that a service of the nodes has a name of its own, and remembers where it is.
func (p *Problems) NodeService(path, name string, seen map[string]string) {
	if other, ok := seen[name]; ok && name != "" {
		p.Refuse(Field(path, "name"), name, "is the name of %s, too; every service needs its own", other)
	}
	seen[name] = path
	if slices.Contains(platformServices, name) {
		p.Refuse(Field(path, "name"), name, "is the platform's; must be none of %s", strings.Join(platformServices, ", "))
	}
}
