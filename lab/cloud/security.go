package cloud

import "net/netip"

// Security is what stands between a machine's network interface and its network: the security group of its subnet and
// that of the interface itself. What comes in must pass the subnet's first, what goes out the interface's first.
type Security struct {
	// VirtualNetwork is what the service tag of that name stands for: the network's address space and those of its peers.
	VirtualNetwork []netip.Prefix
	Subnet         *SecurityGroup // nil: there is none, and everything passes
	Interface      *SecurityGroup // nil: the same
}

// SecurityGroup is a network security group: its own rules and Azure's default rules, in any order.
type SecurityGroup struct {
	Name  string
	Rules []SecurityRule
}

// SecurityRule is one rule of a group. Of the rules of its direction that match, the one with the lowest priority counts.
type SecurityRule struct {
	Name     string
	Priority int
	Inbound  bool
	Allow    bool
	Protocol string // "Tcp", "Udp", "Icmp", "Esp", "Ah" or "*"
	// Addresses, prefixes, service tags, or "*".
	Sources, Destinations []string
	// Ports ("22"), ranges ("8000-8010"), or "*".
	SourcePorts, DestinationPorts []string
}
