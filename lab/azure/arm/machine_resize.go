package arm

import (
	"regexp"
	"strconv"
	"strings"
)

// sizeParts are the family, the features and the version in the name of a size: "Standard_D2ads_v5".
var sizeParts = regexp.MustCompile(`^(?:Standard|Basic)_([A-Z]+)\d+(?:-\d+)?([a-z]*)(?:_v(\d+))?$`)

// hardware is what of a size decides which other ones a machine can get.
type hardware struct {
	resourceDisk bool // a local disk for temporary data, on SCSI
	nvmeOnly     bool // no SCSI controller
}

// hardwareOf tells it from the name: sizes have a local disk up to version 3, and with a "d" after that; those of AMD's version
// 4 and storage optimized ones have it without, and burstable ones of version 2 never. From version 6 on all disks are NVMe ones.
func hardwareOf(size string) hardware {
	parts := sizeParts.FindStringSubmatch(size)
	if parts == nil {
		return hardware{}
	}
	family, features, version := parts[1], parts[2], 1
	if parts[3] != "" {
		version, _ = strconv.Atoi(parts[3])
	}
	switch {
	case version >= 6:
		return hardware{nvmeOnly: true}
	case family == "B":
		return hardware{resourceDisk: version == 1}
	case version <= 3, family == "L":
		return hardware{resourceDisk: true}
	}
	return hardware{resourceDisk: strings.Contains(features, "d") || version == 4 && strings.Contains(features, "a")}
}

// checkResize refuses a size that takes another machine.
func (w *write) checkResize() error {
	size := w.body.Text("hardwareProfile.vmSize")
	had, has := hardwareOf(w.old.Body.Text("hardwareProfile.vmSize")), hardwareOf(size)
	if had.resourceDisk != has.resourceDisk {
		return conflict("OperationNotAllowed", "Unable to resize the VM '%s' since changing from resource disk to non-resource disk VM size and "+
			"vice-versa is not allowed. Please refer to https://aka.ms/AAah4sj for more details.", w.id.Name())
	}
	if had.nvmeOnly != has.nvmeOnly {
		return badRequest("InvalidParameter", "The VM size '%[1]s' cannot boot with OS image or disk. Please check that disk controller types supported by the OS "+
			"image or disk is one of the supported disk controller types for the VM size '%[1]s'. Please query sku api at "+
			"https://aka.ms/azure-compute-skus to determine supported disk controller types for the VM size.", size)
	}
	return nil
}
