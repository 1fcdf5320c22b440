package components

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Services of the nodes themselves, by the names under which their agents register them.
const (
	dockerAPIService    = "docker-api"    // the engine's API, where it listens on TCP
	swarmManagerService = "swarm-manager" // the control plane of the Swarm; with [Classic] its API
)

// NodeService is a service that runs on the machines themselves rather than in containers, such as a node exporter. The node's
// agent registers it at the node's address and checks that its port takes connections.
type NodeService struct {
	// Name in Consul, a DNS label: "node-exporter" is found as node-exporter.service.consul. Not "consul", "docker-api" or
	// "swarm-manager", which are azswarm's own.
	Name string
	// Port of the machine, TCP, 1 to 65535.
	Port int
	// Tags that consumers may select by.
	Tags []string
}

// serviceLabel is what DNS finds by name: a label of at most 63 characters.
var serviceLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

func validateNodeServices(services []NodeService) []error {
	var errs []error
	seen := map[string]bool{"consul": true, dockerAPIService: true, swarmManagerService: true}
	for i, s := range services {
		key := fmt.Sprintf("NodeServices[%d]", i)
		switch {
		case !serviceLabel.MatchString(s.Name):
			errs = append(errs, refused(key, "name %q; must be 1 to 63 lower-case letters, digits and inner hyphens", s.Name))
		case seen[s.Name]:
			errs = append(errs, refused(key, "name %q is taken; must be none of %s, each once", s.Name, strings.Join(slices.Sorted(maps.Keys(seen)), ", ")))
		}
		seen[s.Name] = true
		if s.Port < 1 || s.Port > 65535 {
			errs = append(errs, refused(key, "port %d; must be 1 to 65535", s.Port))
		}
		for _, tag := range s.Tags {
			if !serviceLabel.MatchString(tag) {
				errs = append(errs, refused(key, "tag %q; must be 1 to 63 lower-case letters, digits and inner hyphens", tag))
			}
		}
	}
	return errs
}

// definition is the service in the configuration of a machine's agent. Its check needs no secret: servers with TLS take the
// connection before they ask for a certificate.
func (s NodeService) definition(m *Machine) map[string]any {
	address := m.Address.String()
	tags := s.Tags
	if tags == nil {
		tags = []string{}
	}
	return map[string]any{
		"id": s.Name, "name": s.Name, "address": address, "port": s.Port, "tags": tags,
		"check": map[string]any{
			"id": s.Name, "name": "TCP", "tcp": fmt.Sprintf("%s:%d", address, s.Port), "interval": "15s", "timeout": "3s",
		},
	}
}

// serviceRules are rules of one policy for services by their exact names.
func serviceRules(policy string, names []string) string {
	var rules strings.Builder
	for _, name := range names {
		fmt.Fprintf(&rules, "\nservice %q { policy = %q }", name, policy)
	}
	return rules.String()
}
