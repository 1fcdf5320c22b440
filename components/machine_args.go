package components

import (
	"cmp"

	"github.com/seed-3bc5c20b/azswarm/components/internal/azure"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
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

// kind is the same for the machines themselves.
func (a *MachineArgs) kind() machine.Kind {
	return machine.Kind{
		VMSize:     a.VMSize,
		Image:      azure.Image(a.Image),
		OSDiskGiB:  a.OSDiskGiB,
		OSDiskType: a.OSDiskType,
	}
}
