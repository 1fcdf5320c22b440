package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/kept"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// newBastion registers the machine that all SSH goes through, with the network's only address that machines have on the
// internet side.
func (n *Network) newBastion(ctx *pulumi.Context, name string) error {
	name += "-bastion"
	private, err := ipam.Host(n.plan.Bastion, 0)
	if err != nil {
		return err
	}
	public, address, err := n.newFrontAddress(ctx, name, n)
	if err != nil {
		return err
	}
	n.BastionAddress = address
	hostKey, err := n.newSSHKey(ctx, name+"-hostkey", "", n)
	if err != nil {
		return err
	}
	m, err := n.newMachine(ctx, machineSpec{
		name: name, hostKey: hostKey, tier: ports.Bastion, address: private, args: n.args.Bastion, publicIP: public.ID(),
	}, n)
	if err != nil {
		return err
	}
	n.access = remote.Access{
		User: adminUser, PrivateKey: n.SSHPrivateKey,
		Bastion: remote.Endpoint{Address: n.BastionAddress, HostKey: kept.Public(hostKey, "public")},
	}
	// Operators know the bastion by its public address as well.
	n.nodes[0].knownHosts = n.BastionAddress.ApplyT(func(address string) pulumi.StringOutput {
		return knownHosts(kept.Public(hostKey, "public"), address, m.Address.String(), m.Name)
	}).(pulumi.StringOutput)
	n.bastion, err = n.awaitBoot(ctx, m, pulumi.Parent(n), pulumi.DependsOn([]pulumi.Resource{m.vm}))
	return err
}
