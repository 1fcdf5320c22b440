package components

import (
	"fmt"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// NodeService is a service that runs on the machines themselves rather than in containers, such as a node exporter. The node's
// agent registers it at the node's address and checks that its port takes connections.
type NodeService struct {
	// Name in Consul, a DNS label: "node-exporter" is found as node-exporter.service.consul. Not "consul", "docker-api" or
	// "swarm-manager", which are azswarm's own.
	Name string `pulumi:"name"`
	// Port of the machine, TCP, 1 to 65535.
	Port int `pulumi:"port"`
	// Tags that consumers may select by.
	Tags []string `pulumi:"tags,optional"`
}

func validateNodeServices(p *rules.Problems, path string, services []NodeService) {
	seen := map[string]string{}
	for i, s := range services {
		at := rules.Item(path, i)
		p.ServiceLabel(rules.Field(at, "name"), s.Name)
		p.NodeService(at, s.Name, seen)
		p.Number(rules.Field(at, "port"), s.Port, rules.Port)
		for j, tag := range s.Tags {
			p.ServiceLabel(rules.Item(rules.Field(at, "tags"), j), tag)
		}
	}
}

// definition is the service in the configuration of a machine's agent. Its check needs no secret: servers with TLS take the
// connection before they ask for a certificate.
func (s NodeService) definition(m *machine.Machine) map[string]any {
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
