package page

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

// Network is what the stack has of Azure's network.
type Network struct {
	Subnets  []Subnet
	Openings []Opening // in the order of Azure's rules
}

// Subnet is a tier's part of the network.
type Subnet struct {
	Name  string
	Range string
}

// Opening is what a subnet lets in.
type Opening struct {
	To       string // the subnet
	Ports    string
	Protocol string
	From     []string
	Public   bool // the sources are beyond the network, such as those of operators
	Why      string
}

// ReadNetwork finds the virtual networks and security groups among a stack's resources.
func ReadNetwork(resources []stack.Resource) *Network {
	n := &Network{}
	for _, r := range resources {
		if isA(r, "VirtualNetwork") {
			var subnets []struct{ Name, AddressPrefix string }
			_ = json.Unmarshal(r.Inputs["subnets"], &subnets) // what has another form is nothing of ours
			for _, s := range subnets {
				n.Subnets = append(n.Subnets, Subnet{Name: s.Name, Range: s.AddressPrefix})
			}
		}
	}
	for _, r := range resources {
		if isA(r, "NetworkSecurityGroup") {
			n.readRules(r)
		}
	}
	return n
}

func isA(r stack.Resource, kind string) bool {
	return strings.HasPrefix(r.Type, "azure-native:network") && strings.HasSuffix(r.Type, ":"+kind)
}

// rule is a rule of a security group, as far as it is shown.
type rule struct {
	Access, Direction, Protocol, Description string
	Priority                                 int
	SourceAddressPrefix                      string
	SourceAddressPrefixes                    []string
	DestinationAddressPrefix                 string
	DestinationPortRange                     string
	DestinationPortRanges                    []string
}

func (n *Network) readRules(r stack.Resource) {
	var rules []rule
	_ = json.Unmarshal(r.Inputs["securityRules"], &rules) // as above
	slices.SortStableFunc(rules, func(a, b rule) int { return a.Priority - b.Priority })
	for _, rule := range rules {
		if rule.Access != "Allow" || rule.Direction != "Inbound" {
			continue
		}
		o := Opening{
			To:       n.called(rule.DestinationAddressPrefix),
			Ports:    strings.Join(append(rule.DestinationPortRanges, rule.DestinationPortRange), ", "),
			Protocol: strings.ToUpper(rule.Protocol),
			Why:      rule.Description,
		}
		o.Ports = strings.Trim(strings.ReplaceAll(o.Ports, "*", "all"), ", ")
		if o.Protocol == "*" {
			o.Protocol = "any"
		}
		for _, source := range append(rule.SourceAddressPrefixes, rule.SourceAddressPrefix) {
			if source == "" {
				continue
			}
			name := n.called(source)
			o.Public = o.Public || name == source || name == anyone
			o.From = append(o.From, name)
		}
		n.Openings = append(n.Openings, o)
	}
}

// anyone is the whole internet.
const anyone = "anyone"

// called is the name of a subnet, or what Azure's tags stand for; other addresses stay what they are.
func (n *Network) called(prefix string) string {
	for _, s := range n.Subnets {
		if s.Range == prefix {
			return s.Name
		}
	}
	switch prefix {
	case "*", "Internet", "0.0.0.0/0":
		return anyone
	case "AzureLoadBalancer":
		return "Azure's health probes"
	case "VirtualNetwork":
		return "the whole network"
	}
	return prefix
}

// rangeOf is a subnet's address range; "" where it is not known.
func (n *Network) rangeOf(name string) string {
	if n == nil {
		return ""
	}
	for _, s := range n.Subnets {
		if s.Name == name {
			return s.Range
		}
	}
	return ""
}
