// Package config decodes a stack's configuration and refuses what would not work, every mistake at once.
package config

import (
	"net/netip"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// Config is the whole configuration of a stack, decoded, defaulted and checked:
// whoever holds one need not check it again.
type Config struct {
	Location     string            // azure-native:location
	AdminCIDRs   []netip.Prefix    // networks operators connect from
	Network      netip.Prefix      // address space of the virtual network
	Plan         ipam.Plan         // Network, carved into the tiers' subnets
	Orchestrator string            // OrchestratorSwarm or OrchestratorClassic
	Engine       Engine            // with OrchestratorClassic; else empty
	Classic      Classic           // with OrchestratorClassic; else empty
	Spread       string            // SpreadAvailabilitySet or SpreadZones
	FaultDomains int               // of each availability set, 2 or 3; without effect with SpreadZones
	Images       Images            // where container images come from
	Consul       Consul            // the Consul servers
	Managers     Managers          // the Swarm managers
	Workers      []WorkerPool      // worker pools, in the order of the configuration
	Registrator  Registrator       // service registration on every worker
	Internal     []ports.Range     // TCP ports of managers and workers that workers reach
	Demo         bool              // deploy the demo application and its overlay network
	Tags         map[string]string // put on every Azure resource
	Rotate       map[string]int    // generation of each secret; raising one replaces the secret
}

// Values of the `spread` key: how Azure keeps a tier's machines apart.
const (
	SpreadAvailabilitySet = rules.AvailabilitySet
	SpreadZones           = rules.Zones
)

// Consul configures the Consul servers.
type Consul struct {
	Servers           int    // 3 or 5; 1 with AllowSingleServer
	AllowSingleServer bool   // accept a cluster that loses its data with its only server
	VMSize            string // Azure VM size
	Image             string // container image, with a tag or digest
	NodeServices      []NodeService
	ReconnectTimeout  time.Duration // how long failed managers and workers stay in the catalog
}

// NodeService is a service of the managers and workers themselves, outside of containers.
type NodeService struct {
	Name string   // in Consul
	Port int      // TCP
	Tags []string // in Consul
}

// Managers configures the Swarm managers.
type Managers struct {
	Count    int    // odd, 1 to 7
	VMSize   string // Azure VM size
	Autolock bool   // whether a manager's data is locked until it gets a key
}

// WorkerPool configures one set of equal workers.
type WorkerPool struct {
	Name   string            // names the pool's machines
	Count  int               // 0 up to the capacity of the pool's address block
	VMSize string            // Azure VM size
	Labels map[string]string // Swarm node labels
	Block  int               // address block, see ipam.Plan.Pool
	Ports  []Port            // what the pool's load balancer lets in
}

// Port is one port a worker pool serves to the outside.
type Port struct {
	Port       int            // as clients see it
	TargetPort int            // on the workers
	Protocol   string         // "tcp" or "udp"
	Sources    []netip.Prefix // networks clients may come from
}

// Registrator configures the service registration on the workers.
type Registrator struct {
	Image string // container image, with a tag or digest
}
