// Package fabric is the router of one virtual network: the process that runs inside the network's fabric container and
// does what Azure's own network does for a real one. It maps public addresses to machines, spreads a load
// balancer's connections over its healthy backends, decides who reaches the internet, and serves the image registry
// and other downloads.
//
// It works in the container's network namespace alone; the host's firewall and addresses stay as they are.
package fabric

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// Paths inside the fabric container.
const (
	// ConfigFile is the Config in force, in a directory that the host owns and writes.
	ConfigFile = "/etc/azswarm-fabric/config.json"
	// RegistryLog has a line for every request to the registry since it started, with its source and its user agent.
	RegistryLog = "/var/log/azswarm-registry.log"
	// RegistryStorage is the registry's storage, read-only unless it is a cache.
	RegistryStorage = "/var/lib/registry"
	// DownloadsDir holds the files that machines download.
	DownloadsDir = "/srv/downloads"
	// Certificate and Key are the TLS identity of the registry and the downloads (PEM).
	Certificate = "/etc/azswarm-tls/server.crt"
	Key         = "/etc/azswarm-tls/server.key"

	socket = "/run/azswarm-fabric.sock"
)

// ProbeSource is the address Azure's health probes come from.
var ProbeSource = netip.MustParseAddr("168.63.129.16")

// Config is everything a fabric has to know; a new one replaces the old one as a whole.
type Config struct {
	VNet     netip.Prefix // the virtual network's address space
	Internet netip.Prefix // the bridge that stands for the internet: public addresses and this machine
	Uplink   netip.Prefix // the bridge that leads to the real internet
	Gateway  netip.Addr   // this machine's address on the uplink
	Host     netip.Addr   // this machine's address in Internet: where operators' traffic really comes from
	Operator netip.Addr   // where machines see it come from; invalid: Host

	// Registry is the image registry's address in the virtual network; invalid: there is none.
	Registry netip.Addr
	// RegistryUpstream is the URL of the registry that the image registry is a cache of; "" means none.
	RegistryUpstream string
	// Downloads is the address of the downloads in the virtual network; invalid: there are none.
	Downloads netip.Addr

	PublicIPs     []cloud.PublicIP
	LoadBalancers []cloud.LoadBalancer
	Outbound      []Outbound // the subnets that reach the internet
}

// Outbound is a subnet's way to the internet.
type Outbound struct {
	Prefix    netip.Prefix // of the subnet
	Addresses []netip.Addr // of its NAT gateway; none: the fabric's own
}

// readConfig reads ConfigFile.
func readConfig() (Config, error) {
	text, err := os.ReadFile(ConfigFile)
	if err != nil {
		return Config{}, fmt.Errorf("fabric config: %w", err)
	}
	var c Config
	if err := json.Unmarshal(text, &c); err != nil {
		return Config{}, fmt.Errorf("fabric config %s: %w", ConfigFile, err)
	}
	return c, nil
}
