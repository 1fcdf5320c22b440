package components

import (
	"maps"
	"net/netip"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/cloudinit"
	"github.com/seed-3bc5c20b/azswarm/internal/keys"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// classicPort is where managers of [Classic] serve the Swarm API, as in Docker's documentation of it.
const classicPort = 4000

// Tokens that only a cluster with [Classic] has, one for each program.
const (
	classicManage = "classic-manage" // `swarm manage`: elect the primary, find the workers
	classicJoin   = "classic-join"   // `swarm join`: announce a worker
	classicEngine = "classic-engine" // dockerd: keep overlay networks, find the other engines
)

// classicTokenPolicies are the policies of the tokens whose rights [Classic] changes or adds. The scripts use the roles'
// tokens, the programs their own.
var classicTokenPolicies = map[string][]string{
	swarmManager:  {"azswarm-classic-manager"},
	swarmWorker:   {"azswarm-classic-worker"},
	classicManage: {"azswarm-classic-manage"},
	classicJoin:   {"azswarm-classic-join"},
	classicEngine: {"azswarm-classic-engine"},
}

// classicPolicies are the rules of these policies. The programs' keys lie under docker/ in Consul's KV; what a program
// announces lives as long as a session of its own. Managers may only make the folder of the nodes, where there is none.
func classicPolicies(cluster string) map[string]string {
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

// tokenPolicies and policies are those of a cluster with an orchestrator.
func (o Orchestrator) tokenPolicies() map[string][]string {
	if o != Classic {
		return aclTokenPolicies
	}
	all := maps.Clone(aclTokenPolicies)
	maps.Copy(all, classicTokenPolicies)
	return all
}

func (o Orchestrator) policies(cluster string, services []NodeService) map[string]string {
	all := aclPolicies(cluster, services)
	if o == Classic {
		delete(all, "azswarm-swarm-manager")
		delete(all, "azswarm-swarm-worker")
		maps.Copy(all, classicPolicies(cluster))
	}
	return all
}

// withClassicTokens adds the tokens that only [Classic] has to those of every cluster.
func withClassicTokens(ctx *pulumi.Context, name string, tokens pulumi.StringMapOutput, opts ...pulumi.ResourceOption) (pulumi.StringMapOutput, error) {
	added, err := stash.New(ctx, name+"-classic-tokens", 0, func() (map[string]string, error) {
		secrets := map[string]string{}
		for _, name := range []string{classicManage, classicJoin, classicEngine} {
			secret, err := keys.NewToken()
			if err != nil {
				return nil, err
			}
			secrets[name] = secret
		}
		return secrets, nil
	}, opts...)
	if err != nil {
		return pulumi.StringMapOutput{}, err
	}
	return pulumi.All(tokens, added).ApplyT(func(parts []any) map[string]string {
		all := maps.Clone(parts[0].(map[string]string))
		maps.Copy(all, parts[1].(map[string]string))
		return all
	}).(pulumi.StringMapOutput), nil
}

// memberScripts are the files of the scripts by which machines become members of a Swarm. Those of both orchestrators define
// the same functions.
type memberScripts struct {
	manager, worker []string // on the machine
	member          []string // on the bastion
}

func (s *SwarmManagerSet) scripts() memberScripts {
	if s.orchestrator() == Classic {
		return memberScripts{
			manager: []string{"consul", "consul-keeper", "engine", "classic-manager", "image-cache"},
			worker:  []string{"image-mirrors", "consul", "consul-keeper", "engine", "classic-engine", "classic-worker", "registrator"},
			member:  []string{"classic-member"},
		}
	}
	return memberScripts{
		manager: []string{"consul", "consul-keeper", "engine", "swarm", "swarm-keeper", "swarm-manager", "image-cache"},
		worker:  []string{"image-mirrors", "consul", "consul-keeper", "swarm", "swarm-worker", "registrator"},
		member:  []string{"swarm-member", "swarm-carry"},
	}
}

// backendPort is where managers serve the Swarm API.
func (s *SwarmManagerSet) backendPort() int {
	if s.orchestrator() == Classic {
		return classicPort
	}
	return apiPort
}

// managerServices and workerServices are what the machines serve themselves, for Consul's catalog.
func (s *SwarmManagerSet) managerServices() []NodeService {
	if s.orchestrator() == Classic {
		return []NodeService{{Name: rules.SwarmManagerService, Port: classicPort}}
	}
	return []NodeService{{Name: rules.DockerAPIService, Port: apiPort}, {Name: rules.SwarmManagerService, Port: controlPort}}
}

func (s *SwarmManagerSet) workerServices() []NodeService {
	if s.orchestrator() == Classic {
		return []NodeService{{Name: rules.DockerAPIService, Port: apiPort}}
	}
	return nil
}

// managerParameters are what a manager's script needs beyond what every member's does.
func (s *SwarmManagerSet) managerParameters() []bootstrap.Parameter {
	if s.orchestrator() == Classic {
		return nil
	}
	return append([]bootstrap.Parameter{
		{Name: "OVERLAY_POOL", Value: cloudinit.OverlayPool}, {Name: "AUTOLOCK", Value: strconv.FormatBool(s.args.Autolock)},
	}, s.swarmParameters()...)
}

// addTokens gives a machine the tokens of the programs of [Classic] that it runs.
func (s *SwarmManagerSet) addTokens(secrets pulumi.Map, names ...string) {
	if s.orchestrator() != Classic {
		return
	}
	for _, name := range names {
		secrets[name] = s.args.Consul.token(name)
	}
}

// workerParameters are what a worker's script needs beyond what every member's does. With [Classic] a worker's engine is
// asked by the managers: secrets gets its certificate and its tokens.
func (s *SwarmManagerSet) workerParameters(ctx *pulumi.Context, m *machine.Machine, secrets pulumi.Map) ([]bootstrap.Parameter, error) {
	if s.orchestrator() != Classic {
		return s.swarmParameters(), nil
	}
	certificate, err := stash.FromOutput(ctx, m.Name+"-api", s.args.RotateCA, issue(s.ca, pki.Request{
		CommonName: m.Name, DNSNames: []string{m.Name, "localhost"}, IPs: []netip.Addr{m.Address}, Server: true,
	}), pulumi.Parent(m.Set))
	if err != nil {
		return nil, err
	}
	s.addAPISecrets(secrets, certificate)
	s.addTokens(secrets, classicJoin, classicEngine)
	return []bootstrap.Parameter{
		{Name: "ENGINE_URL", Value: s.args.Engine.URL}, {Name: "ENGINE_SHA256", Value: s.args.Engine.SHA256},
	}, nil
}

// classicValues are the parameters of every member with [Classic] that other resources may decide.
func (s *SwarmManagerSet) classicValues() pulumi.StringMap {
	if s.orchestrator() != Classic {
		return nil
	}
	return pulumi.StringMap{"SWARM_IMAGE": s.args.SwarmImage}
}

// workerValues are those of a worker.
func (s *SwarmManagerSet) workerValues(labels pulumi.StringMap) pulumi.StringMap {
	if s.orchestrator() != Classic {
		return nil
	}
	return inputs.Values(s.classicValues(), pulumi.StringMap{"LABELS": inputs.JSON(labels)})
}
