package components

import (
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
