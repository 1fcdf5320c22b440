// Package ports is the one table of who may talk to whom on which port. The network security groups, the
// component reference and the tests are all made from it.
package ports

import (
	"fmt"
	"slices"
	"strings"
)

// Peer is an end of a rule: a tier of the network, or a party outside it.
type Peer string

// The tiers, each a subnet with a network security group of its own, and the parties outside.
const (
	Bastion  Peer = "bastion"
	Consul   Peer = "consul"
	Managers Peer = "managers"
	Workers  Peer = "workers"

	Admins       Peer = "admins"        // NetworkArgs.AdminCIDRs
	HealthProbes Peer = "health probes" // Azure's load balancer probes, 168.63.129.16
)

// Tiers lists the tiers in the order their subnets lie in the address space.
func Tiers() []Peer { return []Peer{Bastion, Consul, Managers, Workers} }

// Protocol is an IP protocol as Azure names it in a security rule.
type Protocol string

// The protocols the table uses.
const (
	TCP Protocol = "Tcp"
	UDP Protocol = "Udp"
	ESP Protocol = "Esp"
)

// Orchestrator says with what scheduler of containers a rule is needed.
type Orchestrator string

// The orchestrators, as the `orchestrator` key names them, and what both need.
const (
	Either  Orchestrator = ""
	Swarm   Orchestrator = "swarm"   // the engine's built-in Swarm mode
	Classic Orchestrator = "classic" // Docker's standalone Swarm, with Consul as its store
)

// Option is a part of a cluster that is there only where it is asked for.
type Option string

// ImageCache is the managers' cache of container images, as the `images.cache` key turns it on.
const ImageCache Option = "images.cache"

// ImageCachePort is where managers serve it.
const ImageCachePort = 5000

// Rule opens one port (or, for [ESP], a protocol without ports) of one tier.
type Rule struct {
	Name     string       // unique within the tier; becomes the security rule's name
	To       Peer         // the tier that is opened
	From     []Peer       // who may connect
	Port     int          // destination port; 0 means every port of the protocol
	Protocol Protocol     // one protocol a rule
	Why      string       // one line, for people
	With     Orchestrator // the only one that needs the rule, or [Either]
}

// Table returns every rule that a network needs with an orchestrator and options, in the order in which their priorities are
// given out: those of options come last, so that turning one on moves no other.
func Table(orchestrator Orchestrator, options ...Option) []Rule {
	return slices.DeleteFunc(all(options...), func(rule Rule) bool { return rule.With != Either && rule.With != orchestrator })
}

// all are the rules of both orchestrators, and of these options.
func all(options ...Option) []Rule {
	rules := slices.Concat(cluster(), swarmMode(), classic())
	for _, option := range options {
		rules = append(rules, optional[option]...)
	}
	return rules
}

// optional are the rules of options.
var optional = map[Option][]Rule{
	ImageCache: {{"image-cache", Managers, []Peer{Workers}, ImageCachePort, TCP, "the managers' image cache, TLS; with azswarm:images.cache only", Either}},
}

// cluster is what administration and Consul need.
func cluster() []Rule {
	every := []Peer{Consul, Managers, Workers}
	return slices.Concat(
		[]Rule{{"ssh-from-admins", Bastion, []Peer{Admins}, 22, TCP, "the only door for operators' SSH", Either}},
		toEach(every, Rule{"ssh-from-bastion", "", []Peer{Bastion}, 22, TCP, "bootstrap, and operators by way of the bastion", Either}),
		[]Rule{{"consul-rpc", Consul, every, 8300, TCP, "Consul RPC, mutual TLS", Either}},
		toEach(every, Rule{"consul-gossip-tcp", "", every, 8301, TCP, "Consul LAN gossip, encrypted, every agent to every agent", Either}),
		toEach(every, Rule{"consul-gossip-udp", "", every, 8301, UDP, "Consul LAN gossip, encrypted, every agent to every agent", Either}),
	)
}

// swarmMode is what the built-in Swarm needs: every node is in its overlay networks.
func swarmMode() []Rule {
	swarm := []Peer{Managers, Workers}
	return slices.Concat(
		[]Rule{{"swarm-control", Managers, swarm, 2377, TCP, "Swarm control plane, mutual TLS", Swarm}},
		toEach(swarm, Rule{"overlay-control-tcp", "", swarm, 7946, TCP, "overlay network gossip, encrypted", Swarm}),
		toEach(swarm, Rule{"overlay-control-udp", "", swarm, 7946, UDP, "overlay network gossip, encrypted", Swarm}),
		toEach(swarm, Rule{"overlay-data", "", swarm, 4789, UDP, "overlay network data (VXLAN)", Swarm}),
		toEach(swarm, Rule{"overlay-data-encrypted", "", swarm, 0, ESP, "overlay network data of encrypted networks (IPsec)", Swarm}),
		[]Rule{
			{"swarm-api-from-admins", Managers, []Peer{Admins}, 2376, TCP, "the Swarm API through its load balancer, mutual TLS", Swarm},
			{"swarm-api-probe", Managers, []Peer{HealthProbes}, 2376, TCP, "the load balancer's health probe of the Swarm API", Swarm},
		},
	)
}

// classic is what the standalone Swarm needs. Its managers are in no overlay network, and none of these can be encrypted.
func classic() []Rule {
	workers := []Peer{Workers}
	return []Rule{
		{"swarm-api-from-admins", Managers, []Peer{Admins}, 4000, TCP, "the Swarm API through its load balancer, mutual TLS", Classic},
		{"swarm-api-probe", Managers, []Peer{HealthProbes}, 4000, TCP, "the load balancer's health probe of the Swarm API", Classic},
		{"swarm-replication", Managers, []Peer{Managers}, 4000, TCP, "replicas forward to the primary manager, mutual TLS", Classic},
		{"engine-api", Workers, []Peer{Managers}, 2376, TCP, "managers to the workers' engines, mutual TLS", Classic},
		{"overlay-control-tcp", Workers, workers, 7946, TCP, "overlay network gossip, not encrypted", Classic},
		{"overlay-control-udp", Workers, workers, 7946, UDP, "overlay network gossip, not encrypted", Classic},
		{"overlay-data", Workers, workers, 4789, UDP, "overlay network data (VXLAN)", Classic},
	}
}

// toEach repeats a rule for several tiers.
func toEach(tiers []Peer, rule Rule) []Rule {
	var rules []Rule
	for _, tier := range tiers {
		rule.To = tier
		rules = append(rules, rule)
	}
	return rules
}

// For returns the rules that open one tier with an orchestrator and options.
func For(tier Peer, orchestrator Orchestrator, options ...Option) []Rule {
	var rules []Rule
	for _, rule := range Table(orchestrator, options...) {
		if rule.To == tier {
			rules = append(rules, rule)
		}
	}
	return rules
}

// local are ports that the platform takes on every node and that no rule opens.
var local = map[int]string{
	53:   "the Consul agent's DNS, for containers",
	8500: "the Consul agent's HTTP API",
	8600: "the Consul servers' DNS",
}

// Platform says what azswarm itself uses a port of its machines for, with either orchestrator and these options, if anything:
// applications may not take it.
func Platform(number int, options ...Option) (why string, taken bool) {
	if why, taken = local[number]; taken {
		return why, true
	}
	for _, rule := range all(options...) {
		if rule.Port == number {
			return rule.Why, true
		}
	}
	return "", false
}

// Markdown renders the table for the documentation.
func Markdown() string {
	var text strings.Builder
	text.WriteString("| to | from | port | orchestrator | why |\n|---|---|---|---|---|\n")
	for _, rule := range all(ImageCache) {
		from := make([]string, len(rule.From))
		for i, peer := range rule.From {
			from[i] = string(peer)
		}
		port := string(rule.Protocol)
		if rule.Port != 0 {
			port = fmt.Sprintf("%d/%s", rule.Port, strings.ToLower(port))
		}
		with := string(rule.With)
		if rule.With == Either {
			with = "either"
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", rule.To, strings.Join(from, ", "), port, with, rule.Why)
	}
	text.WriteString("| managers, workers | workers | configured internal ports, tcp | either | what nodes serve and containers publish, for other containers |\n")
	text.WriteString("| workers | the port's configured sources | configured application ports | either | the applications, through the pool's load balancer |\n")
	text.WriteString("| workers | health probes | configured application ports | either | the load balancer's health probe of the applications |\n")
	return text.String()
}
