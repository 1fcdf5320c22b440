package components

import (
	"cmp"
	"encoding/base64"
	"net/netip"
	"slices"

	compute "github.com/pulumi/pulumi-azure-native-sdk/compute/v2/v20240701"
	network "github.com/pulumi/pulumi-azure-native-sdk/network/v2/v20240501"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/kept"
	"github.com/seed-3bc5c20b/azswarm/components/internal/remote"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/cloudinit"
	"github.com/seed-3bc5c20b/azswarm/internal/keys"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// MachineArgs say what kind of virtual machine to use.
type MachineArgs struct {
	// VMSize is an x64 size that supports Trusted Launch, such as Standard_B2als_v2. The default depends on the tier. Another one
	// restarts machines, or replaces them where Azure moves no machine: between sizes with and without a local disk, and with
	// SCSI and NVMe disks.
	VMSize string `pulumi:"vmSize,optional"`
	// Image is what machines boot from; a change replaces them. Default Debian 12, generation 2.
	Image MachineImage `pulumi:"image,optional"`
	// OSDiskGiB is the size of the OS disk, 30 to 4095; a change replaces machines. Default 30 for the bastion, 64 otherwise. A disk
	// that somebody has grown in Azure stays as large as it is until its machine is replaced.
	OSDiskGiB int `pulumi:"osDiskGiB,optional"`
	// OSDiskType is the disk's storage; a change replaces machines. One of Standard_LRS, StandardSSD_LRS, Premium_LRS. Default StandardSSD_LRS.
	OSDiskType string `pulumi:"osDiskType,optional"`
}

// MachineImage is an image of Azure's marketplace: a generation 2, x64, Debian or Ubuntu one with cloud-init.
type MachineImage struct {
	Publisher string `pulumi:"publisher"`
	Offer     string `pulumi:"offer"`
	SKU       string `pulumi:"sku"`
	Version   string `pulumi:"version,optional"` // default "latest"
}

// debian is the default image: https://wiki.debian.org/Cloud/MicrosoftAzure.
var debian = MachineImage{Publisher: "Debian", Offer: "debian-12", SKU: "12-gen2", Version: "latest"}

// Node is a machine as an operator sees it.
type Node struct {
	Name    string     // host name
	Tier    string     // "bastion", "consul", "managers" or "workers"
	Address netip.Addr // static private address

	knownHosts pulumi.StringOutput
}

// Machine is a member of a [MachineSet].
type Machine struct {
	Node
	// ID is the ARM id of the virtual machine.
	ID pulumi.StringOutput

	set      *MachineSet       // nil for the bastion
	triggers pulumi.ArrayInput // change when the machine is another one
	vm       *compute.VirtualMachine
	vmSize   string
	booted   pulumi.Resource // cloud-init has finished; nil for the bastion
}

// machineSpec is what one machine is made from.
type machineSpec struct {
	name            string
	hostKey         pulumi.StringMapOutput
	tier            ports.Peer
	address         netip.Addr
	args            MachineArgs
	engine          bool
	consulDNS       bool
	availabilitySet pulumi.StringInput // ARM id; nil for none
	setName         string             // of the availability set; "" for none
	zone            string             // "" for none
	publicIP        pulumi.StringInput // ARM id; nil for none
	backendPools    []pulumi.StringInput
}

// setDefaults says what is not said, for a tier.
func (a *MachineArgs) setDefaults(vmSize string, diskGiB int) {
	a.VMSize = cmp.Or(a.VMSize, vmSize)
	a.OSDiskGiB = cmp.Or(a.OSDiskGiB, diskGiB)
	a.OSDiskType = cmp.Or(a.OSDiskType, rules.DefaultDiskType)
	a.Image = cmp.Or(a.Image, debian)
	a.Image.Version = cmp.Or(a.Image.Version, debian.Version)
}

// validate reports everything wrong, with defaults set.
func (a *MachineArgs) validate(p *rules.Problems, path string) {
	p.VMSize(rules.Field(path, "vmSize"), a.VMSize)
	if a.Image.Publisher == "" || a.Image.Offer == "" || a.Image.SKU == "" {
		p.Add(rules.Field(path, "image"), "%+v; must name publisher, offer and sku", a.Image)
	}
	p.Number(rules.Field(path, "osDiskGiB"), a.OSDiskGiB, rules.Disk)
	p.DiskType(rules.Field(path, "osDiskType"), a.OSDiskType)
}

// newSSHKey keeps a key pair, as fields "private" and "public".
func (n *Network) newSSHKey(ctx *pulumi.Context, name, comment string, parent pulumi.Resource) (pulumi.StringMapOutput, error) {
	return kept.New(ctx, name, 0, func() (map[string]string, error) {
		key, err := keys.NewSSH(comment)
		return map[string]string{"private": key.Private, "public": key.Public}, err
	}, pulumi.Parent(parent))
}

// newMachine registers a virtual machine with its network interface and the command that waits until it is ready for
// others. The opts are those of the virtual machine.
func (n *Network) newMachine(ctx *pulumi.Context, spec machineSpec, parent pulumi.Resource, opts ...pulumi.ResourceOption) (*Machine, error) {
	child := pulumi.Parent(parent)
	nic, err := n.newNetworkInterface(ctx, spec, child)
	if err != nil {
		return nil, err
	}
	vm, err := n.newVirtualMachine(ctx, spec, nic, append([]pulumi.ResourceOption{child}, opts...))
	if err != nil {
		return nil, err
	}
	m := &Machine{
		Node:   Node{Name: spec.name, Tier: string(spec.tier), Address: spec.address},
		ID:     vm.ID().ToStringOutput(),
		vm:     vm,
		vmSize: spec.args.VMSize,
	}
	m.knownHosts = knownHosts(kept.Public(spec.hostKey, "public"), m.Address.String(), m.Name)
	n.nodes = append(n.nodes, m.Node)
	if spec.tier == ports.Bastion { // newBastion waits for it: by its public address
		return m, nil
	}
	booted, err := n.awaitBoot(ctx, m, child, pulumi.DependsOn([]pulumi.Resource{vm, n.bastion}))
	if err != nil {
		return nil, err
	}
	m.booted = booted
	// Not the machine's own id: where the machine was lost rather than replaced, this makes the engine run the old member's
	// delete before the new machine joins, and not after it.
	m.triggers = pulumi.Array{booted.ID()}
	return m, nil
}

// target is the machine as one behind the bastion.
func (m *Machine) target() *remote.Target {
	return &remote.Target{Name: m.Name, Address: m.Address.String(), KnownHosts: m.knownHosts}
}

// awaitBoot registers the command that waits until a machine can be worked on. It is replaced with the machine, and runs
// again where the machine starts again, with another size. The plugin waits for the bastion itself, and for no other machine:
// there the bastion does, which tries again over new connections and knows what is wrong.
func (n *Network) awaitBoot(ctx *pulumi.Context, m *Machine, opts ...pulumi.ResourceOption) (*remote.Command, error) {
	opts = append([]pulumi.ResourceOption{n.DeletedTogether()}, opts...)
	hidden, err := kept.Hidden(ctx, m.vm, m.vm.VmId)
	if err != nil {
		return nil, err
	}
	if hidden { // else it would be announced as replaced
		opts = append(opts, pulumi.IgnoreChanges([]string{"triggers"}))
	}
	args := remote.Args{
		Script: bootstrap.Script{Parameters: []bootstrap.Parameter{{Name: "NODE", Value: m.Name}}, Files: []string{"machine"}},
		Create: "machine_ready", Triggers: pulumi.Array{m.vm.VmId}, Booting: true,
		Secrets: pulumi.Map{"vmSize": pulumi.String(m.vmSize)},
	}
	if ports.Peer(m.Tier) != ports.Bastion {
		args.Script.Parameters = append(args.Script.Parameters, bootstrap.Parameter{Name: "ADDRESS", Value: m.Address.String()})
		args.Script.Files = []string{"peers", "machine"}
		args.Create, args.Peers, args.Booting = "machine_booted", m.knownHosts, false
	}
	return remote.NewCommand(ctx, m.Name+"-booted", n.access, args, opts...)
}

func (n *Network) newNetworkInterface(ctx *pulumi.Context, spec machineSpec, child pulumi.ResourceOption) (*network.NetworkInterface, error) {
	configuration := network.NetworkInterfaceIPConfigurationArgs{
		Name: pulumi.String("primary"), Primary: pulumi.Bool(true),
		PrivateIPAllocationMethod: network.IPAllocationMethodStatic,
		PrivateIPAddress:          pulumi.String(spec.address.String()),
		Subnet:                    network.SubnetTypeArgs{Id: n.subnetID(spec.tier)},
	}
	if spec.publicIP != nil {
		configuration.PublicIPAddress = network.PublicIPAddressTypeArgs{Id: spec.publicIP.ToStringOutput().ToStringPtrOutput()}
	}
	if len(spec.backendPools) > 0 {
		var pools network.BackendAddressPoolArray
		for _, pool := range spec.backendPools {
			pools = append(pools, network.BackendAddressPoolArgs{Id: pool.ToStringOutput().ToStringPtrOutput()})
		}
		configuration.LoadBalancerBackendAddressPools = pools
	}
	return network.NewNetworkInterface(ctx, spec.name, &network.NetworkInterfaceArgs{
		NetworkInterfaceName: pulumi.String(spec.name), ResourceGroupName: n.ResourceGroupName, Tags: n.tags(),
		IpConfigurations: network.NetworkInterfaceIPConfigurationArray{configuration},
	}, append(n.azure(), child, pulumi.IgnoreChanges(othersInterface), n.shared.keep("NetworkInterface", spec.name))...)
}

func (n *Network) newVirtualMachine(ctx *pulumi.Context, spec machineSpec, nic *network.NetworkInterface, opts []pulumi.ResourceOption) (*compute.VirtualMachine, error) {
	customData := spec.hostKey.ApplyT(func(key map[string]string) (string, error) {
		text, err := cloudinit.UserData(cloudinit.Machine{
			HostPrivateKey: key["private"], HostPublicKey: key["public"], Engine: spec.engine, ConsulDNS: spec.consulDNS,
		})
		return base64.StdEncoding.EncodeToString([]byte(text)), err
	}).(pulumi.StringOutput)
	args := &compute.VirtualMachineArgs{
		VmName: pulumi.String(spec.name), ResourceGroupName: n.ResourceGroupName, Tags: n.tags(),
		HardwareProfile: compute.HardwareProfileArgs{VmSize: pulumi.String(spec.args.VMSize)},
		NetworkProfile: compute.NetworkProfileArgs{NetworkInterfaces: compute.NetworkInterfaceReferenceArray{
			compute.NetworkInterfaceReferenceArgs{Id: nic.ID(), Primary: pulumi.Bool(true)},
		}},
		OsProfile: compute.OSProfileArgs{
			ComputerName: pulumi.String(spec.name), AdminUsername: pulumi.String(adminUser),
			CustomData: pulumi.ToSecret(customData).(pulumi.StringOutput),
			LinuxConfiguration: compute.LinuxConfigurationArgs{
				DisablePasswordAuthentication: pulumi.Bool(true),
				Ssh: compute.SshConfigurationArgs{PublicKeys: compute.SshPublicKeyTypeArray{compute.SshPublicKeyTypeArgs{
					Path: pulumi.String("/home/" + adminUser + "/.ssh/authorized_keys"), KeyData: n.publicKey,
				}}},
			},
		},
		SecurityProfile: compute.SecurityProfileArgs{
			SecurityType: compute.SecurityTypesTrustedLaunch,
			UefiSettings: compute.UefiSettingsArgs{SecureBootEnabled: pulumi.Bool(true), VTpmEnabled: pulumi.Bool(true)},
		},
		StorageProfile: compute.StorageProfileArgs{
			ImageReference: compute.ImageReferenceArgs{
				Publisher: pulumi.String(spec.args.Image.Publisher), Offer: pulumi.String(spec.args.Image.Offer),
				Sku: pulumi.String(spec.args.Image.SKU), Version: pulumi.String(spec.args.Image.Version),
			},
			OsDisk: compute.OSDiskArgs{
				CreateOption: compute.DiskCreateOptionTypesFromImage, DeleteOption: compute.DiskDeleteOptionTypesDelete,
				DiskSizeGB:  pulumi.Int(spec.args.OSDiskGiB),
				ManagedDisk: compute.ManagedDiskParametersArgs{StorageAccountType: pulumi.String(spec.args.OSDiskType)},
			},
		},
	}
	if spec.availabilitySet != nil {
		args.AvailabilitySet = compute.SubResourceArgs{Id: spec.availabilitySet.ToStringOutput().ToStringPtrOutput()}
	}
	if spec.zone != "" {
		args.Zones = pulumi.ToStringArray([]string{spec.zone})
	}
	return compute.NewVirtualMachine(ctx, spec.name, args, append(append(opts, n.azure()...),
		pulumi.IgnoreChanges(slices.Concat(othersMachine, decidedAnew)), n.shared.keep("VirtualMachine", spec.name),
		pulumi.ReplacementTrigger(spec.hardware()), pulumi.ReplaceOnChanges(immutable),
		// The new machine needs the name, the address and the interface of the old one.
		pulumi.DeleteBeforeReplace(true))...)
}

// knownHosts is the known_hosts line of a machine.
func knownHosts(public pulumi.StringOutput, hosts ...string) pulumi.StringOutput {
	return public.ApplyT(func(key string) string {
		return keys.KnownHosts(keys.HostKey{Hosts: hosts, PublicKey: key})
	}).(pulumi.StringOutput)
}
