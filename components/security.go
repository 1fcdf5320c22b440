package components

import (
	"fmt"

	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

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

// maxInternalPorts leaves room for them before the applications' rules.
const maxInternalPorts = 100

// newSecurityGroup registers the network security group of a tier, its rules inline: Azure loses rules where the two ways
// of writing them are mixed.
func (n *Network) newSecurityGroup(ctx *pulumi.Context, name string, tier ports.Peer) (*network.NetworkSecurityGroup, error) {
	name += "-" + string(tier)
	var rules network.SecurityRuleTypeArray
	for i, rule := range ports.For(tier, ports.Orchestrator(n.args.Orchestrator), n.args.options()...) {
		rules = append(rules, n.inbound(rule.Name, firstPriority+i, rule.Protocol, portRange(rule.Port), n.prefixes(rule.From), tier, rule.Why))
	}
	if tier == ports.Managers || tier == ports.Workers {
		for i, internal := range n.args.InternalPorts {
			rules = append(rules, n.inbound("internal-"+internal, internalPriority+i, ports.TCP, internal, n.prefixes([]ports.Peer{ports.Workers}), tier,
				"what nodes serve and containers publish, for other containers"))
		}
	}
	if tier == ports.Workers {
		for i, application := range n.args.opened() {
			protocol := azureProtocol(application.Protocol)
			target := portRange(application.TargetPort)
			rules = append(rules,
				n.inbound(fmt.Sprintf("application-%s-%s", target, application.Protocol), applicationPriority+2*i, protocol, target,
					application.Sources, tier, "an application, through its load balancer"),
				n.inbound(fmt.Sprintf("application-%s-%s-probe", target, application.Protocol), applicationPriority+2*i+1, ports.TCP, target,
					n.prefixes([]ports.Peer{ports.HealthProbes}), tier, "the load balancer's health probe of the application"))
		}
	}
	rules = append(rules, n.denyAll())
	return network.NewNetworkSecurityGroup(ctx, name, &network.NetworkSecurityGroupArgs{
		NetworkSecurityGroupName: pulumi.String(name), ResourceGroupName: n.ResourceGroupName, Tags: n.tags(),
		SecurityRules: rules,
	}, append(n.child(), pulumi.IgnoreChanges(othersSecurityGroup), n.shared.keep("NetworkSecurityGroup", name))...)
}

func (n *Network) inbound(name string, priority int, protocol ports.Protocol, port string, sources []string, tier ports.Peer, why string) network.SecurityRuleTypeInput {
	rule := network.SecurityRuleTypeArgs{
		Name: pulumi.String(name), Description: pulumi.String(why), Priority: pulumi.Int(priority),
		Direction: network.SecurityRuleDirectionInbound, Access: network.SecurityRuleAccessAllow, Protocol: pulumi.String(string(protocol)),
		SourcePortRange: pulumi.String("*"), DestinationPortRange: pulumi.String(port),
		DestinationAddressPrefix: pulumi.String(n.subnet(tier).String()),
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
func (n *Network) denyAll() network.SecurityRuleTypeInput {
	return network.SecurityRuleTypeArgs{
		Name: pulumi.String("deny-all"), Description: pulumi.String("nothing but the rules above"), Priority: pulumi.Int(denyPriority),
		Direction: network.SecurityRuleDirectionInbound, Access: network.SecurityRuleAccessDeny, Protocol: pulumi.String("*"),
		SourcePortRange: pulumi.String("*"), DestinationPortRange: pulumi.String("*"),
		SourceAddressPrefix: pulumi.String("*"), DestinationAddressPrefix: pulumi.String("*"),
	}
}

// prefixes are the addresses of the peers of a rule, as Azure takes them.
func (n *Network) prefixes(peers []ports.Peer) []string {
	var prefixes []string
	for _, peer := range peers {
		switch peer {
		case ports.Admins:
			prefixes = append(prefixes, n.args.AdminCIDRs...)
		case ports.HealthProbes:
			prefixes = append(prefixes, "AzureLoadBalancer")
		default:
			prefixes = append(prefixes, n.subnet(peer).String())
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

func azureProtocol(protocol Protocol) ports.Protocol {
	if protocol == UDP {
		return ports.UDP
	}
	return ports.TCP
}
