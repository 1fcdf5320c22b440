package consul

import (
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/cloudinit"
)

// BridgeAddress is the node's on Docker's bridge, the same on every node.
var BridgeAddress = netip.MustParsePrefix(cloudinit.BridgeAddress).Addr().String()

// agentConfig is what every agent's configuration has. Secrets are added on the machine.
// https://developer.hashicorp.com/consul/docs/reference/agent/configuration-file
func (c *Cluster) agentConfig(m *machine.Machine) map[string]any {
	return map[string]any{
		"datacenter":           Datacenter,
		"node_name":            m.Name,
		"data_dir":             "/var/lib/consul",
		"bind_addr":            m.Address.String(),
		"client_addr":          "127.0.0.1",
		"retry_join":           c.Addresses,
		"retry_interval":       "2s",
		"disable_update_check": true,
		"acl":                  map[string]any{"enabled": true, "default_policy": "deny", "enable_token_persistence": true},
	}
}

func (c *Cluster) serverConfig(m *machine.Machine) map[string]any {
	config := c.agentConfig(m)
	config["server"] = true
	config["bootstrap_expect"] = c.Servers
	config["ports"] = map[string]any{"serf_wan": -1, "grpc": -1, "grpc_tls": -1}
	config["connect"] = map[string]any{"enabled": true} // issues the clients' certificates
	config["auto_encrypt"] = map[string]any{"allow_tls": true}
	config["ui_config"] = map[string]any{"enabled": true} // on the loopback interface, as all of HTTP
	config["performance"] = map[string]any{"raft_multiplier": 1}
	config["tls"] = map[string]any{
		"defaults": map[string]any{
			"ca_file": "/etc/consul.d/ca.pem", "cert_file": "/etc/consul.d/server.pem", "key_file": "/etc/consul.d/server.key",
			"verify_incoming": true, "verify_outgoing": true,
		},
		"internal_rpc": map[string]any{"verify_server_hostname": true},
	}
	return config
}

// ClientConfig is the configuration of a manager's or worker's agent, which registers what the node itself serves.
func (c *Cluster) ClientConfig(m *machine.Machine, own ...Service) map[string]any {
	config := c.agentConfig(m)
	config["server"] = false
	// Containers reach the node's agent at its address on Docker's bridge, whatever network they are in. No other machine
	// does: the address is no one's but the node's own. Names are for everybody, the API is for those who have a token.
	config["ports"] = map[string]any{"dns": 53, "grpc": -1, "grpc_tls": -1}
	containers := "127.0.0.1 " + BridgeAddress
	config["addresses"] = map[string]any{"dns": containers, "http": containers}
	services := []map[string]any{}
	for _, service := range slices.Concat(own, c.Services) {
		services = append(services, service.definition(m))
	}
	config["services"] = services
	// How long the others keep this node in the catalog when it has failed: without it, the servers' 72 hours.
	config["advertise_reconnect_timeout"] = c.ReconnectTimeout.String()
	config["auto_encrypt"] = map[string]any{"tls": true}
	config["leave_on_terminate"] = false // a restart is no departure
	config["tls"] = map[string]any{
		"defaults":     map[string]any{"ca_file": "/etc/consul.d/ca.pem", "verify_outgoing": true},
		"internal_rpc": map[string]any{"verify_incoming": true, "verify_server_hostname": true},
	}
	return config
}

// ClientParameters and ClientSecrets are what the script "consul" needs to run a client agent. The agent's own token and
// the token of those who call it depend on the tier.
func (c *Cluster) ClientParameters(config string) []bootstrap.Parameter {
	return []bootstrap.Parameter{
		{Name: "CONSUL_SERVER", Value: "false"}, {Name: "CONSUL_CONFIG", Value: config},
	}
}

// ClientValues are the script's parameters that other resources may decide.
func (c *Cluster) ClientValues() pulumi.StringMap {
	return pulumi.StringMap{"CONSUL_IMAGE": c.Image}
}

func (c *Cluster) ClientSecrets(agent, caller string) pulumi.Map {
	return pulumi.Map{
		"ca": c.CA.MapIndex(pulumi.String("certificate")), "gossip": c.gossip,
		"agent": c.Token(agent), "discovery": c.Token(Discovery), "token": c.Token(caller),
	}
}
