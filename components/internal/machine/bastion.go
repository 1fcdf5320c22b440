package machine

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// NewBastion registers the machine that all SSH goes through, with the network's only address that machines have on the
// internet side, and returns that address. It completes the site: its way of access, and the bastion itself.
func (s *Site) NewBastion(ctx *pulumi.Context, name string, kind Kind, privateKey pulumi.StringOutput, parent pulumi.Resource) (pulumi.StringOutput, error) {
	none := pulumi.StringOutput{}
	private, err := ipam.Host(s.Plan.Bastion, 0)
	if err != nil {
		return none, err
	}
	public, err := s.Scope.NewFrontAddress(ctx, name, parent)
	if err != nil {
		return none, err
	}
	hostKey, err := NewSSHKey(ctx, name+"-hostkey", "", parent)
	if err != nil {
		return none, err
	}
	m, err := s.newMachine(ctx, name, kind, spec{
		Machine: azure.Machine{Tier: ports.Bastion, Address: private, PublicAddress: public.ID},
		hostKey: hostKey,
	}, parent)
	if err != nil {
		return none, err
	}
	s.Access = remote.Access{
		User:       s.AdminUser,
		PrivateKey: privateKey,
		Bastion:    remote.Endpoint{Address: public.Address, HostKey: stash.Public(hostKey, "public")},
	}
	// Operators know the bastion by its public address as well.
	s.nodes[0].knownHosts = public.Address.ApplyT(func(address string) pulumi.StringOutput {
		return knownHosts(stash.Public(hostKey, "public"), address, m.Address.String(), m.Name)
	}).(pulumi.StringOutput)
	s.Bastion, err = s.awaitBoot(ctx, m, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{m.vm}))
	return public.Address, err
}
