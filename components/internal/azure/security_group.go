package azure

import (
	"fmt"
	"net/netip"
	"strings"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// Priorities of security rules: Azure takes 100 to 4096, lower first. The table's rules start at the bottom and the
// applications' leave it room to grow.
const (
	firstPriority       = 100
	internalPriority    = 500
	applicationPriority = 1000
	denyPriority        = 4096
)

// Openings are what a network lets in.
type Openings struct {
	Plan         ipam.Plan
	Orchestrator ports.Orchestrator
	Options      []ports.Option
	Admins       []string // CIDRs of operators
	Internal     []string // ports, or ranges of them, that workers reach on managers and workers
	Applications []Application
}

// Application is a port of the workers that is open to users.
type Application struct {
	Port     int
	Protocol ports.Protocol
	Sources  []string // CIDRs
}

// newSecurityGroup registers the network security group of a tier, its rules inline: Azure loses rules where the two ways
// of writing them are mixed.
func (s *Scope) newSecurityGroup(ctx *pulumi.Context, name string, tier ports.Peer, o Openings, parent pulumi.Resource) (*network.NetworkSecurityGroup, error) {
	name += "-" + string(tier)
	var rules network.SecurityRuleTypeArray
	for i, rule := range ports.For(tier, o.Orchestrator, o.Options...) {
		rules = append(rules, o.inbound(rule.Name, firstPriority+i, rule.Protocol, portRange(rule.Port), o.prefixes(rule.From), tier, rule.Why))
	}
	if tier == ports.Managers || tier == ports.Workers {
		for i, internal := range o.Internal {
			rules = append(rules, o.inbound("internal-"+internal, internalPriority+i, ports.TCP, internal, o.prefixes([]ports.Peer{ports.Workers}), tier,
				"what nodes serve and containers publish, for other containers"))
		}
	}
	if tier == ports.Workers {
		for i, application := range o.Applications {
			protocol := strings.ToLower(string(application.Protocol))
			target := portRange(application.Port)
			rules = append(rules,
				o.inbound(fmt.Sprintf("application-%s-%s", target, protocol), applicationPriority+2*i, application.Protocol, target,
					application.Sources, tier, "an application, through its load balancer"),
				o.inbound(fmt.Sprintf("application-%s-%s-probe", target, protocol), applicationPriority+2*i+1, ports.TCP, target,
					o.prefixes([]ports.Peer{ports.HealthProbes}), tier, "the load balancer's health probe of the application"))
		}
	}
	rules = append(rules, denyAll())
	return network.NewNetworkSecurityGroup(ctx, name, &network.NetworkSecurityGroupArgs{
		NetworkSecurityGroupName: pulumi.String(name),
		ResourceGroupName:        s.GroupName,
		Tags:                     s.tags,
		SecurityRules:            rules,
	}, s.options("NetworkSecurityGroup", name, othersSecurityGroup, pulumi.Parent(parent))...)
}

func (o *Openings) inbound(name string, priority int, protocol ports.Protocol, port string, sources []string, tier ports.Peer, why string) network.SecurityRuleTypeInput {
	rule := network.SecurityRuleTypeArgs{
		Name: pulumi.String(name), Description: pulumi.String(why), Priority: pulumi.Int(priority),
		Direction: network.SecurityRuleDirectionInbound, Access: network.SecurityRuleAccessAllow, Protocol: pulumi.String(string(protocol)),
		SourcePortRange: pulumi.String("*"), DestinationPortRange: pulumi.String(port),
		DestinationAddressPrefix: pulumi.String(o.subnet(tier).String()),
	}
	// Azure keeps a single prefix and a list of them in different properties.
	if len(sources) == 1 {
		rule.SourceAddressPrefix = pulumi.String(sources[0])
	} else {
		rule.SourceAddressPrefixes = pulumi.ToStringArray(sources)
	}
	return rule
}

// denyAll comes before Azure's default rules, of which one allows everything within the virtual network.
func denyAll() network.SecurityRuleTypeInput {
	return network.SecurityRuleTypeArgs{
		Name: pulumi.String("deny-all"), Description: pulumi.String("nothing but the rules above"), Priority: pulumi.Int(denyPriority),
		Direction: network.SecurityRuleDirectionInbound, Access: network.SecurityRuleAccessDeny, Protocol: pulumi.String("*"),
		SourcePortRange: pulumi.String("*"), DestinationPortRange: pulumi.String("*"),
		SourceAddressPrefix: pulumi.String("*"), DestinationAddressPrefix: pulumi.String("*"),
	}
}

// prefixes are the addresses of the peers of a rule, as Azure takes them.
func (o *Openings) prefixes(peers []ports.Peer) []string {
	var prefixes []string
	for _, peer := range peers {
		switch peer {
		case ports.Admins:
			prefixes = append(prefixes, o.Admins...)
		case ports.HealthProbes:
			prefixes = append(prefixes, "AzureLoadBalancer")
		default:
			prefixes = append(prefixes, o.subnet(peer).String())
		}
	}
	return prefixes
}

func portRange(port int) string {
	if port == 0 {
		return "*"
	}
	return fmt.Sprint(port)
}

// subnet is a tier's.
func (o *Openings) subnet(tier ports.Peer) netip.Prefix { return Subnet(o.Plan, tier) }

// othersSecurityGroup are properties of a network security group: none that opens anything.
var othersSecurityGroup = []string{"flushConnection"}
