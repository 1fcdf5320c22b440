package arm

import (
	"reflect"
	"strings"
)

// unchangeable are the properties that can't be changed after the machine was created, and how ARM's refusal names
// them. A PUT without one of them keeps it.
var unchangeable = []struct{ path, name string }{
	{"storageProfile.imageReference.id", "imageReference.id"},
	{"storageProfile.imageReference.publisher", "imageReference.publisher"},
	{"storageProfile.imageReference.offer", "imageReference.offer"},
	{"storageProfile.imageReference.sku", "imageReference.sku"},
	{"storageProfile.imageReference.version", "imageReference.version"},
	{"storageProfile.osDisk.name", "osDisk.name"},
	{"storageProfile.osDisk.osType", "osDisk.osType"},
	{"storageProfile.osDisk.createOption", "osDisk.createOption"},
	{"securityProfile.securityType", "securityProfile.securityType"},
	{"osProfile.computerName", "computerName"},
	{"osProfile.adminUsername", "adminUsername"},
	{"osProfile.linuxConfiguration.disablePasswordAuthentication", "linuxConfiguration.disablePasswordAuthentication"},
	{"osProfile.linuxConfiguration.ssh.publicKeys", "linuxConfiguration.ssh.publicKeys"},
	{"availabilitySet.id", "availabilitySet.id"},
	{"zones", "zones"},
}

// unchangeableHidden are those that no GET answers.
var unchangeableHidden = []string{"customData", "adminPassword"}

// checkMachineUnchanged refuses a PUT that would change what only a new machine can have.
func (w *write) checkMachineUnchanged() error {
	for _, property := range unchangeableHidden {
		if given := w.body.Value("osProfile." + property); given != nil && given != w.old.Hidden[property] {
			return changeNotAllowed(property)
		}
	}
	for _, property := range unchangeable {
		given, kept := w.body.Value(property.path), w.old.Body.Value(property.path)
		if given != nil && !sameValue(given, kept) {
			return changeNotAllowed(property.name)
		}
	}
	if had := w.old.Body.Int("storageProfile.osDisk.diskSizeGB", 0); w.resizesDisk(had) {
		return conflict("OperationNotAllowed", "Cannot resize disk %s while it is attached to running VM %s. Resizing a disk of an Azure Virtual Machine requires "+
			"the virtual machine to be deallocated. Please stop your VM and retry the operation.", w.old.Body.Text("storageProfile.osDisk.name"), w.self)
	}
	if w.old.Body.Has("availabilitySet") && !w.body.Has("availabilitySet") {
		return changeNotAllowed("availabilitySet.id")
	}
	if w.old.Body.Has("zones") && !w.body.Has("zones") {
		return changeNotAllowed("zones")
	}
	return nil
}

// resizesDisk says whether the disk would get a size that it can't: it grows while the machine is deallocated, and never
// shrinks.
func (w *write) resizesDisk(had int) bool {
	wanted := w.body.Int("storageProfile.osDisk.diskSizeGB", had)
	return wanted != had && !(wanted > had && w.old.Hidden.Bool(deallocated, false))
}

// sameValue compares ids and enum values as Azure does, without regard to case.
func sameValue(a, b any) bool {
	left, isText := a.(string)
	right, alsoText := b.(string)
	if isText && alsoText {
		return strings.EqualFold(left, right)
	}
	return reflect.DeepEqual(a, b)
}
