// Package access gets an operator into the machines of a stack: what the stack's outputs say, and SSH through its
// bastion with pinned host keys.
package access

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Node is a machine of the cluster.
type Node struct {
	Name    string     `json:"name"`
	Tier    string     `json:"tier"` // bastion, consul, managers or workers
	Address netip.Addr `json:"address"`
}

// Tiers of nodes, as Node.Tier says them.
const (
	TierBastion  = "bastion"
	TierConsul   = "consul"
	TierManagers = "managers"
	TierWorkers  = "workers"
)

// Bastion is the one machine that operators reach directly.
type Bastion struct {
	Host string `json:"host"`
	User string `json:"user"`
	Port int    `json:"port,omitempty"` // of SSH; 22 where it is 0
}

// endpoint is the bastion's host and port.
func (b Bastion) endpoint() string {
	return net.JoinHostPort(b.Host, strconv.Itoa(cmp.Or(b.Port, sshPort)))
}

const sshPort = 22

// Demo is the demonstration of the overlay network: two containers on different workers.
type Demo struct {
	Network string `json:"network"`
	Server  string `json:"server"` // name of the service or container that answers
	Client  string `json:"client"` // name of the one that asks
	URL     string `json:"url"`    // what the client asks for
}

// Outputs are the stack outputs that tell how to use the cluster.
type Outputs struct {
	ResourceGroup string  `json:"resourceGroup"` // of Azure, with everything in it
	Bastion       Bastion `json:"bastion"`
	AdminUser     string  `json:"adminUser"`
	SSHPrivateKey string  `json:"sshPrivateKey"` // OpenSSH or PEM
	KnownHosts    string  `json:"knownHosts"`    // OpenSSH known_hosts
	Nodes         []Node  `json:"nodes"`
	SwarmEndpoint string  `json:"swarmEndpoint"` // tcp://address:2376
	SwarmClient   TLS     `json:"swarmClient"`
	Orchestrator  string  `json:"orchestrator"` // swarm or classic
	Demo          *Demo   `json:"demo"`         // nil without one
}

// Classic is the orchestrator that isn't part of the engine.
const Classic = "classic"

// TLS is what a client of the Swarm endpoint identifies itself with, in PEM.
type TLS struct {
	CA   string `json:"ca"`
	Cert string `json:"cert"`
	Key  string `json:"key"`
}

// Parse reads stack outputs. A stack that is not (yet) a cluster has few of them, which is no error.
func Parse(raw map[string]json.RawMessage) (Outputs, error) {
	var outputs Outputs
	for name, target := range map[string]any{
		"resourceGroup": &outputs.ResourceGroup,
		"bastion":       &outputs.Bastion,
		"adminUser":     &outputs.AdminUser,
		"sshPrivateKey": &outputs.SSHPrivateKey,
		"knownHosts":    &outputs.KnownHosts,
		"nodes":         &outputs.Nodes,
		"swarmEndpoint": &outputs.SwarmEndpoint,
		"swarmClient":   &outputs.SwarmClient,
		"demo":          &outputs.Demo,
		"orchestrator":  &outputs.Orchestrator,
	} {
		value, found := raw[name]
		if !found {
			continue
		}
		if err := json.Unmarshal(value, target); err != nil {
			// The value may be a secret: only its name is told.
			return Outputs{}, fmt.Errorf("stack output %q has an unexpected form (%T expected)", name, target)
		}
	}
	return outputs, nil
}

// Reachable tells what is missing to log in to the nodes; nil if nothing is.
func (o Outputs) Reachable() error {
	var missing []string
	for name, value := range map[string]string{
		"bastion": o.Bastion.Host, "sshPrivateKey": o.SSHPrivateKey, "knownHosts": o.KnownHosts, "adminUser": o.AdminUser,
	} {
		if value == "" {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("the stack has no output %s, so there is no way in by SSH (has its first update finished?)", strings.Join(missing, ", "))
}

// Node finds a node by name; the bastion is also called [BastionName].
func (o Outputs) Node(name string) (Node, error) {
	for _, node := range o.Nodes {
		if node.Name == name || name == BastionName && node.Tier == TierBastion {
			return node, nil
		}
	}
	if len(o.Nodes) == 0 {
		return Node{}, fmt.Errorf("no node %q: the stack has no nodes (has its first update finished?)", name)
	}
	var names []string
	for _, node := range o.Nodes {
		names = append(names, node.Name)
	}
	if more := len(names) - mostNamed; more > 0 {
		names = append(names[:mostNamed], fmt.Sprintf("and %d more", more))
	}
	return Node{}, fmt.Errorf("no node %q: there are %s", name, strings.Join(names, ", "))
}

// mostNamed is how many nodes an error names.
const mostNamed = 20

// Tier returns the nodes of one tier.
func (o Outputs) Tier(tier string) []Node {
	return slices.DeleteFunc(slices.Clone(o.Nodes), func(node Node) bool { return node.Tier != tier })
}
