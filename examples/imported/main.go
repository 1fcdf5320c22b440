// Command imported is a Pulumi program that builds its Swarm from azswarm's components, next to a resource of its own.
package main

import (
	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/seed-3bc5c20b/azswarm/components"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		var operators []string
		settings.RequireObject("adminCidrs", &operators)
		swarm, err := newCluster(ctx, settings.Require("addressSpace"), operators)
		if err != nil {
			return err
		}
		if err := newGatewayAddress(ctx, swarm); err != nil {
			return err
		}
		export(ctx, swarm)
		return nil
	})
}

// newGatewayAddress reserves a public address in the cluster's resource group, say for a VPN gateway.
func newGatewayAddress(ctx *pulumi.Context, swarm *components.Cluster) error {
	address, err := network.NewPublicIPAddress(ctx, "gateway", &network.PublicIPAddressArgs{
		PublicIpAddressName:      pulumi.String("gateway"),
		ResourceGroupName:        swarm.ResourceGroup,
		Sku:                      network.PublicIPAddressSkuArgs{Name: network.PublicIPAddressSkuNameStandard},
		PublicIPAllocationMethod: network.IPAllocationMethodStatic,
	})
	if err != nil {
		return err
	}
	ctx.Export("gatewayAddress", address.IpAddress)
	return nil
}
