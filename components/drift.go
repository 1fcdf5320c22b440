package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// What others do to Azure resources, policies among them, a refresh makes inputs of, and an update would undo. So what azswarm
// does not set is left to others: a change of it is ignored, and written back with the next update. It is named property by
// property, as ignoring what others have added to a whole would ignore what azswarm changes there, too. A program that sets one
// of these properties has to take it out.

// othersMachine are properties of a virtual machine.
var othersMachine = []string{
	"additionalCapabilities", "applicationProfile", "billingProfile", "capacityReservation", "diagnosticsProfile", "evictionPolicy",
	"extendedLocation", "extensionsTimeBudget", "host", "hostGroup", "identity", "licenseType", "plan", "platformFaultDomain", "priority",
	"proximityPlacementGroup", "scheduledEventsPolicy", "scheduledEventsProfile", "userData", "virtualMachineScaleSet",
	"hardwareProfile.vmSizeProperties",
	"networkProfile.networkApiVersion", "networkProfile.networkInterfaceConfigurations",
	"osProfile.allowExtensionOperations", "osProfile.requireGuestProvisionSignal", "osProfile.secrets", "osProfile.windowsConfiguration",
	"osProfile.linuxConfiguration.enableVMAgentPlatformUpdates", "osProfile.linuxConfiguration.patchSettings",
	"osProfile.linuxConfiguration.provisionVMAgent",
	"securityProfile.encryptionAtHost", "securityProfile.encryptionIdentity", "securityProfile.proxyAgentSettings",
	"storageProfile.dataDisks", "storageProfile.diskControllerType",
	"storageProfile.osDisk.caching", "storageProfile.osDisk.diffDiskSettings", "storageProfile.osDisk.encryptionSettings",
	"storageProfile.osDisk.image", "storageProfile.osDisk.name", "storageProfile.osDisk.osType", "storageProfile.osDisk.vhd",
	"storageProfile.osDisk.writeAcceleratorEnabled",
}

// decidedAnew are properties of a virtual machine that azswarm sets, and that change in Azure though the machine is no other one: ids
// come back in capitals, an interface gets a delete option, a disk is grown, or hidden while the machine is deallocated. They stay
// what they are for the life of the machine, and [machineSpec.hardware] decides whether that is over.
var decidedAnew = []string{
	"availabilitySet", "networkProfile.networkInterfaces", "storageProfile.osDisk.diskSizeGB", "storageProfile.osDisk.managedDisk",
}

// immutable are the properties of a virtual machine that azswarm sets, and Azure refuses to change: without them a change would
// preview as an update and fail. What is decided anew is among them for where it can't be ignored: an interface that is replaced
// takes its machine along.
var immutable = slices.Concat(decidedAnew, []string{
	"location", "zones", "networkProfile", "securityProfile.securityType", "storageProfile.imageReference",
	"osProfile.adminUsername", "osProfile.computerName", "osProfile.customData",
	"osProfile.linuxConfiguration.disablePasswordAuthentication", "osProfile.linuxConfiguration.ssh", "storageProfile.osDisk.createOption",
})

// hardware is what a machine is replaced for if the program says another than when it was made, whatever has become of it in
// Azure meanwhile.
func (s *machineSpec) hardware() pulumi.Map {
	return pulumi.Map{
		"availabilitySet": pulumi.String(s.setName), "zone": pulumi.String(s.zone),
		"diskSizeGB": pulumi.Int(s.args.OSDiskGiB), "diskType": pulumi.String(s.args.OSDiskType),
		"hardware": pulumi.String(vmsize.Hardware(s.args.VMSize)),
	}
}

// othersInterface are properties of a network interface. Its one address has its place for ever, whose id may come back in
// capitals.
var othersInterface = append([]string{
	"auxiliaryMode", "auxiliarySku", "disableTcpStateTracking", "dnsSettings", "enableAcceleratedNetworking", "enableIPForwarding",
	"extendedLocation", "migrationPhase", "networkSecurityGroup", "nicType", "privateLinkService", "workloadType",
}, within("ipConfigurations[0]", "applicationGatewayBackendAddressPools", "applicationSecurityGroups", "gatewayLoadBalancer", "id",
	"loadBalancerInboundNatRules", "privateIPAddressPrefixLength", "privateIPAddressVersion", "subnet", "type", "virtualNetworkTaps")...)

// othersPublicIP are properties of a public address. Zones are some that older programs have set; without, it is in all.
var othersPublicIP = []string{
	"ddosSettings", "deleteOption", "dnsSettings", "extendedLocation", "idleTimeoutInMinutes", "ipAddress", "ipTags",
	"linkedPublicIPAddress", "migrationPhase", "natGateway", "servicePublicIPAddress", "sku.tier", "zones",
}

// othersNatGateway are properties of a NAT gateway.
var othersNatGateway = []string{"idleTimeoutInMinutes", "publicIpPrefixes", "zones"}

// othersSecurityGroup are properties of a network security group: none that opens anything.
var othersSecurityGroup = []string{"flushConnection"}

// othersNetwork are properties of a virtual network.
var othersNetwork = func() []string {
	paths := []string{
		"bgpCommunities", "ddosProtectionPlan", "dhcpOptions", "enableDdosProtection", "enableVmProtection", "encryption", "extendedLocation",
		"flowTimeoutInMinutes", "ipAllocations", "privateEndpointVNetPolicies", "addressSpace.ipamPoolPrefixAllocations",
	}
	for i := range ports.Tiers() {
		paths = append(paths, within(fmt.Sprintf("subnets[%d]", i), "addressPrefixes", "applicationGatewayIPConfigurations", "delegations",
			"ipAllocations", "ipamPoolPrefixAllocations", "privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies", "routeTable",
			"serviceEndpointPolicies", "serviceEndpoints", "sharingScope")...)
	}
	return paths
}()

// othersLoadBalancer are properties of a load balancer. Azure reports the members of a pool among what could be an input.
var othersLoadBalancer = append(append([]string{"extendedLocation", "inboundNatPools", "inboundNatRules", "outboundRules", "sku.tier"},
	within("backendAddressPools[0]", "drainPeriodInSeconds", "id", "loadBalancerBackendAddresses", "location", "syncMode", "tunnelInterfaces",
		"virtualNetwork")...),
	within("frontendIPConfigurations[0]", "gatewayLoadBalancer", "id", "privateIPAddress", "privateIPAddressVersion",
		"privateIPAllocationMethod", "publicIPPrefix", "subnet", "zones")...)

// othersAvailabilitySet are properties of an availability set. Azure reports its machines among what could be an input.
var othersAvailabilitySet = []string{"proximityPlacementGroup", "scheduledEventsPolicy", "sku.capacity", "sku.tier", "virtualMachines"}

// othersResourceGroup are properties of the resource group.
var othersResourceGroup = []string{"managedBy"}

// within are the paths of properties of one object.
func within(object string, properties ...string) []string {
	var paths []string
	for _, property := range properties {
		paths = append(paths, object+"."+property)
	}
	return paths
}
