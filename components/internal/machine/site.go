// Package machine makes a virtual machine a member of something: it boots it, joins it, has it leave, and changes the machines of a set
// a few at a time.
package machine

import (
	"net/netip"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/keys"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// Site is where machines are: what those of a network share.
type Site struct {
	Scope          *azure.Scope
	VirtualNetwork pulumi.StringOutput // ARM id
	Plan           ipam.Plan
	Zones          bool // machines are kept apart by zones, and not by availability sets
	FaultDomains   int  // of an availability set
	AdminUser      string
	AdminKey       pulumi.StringOutput // public
	Access         remote.Access
	Bastion        pulumi.Resource // ready to be used
	Lifetime       pulumi.Resource // what goes last of all that the machines need

	nodes []Node
}

// Node is a machine as an operator sees it.
type Node struct {
	Name    string     // host name
	Tier    ports.Peer // the tier it is in
	Address netip.Addr // static private address

	knownHosts pulumi.StringOutput
}

// KnownHosts is the node's line of known_hosts.
func (n Node) KnownHosts() pulumi.StringOutput { return n.knownHosts }

// Nodes are the machines registered so far, the bastion first.
func (s *Site) Nodes() []Node { return s.nodes }

// KnownHosts is an OpenSSH known_hosts file of the machines registered so far.
func (s *Site) KnownHosts() pulumi.StringOutput {
	lines := pulumi.StringArray{}
	for _, node := range s.nodes {
		lines = append(lines, node.knownHosts)
	}
	return JoinLines(lines)
}

// JoinLines puts texts together that each end in a line.
func JoinLines(lines pulumi.StringArray) pulumi.StringOutput {
	return lines.ToStringArrayOutput().ApplyT(func(lines []string) string {
		return strings.Join(lines, "")
	}).(pulumi.StringOutput)
}

// Together is for resources that live on the site's machines: they are not deleted one by one when everything is.
func (s *Site) Together() pulumi.ResourceOption { return pulumi.DeletedWith(s.Lifetime) }

// Addresses are those of the first count machines of a tier, before any is registered.
func (s *Site) Addresses(tier ports.Peer, count int) ([]string, error) {
	var addresses []string
	for i := range count {
		address, err := ipam.Host(azure.Subnet(s.Plan, tier), i)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, address.String())
	}
	return addresses, nil
}

// NewSSHKey keeps a key pair, as fields "private" and "public".
func NewSSHKey(ctx *pulumi.Context, name, comment string, parent pulumi.Resource) (pulumi.StringMapOutput, error) {
	return stash.New(ctx, name, 0, func() (map[string]string, error) {
		key, err := keys.NewSSH(comment)
		return map[string]string{"private": key.Private, "public": key.Public}, err
	}, pulumi.Parent(parent))
}

// knownHosts is the known_hosts line of a machine.
func knownHosts(public pulumi.StringOutput, hosts ...string) pulumi.StringOutput {
	return public.ApplyT(func(key string) string {
		return keys.KnownHosts(keys.HostKey{Hosts: hosts, PublicKey: key})
	}).(pulumi.StringOutput)
}
