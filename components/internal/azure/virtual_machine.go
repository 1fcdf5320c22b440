package azure

import (
	"net/netip"
	"slices"

	compute "github.com/pulumi/pulumi-azure-native-sdk/compute/v2/v20240701"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// Machine is what one virtual machine is made from.
type Machine struct {
	Name           string
	VirtualNetwork pulumi.StringOutput // ARM id
	Tier           ports.Peer
	Address        netip.Addr
	VMSize         string
	Image          Image
	OSDiskGiB      int
	OSDiskType     string

	AdminUser  string
	AdminKey   pulumi.StringOutput // public, in authorized_keys form
	CustomData pulumi.StringOutput // base64

	AvailabilitySet pulumi.StringInput // ARM id; nil for none
	SetName         string             // of the availability set; "" for none
	Zone            string             // "" for none
	PublicAddress   pulumi.StringInput // ARM id; nil for none
	BackendPools    []pulumi.StringInput
}

// Image is an image of Azure's marketplace.
type Image struct {
	Publisher string `pulumi:"publisher"`
	Offer     string `pulumi:"offer"`
	SKU       string `pulumi:"sku"`
	Version   string `pulumi:"version"`
}

// VirtualMachine is one that is registered.
type VirtualMachine = compute.VirtualMachine

// NewVirtualMachine registers a machine with its network interface. The opts are those of the virtual machine.
func (s *Scope) NewVirtualMachine(ctx *pulumi.Context, spec Machine, parent pulumi.Resource, opts ...pulumi.ResourceOption) (*VirtualMachine, error) {
	nic, err := s.newNetworkInterface(ctx, spec, parent)
	if err != nil {
		return nil, err
	}
	args := &compute.VirtualMachineArgs{
		VmName:            pulumi.String(spec.Name),
		ResourceGroupName: s.GroupName,
		Tags:              s.tags,
		HardwareProfile:   compute.HardwareProfileArgs{VmSize: pulumi.String(spec.VMSize)},
		NetworkProfile: compute.NetworkProfileArgs{NetworkInterfaces: compute.NetworkInterfaceReferenceArray{
			compute.NetworkInterfaceReferenceArgs{Id: nic.ID(), Primary: pulumi.Bool(true)},
		}},
		OsProfile: compute.OSProfileArgs{
			ComputerName: pulumi.String(spec.Name), AdminUsername: pulumi.String(spec.AdminUser),
			CustomData: pulumi.ToSecret(spec.CustomData).(pulumi.StringOutput),
			LinuxConfiguration: compute.LinuxConfigurationArgs{
				DisablePasswordAuthentication: pulumi.Bool(true),
				Ssh: compute.SshConfigurationArgs{PublicKeys: compute.SshPublicKeyTypeArray{compute.SshPublicKeyTypeArgs{
					Path: pulumi.String("/home/" + spec.AdminUser + "/.ssh/authorized_keys"), KeyData: spec.AdminKey,
				}}},
			},
		},
		SecurityProfile: compute.SecurityProfileArgs{
			SecurityType: compute.SecurityTypesTrustedLaunch,
			UefiSettings: compute.UefiSettingsArgs{SecureBootEnabled: pulumi.Bool(true), VTpmEnabled: pulumi.Bool(true)},
		},
		StorageProfile: compute.StorageProfileArgs{
			ImageReference: compute.ImageReferenceArgs{
				Publisher: pulumi.String(spec.Image.Publisher), Offer: pulumi.String(spec.Image.Offer),
				Sku: pulumi.String(spec.Image.SKU), Version: pulumi.String(spec.Image.Version),
			},
			OsDisk: compute.OSDiskArgs{
				CreateOption: compute.DiskCreateOptionTypesFromImage, DeleteOption: compute.DiskDeleteOptionTypesDelete,
				DiskSizeGB:  pulumi.Int(spec.OSDiskGiB),
				ManagedDisk: compute.ManagedDiskParametersArgs{StorageAccountType: pulumi.String(spec.OSDiskType)},
			},
		},
	}
	if spec.AvailabilitySet != nil {
		args.AvailabilitySet = compute.SubResourceArgs{Id: spec.AvailabilitySet.ToStringOutput().ToStringPtrOutput()}
	}
	if spec.Zone != "" {
		args.Zones = pulumi.ToStringArray([]string{spec.Zone})
	}
	return compute.NewVirtualMachine(ctx, spec.Name, args, append(s.options("VirtualMachine", spec.Name, slices.Concat(othersMachine, decidedAnew), opts...),
		pulumi.Parent(parent), pulumi.ReplacementTrigger(spec.hardware()), pulumi.ReplaceOnChanges(immutable),
		// The new machine needs the name, the address and the interface of the old one.
		pulumi.DeleteBeforeReplace(true))...)
}

// hardware is what a machine is replaced for if the program says another than when it was made, whatever has become of it in
// Azure meanwhile.
func (m *Machine) hardware() pulumi.Map {
	return pulumi.Map{
		"availabilitySet": pulumi.String(m.SetName), "zone": pulumi.String(m.Zone),
		"diskSizeGB": pulumi.Int(m.OSDiskGiB), "diskType": pulumi.String(m.OSDiskType),
		"hardware": pulumi.String(vmsize.Hardware(m.VMSize)),
	}
}

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
// what they are for the life of the machine, and [Machine.hardware] decides whether that is over.
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
