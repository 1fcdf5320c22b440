package consul

import (
	"fmt"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
)

// Service is a service that runs on the machines themselves, which their agent registers.
type Service struct {
	Name string
	Port int
	Tags []string
}

// definition is the service in the configuration of a machine's agent. Its check needs no secret: servers with TLS take the
// connection before they ask for a certificate.
func (s Service) definition(m *machine.Machine) map[string]any {
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
