package arm

import (
	"slices"
	"strings"
)

const (
	availabilitySetToken = "compute:AvailabilitySet"
	maxFaultDomains      = 3
	maxUpdateDomains     = 20
	maxSetMachines       = 200
)

func availabilitySet() *Type {
	return &Type{
		Token: availabilitySetToken,
		Path:  groupPath + "/providers/Microsoft.Compute/availabilitySets/{availabilitySetName}",
		names: setNames,
		put:   putAvailabilitySet,
		remove: func(v *view, id string) error {
			if len(v.sourcesOf(id, machineType)) == 0 {
				return nil
			}
			return conflict("OperationNotAllowed", "Availability Set %s cannot be deleted. Before deleting an Availability Set "+
				"please ensure that it does not contain any VM.", LastName(id))
		},
		show: func(v *view, id string, body Object) {
			body["virtualMachines"] = references(v.sourcesOf(id, machineType))
		},
	}
}

// twoFaultDomains are the regions that Azure's documentation lists with two; the other listed ones have three.
var twoFaultDomains = []string{
	"westus2", "westcentralus", "canadacentral", "canadaeast", "uksouth", "ukwest", "southeastasia", "japaneast", "japanwest",
	"southindia", "centralindia", "australiaeast", "australiasoutheast", "brazilsouth",
}

// faultDomains is how many fault domains an availability set in this region can have.
func faultDomains(location string) int {
	if slices.Contains(twoFaultDomains, location) {
		return 2
	}
	return maxFaultDomains
}

func putAvailabilitySet(w *write) error {
	delete(w.body, "provisioningState") // availability sets have none
	delete(w.body, "virtualMachines")   // machines say what set they are in, not the other way around
	w.body.Default(Object{"platformFaultDomainCount": float64(2), "platformUpdateDomainCount": float64(5)})
	sku := w.body.Child("sku")
	sku["name"] = canonical(sku.TextOr("name", "Classic"))
	if !slices.Contains([]string{"Classic", "Aligned"}, sku.Text("name")) {
		return badRequest("InvalidParameter", "The value '%s' of parameter 'sku.name' is not allowed. Allowed values are Classic and Aligned.", sku.Text("name"))
	}
	for _, limit := range []struct {
		property, words string
		most            int
	}{
		{"platformFaultDomainCount", "fault domain", faultDomains(w.body.Text("location"))},
		{"platformUpdateDomainCount", "update domain", maxUpdateDomains},
	} {
		if count := w.body.Int(limit.property, 0); count < 1 || count > limit.most {
			return badRequest("InvalidParameter", "The specified %s count %d must fall in the range 1 to %d.", limit.words, count, limit.most)
		}
	}
	if w.old == nil {
		return nil
	}
	for _, property := range []string{"platformFaultDomainCount", "platformUpdateDomainCount", "sku.name", "proximityPlacementGroup.id"} {
		if w.old.Body.Value(property) != w.body.Value(property) {
			return changeNotAllowed(property)
		}
	}
	return nil
}

// checkSet checks that a machine may join its availability set, and picks its fault domain.
func (w *write) checkSet() error {
	id := w.body.Text("availabilitySet.id")
	if id == "" {
		return nil
	}
	if len(w.body.Strings("zones")) > 0 {
		return badRequest("BadRequest", "Virtual Machine '%s' cannot be created because both the Availability Zone and the Availability Set were specified. "+
			"Deploying an Availability Set to an Availability Zone isn't supported.", w.id.Name())
	}
	parsed, err := ParseID(id)
	if err != nil || !strings.EqualFold(parsed.Group, w.id.Group) {
		return badRequest("InvalidParameter", "Availability Set %s of virtual machine '%s' must be in the resource group of the virtual machine, '%s'.", id, w.id.Name(), w.id.Group)
	}
	set := w.get(id)
	if set == nil || !set.live || set.kind.Token != availabilitySetToken || set.Body.Text("location") != w.body.Text("location") {
		return notFound("NotFound", "The Availability Set %s cannot be found.", id)
	}
	w.body["availabilitySet"] = reference(set.ID)
	if w.old != nil {
		return nil // it joined at its creation
	}
	if set.Body.Text("sku.name") != "Aligned" {
		return badRequest("BadRequest", "Addition of a VM with managed disks to non-managed Availability Set or addition of a VM with blob based disks to "+
			"managed Availability Set is not supported. Please create an Availability Set with 'managed' property set in order to add a VM with managed disks to it.")
	}
	members := w.sourcesOf(set.ID, machineType)
	if len(members) >= maxSetMachines {
		return conflict("OperationNotAllowed", "Availability Set %s holds %d virtual machines, the most it can.", LastName(set.ID), len(members))
	}
	w.hidden["faultDomain"] = float64(w.emptiestDomain(members, set.Body.Int("platformFaultDomainCount", 1)))
	return nil
}

// emptiestDomain is the first fault domain with the fewest machines: machine i of a new set gets i modulo count, and a
// replacement takes the place of what it replaces.
func (w *write) emptiestDomain(members []string, count int) int {
	filled := make([]int, count)
	for _, member := range members {
		filled[w.get(member).Hidden.Int("faultDomain", 0)%count]++
	}
	return slices.Index(filled, slices.Min(filled))
}
