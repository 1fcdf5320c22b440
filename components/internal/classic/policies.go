package classic

import (
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/consul"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
)

// Tokens that only a cluster with this orchestrator has, one for each program.
const (
	manage = "classic-manage" // `swarm manage`: elect the primary, find the workers
	join   = "classic-join"   // `swarm join`: announce a worker
	engine = "classic-engine" // dockerd: keep overlay networks, find the other engines
)

// tokenPolicies are the policies of the tokens whose rights the orchestrator changes or adds. The scripts use the roles'
// tokens, the programs their own.
var tokenPolicies = map[string][]string{
	consul.SwarmManager: {"azswarm-classic-manager"},
	consul.SwarmWorker:  {"azswarm-classic-worker"},
	manage:              {"azswarm-classic-manage"},
	join:                {"azswarm-classic-join"},
	engine:              {"azswarm-classic-engine"},
}

// policies are the rules of these policies. The programs' keys lie under docker/ in Consul's KV; what a program
// announces lives as long as a session of its own. Managers may only make the folder of the nodes, where there is none.
func policies(cluster string) map[string]string {
	session := `
session_prefix "" { policy = "write" }
session_prefix "` + cluster + `-" { policy = "read" }`
	// A node whose programs are to leave has its agent leave, and never a server's.
	leave := `
agent_prefix "" { policy = "write" }
agent_prefix "` + cluster + `-" { policy = "read" }`
	return map[string]string{
		"azswarm-classic-manager": `
key_prefix "docker/swarm/nodes/" { policy = "write" }
key_prefix "docker/nodes/" { policy = "write" }
node_prefix "" { policy = "read" }` + leave,
		"azswarm-classic-worker": `
key_prefix "docker/swarm/nodes/" { policy = "read" }
key_prefix "docker/nodes/" { policy = "read" }` + leave,
		"azswarm-classic-manage": `
key_prefix "docker/swarm/nodes" { policy = "read" }
key "docker/swarm/nodes" { policy = "write" }
key "docker/swarm/leader" { policy = "write" }` + session,
		"azswarm-classic-join": `
key_prefix "docker/swarm/nodes" { policy = "write" }` + session,
		"azswarm-classic-engine": `
key_prefix "docker/network/" { policy = "write" }
key_prefix "docker/nodes" { policy = "write" }` + session,
	}
}

// TokenPolicies are those of every cluster, with what differs here.
func (Swarm) TokenPolicies() map[string][]string {
	all := maps.Clone(consul.TokenPolicies)
	maps.Copy(all, tokenPolicies)
	return all
}

// Policies are those of every cluster, with what differs here.
func (Swarm) Policies(c *consul.Cluster) map[string]string {
	all := consul.Policies(c.Name, c.Services)
	delete(all, "azswarm-swarm-manager")
	delete(all, "azswarm-swarm-worker")
	maps.Copy(all, policies(c.Name))
	return all
}

// AddTokens adds one for each program.
func (Swarm) AddTokens(ctx *pulumi.Context, c *consul.Cluster, parent pulumi.Resource) error {
	added, err := stash.New(ctx, c.Name+"-classic-tokens", 0, func() (map[string]string, error) { return consul.NewTokens(manage, join, engine) }, pulumi.Parent(parent))
	if err != nil {
		return err
	}
	c.Tokens = pulumi.All(c.Tokens, added).ApplyT(func(parts []any) map[string]string {
		all := maps.Clone(parts[0].(map[string]string))
		maps.Copy(all, parts[1].(map[string]string))
		return all
	}).(pulumi.StringMapOutput)
	return nil
}
