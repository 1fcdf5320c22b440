package azure

import (
	compute "github.com/pulumi/pulumi-azure-native-sdk/compute/v2/v20240701"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// updateDomains are rebooted one after the other when Azure maintains its hosts; 20 at most.
const updateDomains = 5

// NewAvailabilitySet registers a set of machines that are kept on different racks, and returns its ARM id.
func (s *Scope) NewAvailabilitySet(ctx *pulumi.Context, name string, faultDomains int, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
	set, err := compute.NewAvailabilitySet(ctx, name, &compute.AvailabilitySetArgs{
		AvailabilitySetName:       pulumi.String(name),
		ResourceGroupName:         s.GroupName,
		Tags:                      s.tags,
		Sku:                       compute.SkuArgs{Name: pulumi.String("Aligned")}, // the kind for managed disks
		PlatformFaultDomainCount:  pulumi.Int(faultDomains),
		PlatformUpdateDomainCount: pulumi.Int(updateDomains),
	}, s.options("AvailabilitySet", name, othersAvailabilitySet, opts...)...)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return set.ID().ToStringOutput(), nil
}

// othersAvailabilitySet are properties of an availability set. Azure reports its machines among what could be an input.
var othersAvailabilitySet = []string{"proximityPlacementGroup", "scheduledEventsPolicy", "sku.capacity", "sku.tier", "virtualMachines"}
