package vmsize

import "fmt"

// family is a run of sizes whose names differ in one number.
type family struct {
	name      string // with %d for the number, which mostly is that of vCPUs
	vcpus     []int
	perVCPU   float64         // GiB of memory for each vCPU
	unlike    map[int]float64 // GiB of memory where perVCPU does not hold
	numbering []int           // numbers in the names where they are not the vCPUs
	hardware  string          // plain, local or nvme
}

// Kinds of hardware, between which Azure moves no machine.
const (
	plain = ""      // SCSI disks, none of them local
	local = "local" // SCSI disks, and a local one for temporary data
	nvme  = "nvme"  // NVMe disks only
)

var (
	to32   = []int{2, 4, 8, 16, 32}
	to64   = []int{2, 4, 8, 16, 32, 48, 64}
	to96   = []int{2, 4, 8, 16, 32, 48, 64, 96}
	to128  = []int{2, 4, 8, 16, 32, 48, 64, 96, 128}
	to192  = []int{2, 4, 8, 16, 32, 48, 64, 96, 128, 192}
	eTo64  = []int{2, 4, 8, 16, 20, 32, 48, 64}
	eTo96  = []int{2, 4, 8, 16, 20, 32, 48, 64, 96}
	eTo128 = []int{2, 4, 8, 16, 20, 32, 48, 64, 96, 128}
)

// families lists the x64 sizes that boot with Trusted Launch and take Premium
// SSDs: the general purpose, compute, memory and storage optimized ones.
// Source: the pages of each series under "Sizes for virtual machines in Azure", Microsoft
// Learn, as of 2026. Constrained ("E8-4s"), isolated, GPU and HPC sizes are left out.
var families = []family{
	// Burstable. Bv1 retires on 2028-11-15.
	{name: "Standard_B%dats_v2", vcpus: []int{2}, perVCPU: 0.5},
	{name: "Standard_B%dals_v2", vcpus: to32, perVCPU: 2},
	{name: "Standard_B%das_v2", vcpus: to32, perVCPU: 4},
	{name: "Standard_B%dts_v2", vcpus: []int{2}, perVCPU: 0.5},
	{name: "Standard_B%dls_v2", vcpus: to32, perVCPU: 2},
	{name: "Standard_B%ds_v2", vcpus: to32, perVCPU: 4},
	{name: "Standard_B%dls", hardware: local, vcpus: []int{1}, perVCPU: 0.5},
	{name: "Standard_B%ds", hardware: local, vcpus: []int{1, 2}, unlike: map[int]float64{1: 1, 2: 4}},
	{name: "Standard_B%dms", hardware: local, vcpus: []int{1, 2, 4, 8, 12, 16, 20}, perVCPU: 4, unlike: map[int]float64{1: 2}},

	// General purpose. DSv2 retires on 2028-05-01.
	{name: "Standard_DS%d_v2", hardware: local, numbering: []int{1, 2, 3, 4, 5}, vcpus: []int{1, 2, 4, 8, 16}, perVCPU: 3.5},
	{name: "Standard_DS%d_v2", hardware: local, numbering: []int{11, 12, 13, 14, 15}, vcpus: []int{2, 4, 8, 16, 20}, perVCPU: 7},
	{name: "Standard_D%ds_v3", hardware: local, vcpus: to64, perVCPU: 4},
	{name: "Standard_D%ds_v4", vcpus: to64, perVCPU: 4},
	{name: "Standard_D%dds_v4", hardware: local, vcpus: to64, perVCPU: 4},
	{name: "Standard_D%das_v4", hardware: local, vcpus: to96, perVCPU: 4},
	{name: "Standard_D%ds_v5", vcpus: to96, perVCPU: 4},
	{name: "Standard_D%dds_v5", hardware: local, vcpus: to96, perVCPU: 4},
	{name: "Standard_D%das_v5", vcpus: to96, perVCPU: 4},
	{name: "Standard_D%dads_v5", hardware: local, vcpus: to96, perVCPU: 4},
	{name: "Standard_D%dls_v5", vcpus: to96, perVCPU: 2},
	{name: "Standard_D%dlds_v5", hardware: local, vcpus: to96, perVCPU: 2},
	{name: "Standard_D%ds_v6", hardware: nvme, vcpus: to192, perVCPU: 4},
	{name: "Standard_D%dds_v6", hardware: nvme, vcpus: to192, perVCPU: 4},
	{name: "Standard_D%das_v6", hardware: nvme, vcpus: to96, perVCPU: 4},
	{name: "Standard_D%dads_v6", hardware: nvme, vcpus: to96, perVCPU: 4},
	{name: "Standard_D%dls_v6", hardware: nvme, vcpus: to128, perVCPU: 2},
	{name: "Standard_D%dlds_v6", hardware: nvme, vcpus: to128, perVCPU: 2},
	{name: "Standard_D%dals_v6", hardware: nvme, vcpus: to96, perVCPU: 2},
	{name: "Standard_D%dalds_v6", hardware: nvme, vcpus: to96, perVCPU: 2},

	// Compute optimized. Fsv2 retires on 2028-11-15.
	{name: "Standard_F%ds_v2", hardware: local, vcpus: []int{2, 4, 8, 16, 32, 48, 64, 72}, perVCPU: 2},
	{name: "Standard_F%dals_v6", hardware: nvme, vcpus: to64, perVCPU: 2},
	{name: "Standard_F%das_v6", hardware: nvme, vcpus: to64, perVCPU: 4},
	{name: "Standard_F%dams_v6", hardware: nvme, vcpus: to64, perVCPU: 8},

	// Memory optimized.
	{name: "Standard_E%ds_v3", hardware: local, vcpus: eTo64, perVCPU: 8, unlike: map[int]float64{64: 432}},
	{name: "Standard_E%ds_v4", vcpus: eTo64, perVCPU: 8, unlike: map[int]float64{64: 504}},
	{name: "Standard_E%dds_v4", hardware: local, vcpus: eTo64, perVCPU: 8, unlike: map[int]float64{64: 504}},
	{name: "Standard_E%das_v4", hardware: local, vcpus: eTo96, perVCPU: 8, unlike: map[int]float64{96: 672}},
	{name: "Standard_E%ds_v5", vcpus: eTo96, perVCPU: 8, unlike: map[int]float64{96: 672}},
	{name: "Standard_E%dds_v5", hardware: local, vcpus: eTo96, perVCPU: 8, unlike: map[int]float64{96: 672}},
	{name: "Standard_E%das_v5", vcpus: eTo96, perVCPU: 8, unlike: map[int]float64{96: 672}},
	{name: "Standard_E%dads_v5", hardware: local, vcpus: eTo96, perVCPU: 8, unlike: map[int]float64{96: 672}},
	{name: "Standard_E%ds_v6", hardware: nvme, vcpus: eTo128, perVCPU: 8},
	{name: "Standard_E%dds_v6", hardware: nvme, vcpus: eTo128, perVCPU: 8},
	{name: "Standard_E%das_v6", hardware: nvme, vcpus: eTo96, perVCPU: 8, unlike: map[int]float64{96: 672}},
	{name: "Standard_E%dads_v6", hardware: nvme, vcpus: eTo96, perVCPU: 8, unlike: map[int]float64{96: 672}},

	// Storage optimized.
	{name: "Standard_L%ds_v3", hardware: local, vcpus: []int{8, 16, 32, 48, 64, 80}, perVCPU: 8},
	{name: "Standard_L%das_v3", hardware: local, vcpus: []int{8, 16, 32, 48, 64, 80}, perVCPU: 8},
}

type size struct {
	vcpus    int
	memory   float64 // GiB
	hardware string
}

var known = expand(families)

func expand(families []family) map[string]size {
	sizes := map[string]size{}
	for _, f := range families {
		numbers := f.numbering
		if numbers == nil {
			numbers = f.vcpus
		}
		for i, number := range numbers {
			memory, ok := f.unlike[number]
			if !ok {
				memory = f.perVCPU * float64(f.vcpus[i])
			}
			sizes[fmt.Sprintf(f.name, number)] = size{vcpus: f.vcpus[i], memory: memory, hardware: f.hardware}
		}
	}
	return sizes
}
