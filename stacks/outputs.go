package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components"
	"github.com/seed-3bc5c20b/azswarm/internal/config"
)

// export registers what an operator needs: how to get in, where things are, and the credentials, as secrets.
func export(ctx *pulumi.Context, config *config.Config, network *components.Network, consul *components.ConsulCluster, managers *components.SwarmManagerSet, pools []*components.WorkerPool) {
	ctx.Export("resourceGroup", network.ResourceGroupName)
	ctx.Export("adminUser", network.AdminUser)
	ctx.Export("bastion", pulumi.Map{"host": network.BastionAddress, "user": network.AdminUser})
	ctx.Export("sshPrivateKey", pulumi.ToSecret(network.SSHPrivateKey))
	ctx.Export("knownHosts", network.KnownHosts())
	ctx.Export("sshCommand", pulumi.Sprintf(
		"ssh -i azswarm.key -o UserKnownHostsFile=azswarm.known_hosts -o StrictHostKeyChecking=yes %s@%s", network.AdminUser, network.BastionAddress))
	nodes := pulumi.Array{}
	for _, node := range network.Nodes() {
		nodes = append(nodes, pulumi.Map{
			"name": pulumi.String(node.Name), "tier": pulumi.String(node.Tier), "address": pulumi.String(node.Address.String()),
		})
	}
	ctx.Export("nodes", nodes)
	ctx.Export("consul", pulumi.Map{
		"addresses": consul.Addresses, "datacenter": pulumi.String("dc1"), "agentUrl": consul.AgentURL,
		"managementToken": pulumi.ToSecret(consul.ManagementToken), "applicationToken": pulumi.ToSecret(consul.ApplicationToken),
	})
	ctx.Export("swarmEndpoint", managers.Endpoint)
	ctx.Export("swarmClient", pulumi.ToSecret(pulumi.Map{
		"ca": managers.ClientCA, "cert": managers.ClientCertificate, "key": managers.ClientKey,
	}))
	list := "node ls"
	if components.Orchestrator(config.Orchestrator) == components.Classic {
		list = "ps"
	}
	ctx.Export("dockerCommand", pulumi.Sprintf(
		"docker --host %s --tlsverify --tlscacert azswarm.ca.pem --tlscert azswarm.cert.pem --tlskey azswarm.key.pem %s", managers.Endpoint, list))
	addresses := pulumi.Map{}
	for i, pool := range pools {
		addresses[config.Workers[i].Name] = pool.PublicAddress
	}
	ctx.Export("poolAddresses", addresses)
	ctx.Export("orchestrator", pulumi.String(config.Orchestrator))
}
