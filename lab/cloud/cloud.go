// Package cloud is the seam between the lab's model of Azure and the machines behind it.
//
// The azure-native stand-in (package azure) keeps the model and decides what Azure would do; whatever
// has to exist for real (networks, machines, public addresses, load balancers) it asks a [Cloud] for.
// Package containers is the real one, on this machine's Docker; [Paper] is one that starts nothing.
package cloud

import (
	"context"
	"net/netip"
)

// Cloud makes real what the model holds. Every method is idempotent and safe for concurrent use: calling it
// again after a crash finishes the work, and removing what is already gone succeeds.
type Cloud interface {
	// EnsureNetwork makes the virtual network exist. It fails if its address space overlaps another network
	// on this machine.
	EnsureNetwork(ctx context.Context, n Network) error
	// DeleteNetwork removes the virtual network with this ARM id and all that belongs to it.
	DeleteNetwork(ctx context.Context, id string) error

	// EnsureMachine creates and boots the machine, or starts it if it exists and is stopped. It returns when the
	// machine runs, not when it has finished booting.
	EnsureMachine(ctx context.Context, m Machine) error
	// Secure puts the machine's Security in force, as EnsureMachine does before the machine boots. Connections that were
	// let through go on. It does nothing where the machine doesn't exist.
	Secure(ctx context.Context, m Machine) error
	// DeleteMachine removes the machine with this ARM id and its disk.
	DeleteMachine(ctx context.Context, id string) error
	// Machines lists the ids of the machines that exist, running or not.
	Machines(ctx context.Context) ([]string, error)

	// Route makes public addresses, load balancers and outbound access of every network what the edge says,
	// replacing what an earlier call said. It returns when the new state is in force.
	Route(ctx context.Context, e Edge) error
}

// Network is a virtual network.
type Network struct {
	ID       string         // ARM id of the virtual network
	Prefixes []netip.Prefix // address space
	Subnets  []Subnet
}

// Subnet is one subnet of a Network.
type Subnet struct {
	ID       string // ARM id
	Prefixes []netip.Prefix
}

// Machine is a virtual machine as the model hands it over.
type Machine struct {
	ID             string       // ARM id of the VM
	VMID           string       // Azure's vmId: a new one whenever the VM is created anew
	ComputerName   string       // host name
	NetworkID      string       // ARM id of the virtual network of its first NIC
	SubnetID       string       // ARM id of the subnet of its first NIC
	Addresses      []netip.Addr // private addresses, the primary one first
	AdminUser      string
	AuthorizedKeys []string // OpenSSH authorized_keys lines
	CustomData     []byte   // decoded; what cloud-init gets as user data
	Size           string   // Azure VM size
	// AvailabilitySet is the ARM id of its availability set, "" without one, and FaultDomain the number of its fault
	// domain there, from 0.
	AvailabilitySet string
	FaultDomain     int
	Zone            string   // "" without one
	Deallocated     bool     // it has no host, and so doesn't run
	Security        Security // of its first NIC
}

// Edge is everything that crosses the border of the virtual networks.
type Edge struct {
	PublicIPs     []PublicIP
	LoadBalancers []LoadBalancer
	// Outbound lists the subnets that reach the internet.
	Outbound []Outbound
}

// Outbound is a subnet's way to the internet. It comes before the public addresses of the subnet's machines.
type Outbound struct {
	SubnetID string // ARM id
	// Addresses are those of the subnet's NAT gateway. None means Azure's default outbound access, from an address that
	// is nobody's.
	Addresses []netip.Addr
}

// PublicIP maps a public address to one private address (a NIC's public IP).
type PublicIP struct {
	Address   netip.Addr
	NetworkID string // ARM id of the virtual network
	Private   netip.Addr
}

// LoadBalancer is one frontend address with its rules.
type LoadBalancer struct {
	ID        string // ARM id
	Address   netip.Addr
	NetworkID string
	Rules     []LoadBalancerRule
}

// LoadBalancerRule sends one frontend port to the same or another port of its backends.
type LoadBalancerRule struct {
	Name         string
	Protocol     string // "Tcp" or "Udp"
	FrontendPort int
	BackendPort  int
	Backends     []netip.Addr
	Probe        *Probe // nil: every backend always gets traffic
}

// Probe is a load balancer health probe. It comes from 168.63.129.16, as Azure's do.
type Probe struct {
	Protocol        string // "Tcp", "Http" or "Https"
	Port            int
	Path            string // Http and Https
	IntervalSeconds int
	Threshold       int // probes in a row that change a backend's state
}
