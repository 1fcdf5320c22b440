package azure

import (
	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
)

// NewPublicAddress registers a Standard, static public address: the only kind Azure still creates. It names no zones, which in a
// region that has any means all of them, however the machines are spread: Azure never lets an address change its zones.
func (s *Scope) NewPublicAddress(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (*network.PublicIPAddress, error) {
	return network.NewPublicIPAddress(ctx, name, &network.PublicIPAddressArgs{
		PublicIpAddressName:      pulumi.String(name),
		ResourceGroupName:        s.GroupName,
		Tags:                     s.tags,
		Sku:                      network.PublicIPAddressSkuArgs{Name: network.PublicIPAddressSkuNameStandard},
		PublicIPAllocationMethod: network.IPAllocationMethodStatic,
		PublicIPAddressVersion:   network.IPVersionIPv4,
	}, s.options("PublicIPAddress", name, othersPublicIP, opts...)...)
}

// FrontAddress is a public address that others connect to.
type FrontAddress struct {
	ID      pulumi.StringOutput // ARM id
	Address pulumi.StringOutput // known to previews as long as the resource stays
}

// NewFrontAddress registers a [FrontAddress].
func (s *Scope) NewFrontAddress(ctx *pulumi.Context, name string, parent pulumi.Resource) (FrontAddress, error) {
	public, err := s.NewPublicAddress(ctx, name, pulumi.Parent(parent))
	if err != nil {
		return FrontAddress{}, err
	}
	address, err := stash.Made(ctx, name+"-address", public, public.IpAddress.Elem(), pulumi.Parent(parent))
	return FrontAddress{public.ID().ToStringOutput(), address}, err
}

// othersPublicIP are properties of a public address. Zones are some that older programs have set; without, it is in all.
var othersPublicIP = []string{
	"ddosSettings", "deleteOption", "dnsSettings", "extendedLocation", "idleTimeoutInMinutes", "ipAddress", "ipTags",
	"linkedPublicIPAddress", "migrationPhase", "natGateway", "servicePublicIPAddress", "sku.tier", "zones",
}
