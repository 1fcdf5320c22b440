package consul

import (
	"github.com/seed-3bc5c20b/azswarm/internal/keys"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// Tokens of the cluster, by what they are for.
const (
	Management   = "management"    // everything
	Discovery    = "discovery"     // what DNS and the servers' agents answer to callers without a token: nodes and services
	ServerAgent  = "server-agent"  // the servers' own upkeep
	ManagerAgent = "manager-agent" // the managers' agents' own upkeep
	WorkerAgent  = "worker-agent"  // the workers' agents' own upkeep
	SwarmManager = "swarm-manager" // start or join the Swarm, publish join tokens
	SwarmWorker  = "swarm-worker"  // read the workers' join token
	Registrator  = "registrator"   // register services
	Application  = "application"   // find services, read and write keys under applicationKV, lock
)

// applicationKV is where applications keep keys of their own.
const applicationKV = "app/"

// ManagerKV and WorkerKV are where a Swarm's join data lives in Consul's KV: each role's under one prefix, for the policies.
func ManagerKV(swarm string) string { return "azswarm/swarm/manager/" + swarm }
func WorkerKV(swarm string) string  { return "azswarm/swarm/worker/" + swarm }

// TokenPolicies are the policies of each token but the management token, which Consul makes itself.
var TokenPolicies = map[string][]string{
	Discovery:    {"azswarm-discovery"},
	ServerAgent:  {"azswarm-server-agent"},
	ManagerAgent: {"azswarm-client-agent", "azswarm-manager-services"},
	WorkerAgent:  {"azswarm-client-agent", "azswarm-worker-services"},
	SwarmManager: {"azswarm-swarm-manager"},
	SwarmWorker:  {"azswarm-swarm-worker"},
	Registrator:  {"azswarm-registrator"},
	Application:  {"azswarm-application"},
}

// Policies are the rules of each policy, in Consul's language. Servers are the nodes named after the cluster. The most
// specific rule counts.
func Policies(cluster string, services []Service) map[string]string {
	var configured []string
	for _, service := range services {
		configured = append(configured, service.Name)
	}
	ofNodes := append([]string{rules.DockerAPIService, rules.SwarmManagerService}, configured...)
	return map[string]string{
		"azswarm-discovery": `
node_prefix "" { policy = "read" }
service_prefix "" { policy = "read" }
query_prefix "" { policy = "read" }`,
		"azswarm-server-agent": `
node_prefix "` + cluster + `-" { policy = "write" }
service_prefix "" { policy = "read" }`,
		"azswarm-client-agent": `
node_prefix "" { policy = "write" }
node_prefix "` + cluster + `-" { policy = "read" }
service_prefix "" { policy = "read" }`,
		"azswarm-manager-services": serviceRules("write", ofNodes),
		"azswarm-worker-services":  serviceRules("write", append([]string{rules.DockerAPIService}, configured...)),
		"azswarm-swarm-manager": `
key_prefix "azswarm/swarm/" { policy = "write" }
session_prefix "" { policy = "write" }
session_prefix "` + cluster + `-" { policy = "read" }
node_prefix "" { policy = "read" }
agent_prefix "" { policy = "write" }
agent_prefix "` + cluster + `-" { policy = "read" }`,
		"azswarm-swarm-worker": `
key_prefix "azswarm/swarm/worker/" { policy = "read" }
agent_prefix "" { policy = "write" }
agent_prefix "` + cluster + `-" { policy = "read" }`,
		"azswarm-registrator": `
service_prefix "" { policy = "write" }` + serviceRules("read", append([]string{"consul"}, ofNodes...)),
		"azswarm-application": `
key_prefix "` + applicationKV + `" { policy = "write" }
session_prefix "" { policy = "write" }
session_prefix "` + cluster + `-" { policy = "read" }
node_prefix "" { policy = "read" }
service_prefix "" { policy = "read" }
query_prefix "" { policy = "read" }`,
	}
}

// NewTokens makes the secrets of these tokens.
func NewTokens(names ...string) (map[string]string, error) {
	secrets := map[string]string{}
	for _, name := range names {
		secret, err := keys.NewToken()
		if err != nil {
			return nil, err
		}
		secrets[name] = secret
	}
	return secrets, nil
}
