package azure

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// machineWith is a try that creates a machine with its interface.
func machineWith(changes props) func(l *lab) error {
	return func(l *lab) error {
		l.network()
		n := l.create(nicToken, "nic", nic("nic", "10.20.1.4", nil))
		_, err := l.try(vmToken, "vm", vm("vm", n.id, changes))
		return err
	}
}

func machineRules() []refusal {
	os := func(changes props) func(l *lab) error {
		return machineWith(props{"osProfile": osProfile("vm", changes)})
	}
	size := func(size string) func(l *lab) error {
		return machineWith(props{"hardwareProfile": props{"vmSize": size}})
	}
	disks := func(disks ...any) func(l *lab) error {
		return machineWith(props{"storageProfile": merge(storageProfile("12-gen2"), props{"dataDisks": disks})})
	}
	return []refusal{
		{"host name with underscore", "InvalidParameter", by("checkOSProfile", "computeRPCommon.json 2023-03-01; text: azurerm #280"), []string{"Linux host name", "% ^"}, os(props{"computerName": "a_b"})},
		{"host name longer than 64", "InvalidParameter", by("checkOSProfile", "computeRPCommon.json 2023-03-01; text: azurerm #280"), []string{"64 characters"}, os(props{"computerName": strings.Repeat("h", 65)})},
		{"no host name", "InvalidParameter", by("checkOSProfile", "computeRPCommon.json 2023-03-01", "code and text"), []string{"osProfile.computerName"}, os(props{"computerName": nil})},
		{"no admin", "InvalidParameter", by("checkOSProfile", "computeRPCommon.json 2023-03-01", "code and text"), []string{"osProfile.adminUsername"}, os(props{"adminUsername": nil})},
		{"admin called admin", "InvalidParameter", by("checkOSProfile", "computeRPCommon.json 2023-03-01; text: azure-docs error-messages.md"), []string{"The Admin Username specified is not allowed."}, os(props{"adminUsername": "Admin"})},
		{"admin name longer than 64", "InvalidParameter", by("checkOSProfile", "computeRPCommon.json 2023-03-01; text: azure-docs error-messages.md"), []string{"Admin Username"}, os(props{"adminUsername": strings.Repeat("u", 65)})},
		{"custom data that is not Base64", "InvalidParameter", by("checkCustomData", "aks-engine #1663"), []string{"Base64"}, os(props{"customData": "#cloud-config"})},
		{"custom data of 65536 bytes", "InvalidParameter", by("checkCustomData", "aks-engine #1663"), []string{"87380"}, os(props{"customData": base64.StdEncoding.EncodeToString(make([]byte, 65536))})},
		{"RSA key of 1024 bits", "InvalidParameter", by("checkLogin", "computeRPCommon.json 2023-03-01", "code and text"), []string{"keyData"}, os(props{"linuxConfiguration": linux(rsa1024Key)})},
		{"ECDSA key", "InvalidParameter", by("checkLogin", "computeRPCommon.json 2023-03-01", "code and text"), []string{"keyData"}, os(props{"linuxConfiguration": linux(ecdsaKey)})},
		{"key that is none", "InvalidParameter", by("checkLogin", "computeRPCommon.json 2023-03-01", "code and text"), []string{"keyData"}, os(props{"linuxConfiguration": linux("ssh-rsa nothing")})},
		{"key elsewhere", "InvalidParameter", by("checkLogin", "azure-docs error-messages.md"), []string{"/home/azswarm/.ssh/authorized_keys"}, os(props{"linuxConfiguration": props{
			"disablePasswordAuthentication": true, "ssh": props{"publicKeys": []any{props{"path": "/root/.ssh/authorized_keys", "keyData": ed25519Key}}}}})},
		{"neither key nor password", "InvalidParameter", by("checkLogin", "azure-docs error-messages.md", "status"), []string{"Authentication"}, os(props{"linuxConfiguration": linux()})},
		{"weak password", "InvalidParameter", by("checkPassword", "computeRPCommon.json 2023-03-01; text: azure-docs error-messages.md"), []string{"password"}, os(props{"adminPassword": "weak"})},
		{"no os profile", "InvalidParameter", by("checkOSProfile", "computeRPCommon.json 2023-03-01", "code and text"), []string{"'osProfile'"}, machineWith(props{"osProfile": nil})},
		{"no size", "InvalidParameter", by("checkSize", "azure-docs error-messages.md", "code and text"), []string{"vmSize"}, machineWith(props{"hardwareProfile": nil})},
		{"size that is none", "InvalidParameter", by("checkSize", "azure-docs error-messages.md"), []string{"B2als"}, size("B2als")},
		{"retired size", "SkuNotAvailable", by("soldOut", "azure-docs: Retired Azure VM size series; text of 2024-26 in issues", "status"), []string{"Standard_A2", "westeurope"}, size("Standard_A2")},
		{"retired basic size", "SkuNotAvailable", by("soldOut", "azure-docs: Retired Azure VM size series; text of 2024-26 in issues", "status"), nil, size("Basic_A0")},
		{"image without offer", "InvalidParameter", by("checkStorage", "computeRPCommon.json 2023-03-01", "code and text"), []string{"imageReference.offer"},
			machineWith(props{"storageProfile": props{"imageReference": props{"publisher": "Debian", "sku": "12", "version": "latest"}}})},
		{"no image", "InvalidParameter", by("checkStorage", "computeRPCommon.json 2023-03-01", "code and text"), []string{"imageReference"}, machineWith(props{"storageProfile": nil})},
		{"data disks with one lun", "InvalidParameter", by("checkDataDisks", "computeRPCommon.json 2023-03-01", "code and text"), []string{"LUN 0"}, disks(props{"lun": 0.0, "createOption": "Empty"}, props{"lun": 0.0, "createOption": "Empty"})},
		{"disk name", "InvalidParameter", by("check", "azure-docs resource-name-rules.md, disk.json 2022-07-02", "code and text"), []string{"'os disk'"},
			machineWith(props{"storageProfile": merge(storageProfile("12"), props{"osDisk": props{"createOption": "FromImage", "name": "os disk"}})})},
		{"password everybody knows", "InvalidParameter", by("checkPassword", "computeRPCommon.json 2023-03-01; text: azure-docs error-messages.md"),
			[]string{"The Admin password specified is not allowed."}, os(props{"adminPassword": "P@ssw0rd"})},
		{"no interface", "InvalidParameter", by("checkInterfaces", "azure-docs virtual-network-network-interface-vm.md", "code and text"), []string{"networkInterfaces"}, machineWith(props{"networkProfile": nil})},
		{"two zones", "ResourceCannotHaveMultipleZonesSpecified", by("checkZones", "ARM's answer, quoted in issues"), nil, machineWith(props{"zones": []any{"1", "2"}})},
		{"zone 4", "InvalidAvailabilityZone", by("checkZone", "ARM's answer, quoted in issues", "which regions have zones"), []string{"'4'", "1,2,3"}, machineWith(props{"zones": []any{"4"}})},
		{"interface of another machine", "NicInUse", by("interfaceInUse", "azurerm #8105, pulumi-azure #441 and #811"), []string{"virtualMachines/vm0"}, func(l *lab) error {
			l.network()
			n, _ := l.machine(0, nil)
			_, err := l.try(vmToken, "thief", vm("thief", n.id, nil))
			return err
		}},
		{"one interface twice", "NicInUse", by("interfaceInUse", "azurerm #8105, pulumi-azure #441 and #811", "text"), []string{"virtualMachines/vm"}, func(l *lab) error {
			l.network()
			n := l.create(nicToken, "nic", nic("nic", "10.20.1.4", nil))
			_, err := l.try(vmToken, "vm", vm("vm", n.id, props{"networkProfile": props{"networkInterfaces": []any{props{"id": n.id, "primary": true}, ref(n.id)}}}))
			return err
		}},
		{"two interfaces without a primary", "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary", by("checkInterfaces", "azure-docs virtual-network-network-interface-vm.md", "code and text"), nil, func(l *lab) error {
			l.network()
			one, two := l.create(nicToken, "one", nic("one", "10.20.1.4", nil)), l.create(nicToken, "two", nic("two", "10.20.1.5", nil))
			_, err := l.try(vmToken, "vm", vm("vm", one.id, props{"networkProfile": props{"networkInterfaces": []any{ref(one.id), ref(two.id)}}}))
			return err
		}},
		{"second interface for a machine that runs", "AddingOrDeletingNetworkInterfacesOnARunningVirtualMachineNotSupported",
			by("checkInterfaces", "azure-powershell #4565", "changes that keep more than one"), []string{"/virtualMachines/vm0 with a single network interface"}, func(l *lab) error {
				l.network()
				n, m := l.machine(0, nil)
				second := l.create(nicToken, "second", nic("second", "10.20.1.5", nil))
				_, err := l.update(m, vmToken, "vm0", vm("vm0", n.id, props{"networkProfile": props{"networkInterfaces": []any{props{"id": n.id, "primary": true}, ref(second.id)}}}))
				return err
			}},
		{"interfaces in two networks", "VirtualMachineNetworkInterfacesInDifferentVnets", by("checkInterfaces", "azure-docs virtual-network-network-interface-vm.md", "code and text"), nil, func(l *lab) error {
			l.network()
			l.create(vnetToken, "other", vnet("other", inlineSubnet("a", "10.20.1.0/24", nil)))
			one := l.create(nicToken, "one", nic("one", "10.20.1.4", nil))
			two := l.create(nicToken, "two", nic("two", "10.20.1.4", props{"subnet": ref(subnetID("other", "a"))}))
			_, err := l.try(vmToken, "vm", vm("vm", one.id, props{"networkProfile": props{"networkInterfaces": []any{props{"id": one.id, "primary": true}, ref(two.id)}}}))
			return err
		}},
	}
}

func availabilitySetRules() []refusal {
	set := func(changes props) props {
		return named("availabilitySetName", "set", merge(props{"sku": props{"name": "Aligned"}}, changes))
	}
	setID := groupID + "/providers/Microsoft.Compute/availabilitySets/set"
	// joining makes the set and then a machine that wants to be in it.
	joining := func(inputs, machine props) func(l *lab) error {
		return func(l *lab) error {
			l.network()
			l.create(setToken, "set", inputs)
			n := l.create(nicToken, "nic", nic("nic", "10.20.1.4", nil))
			_, err := l.try(vmToken, "vm", vm("vm", n.id, merge(props{"availabilitySet": ref(setID)}, machine)))
			return err
		}
	}
	changing := func(changes props) func(l *lab) error {
		return func(l *lab) error {
			l.group()
			s := l.create(setToken, "set", set(nil))
			_, err := l.update(s, setToken, "set", set(changes))
			return err
		}
	}
	return []refusal{
		{"four fault domains", "InvalidParameter", by("putAvailabilitySet", "azure-docs availability-set-overview.md; text: coreos/tectonic-docs #69"), []string{"fault domain count 4", "1 to 3"}, creating(setToken, set(props{"platformFaultDomainCount": 4.0}))},
		{"three fault domains where there are two", "InvalidParameter", by("putAvailabilitySet",
			"azure-docs managed-disks-common-fault-domain-region-list.md; text: coreos/tectonic-docs #69", "regions the list lacks: taken to have three"),
			[]string{"fault domain count 3", "1 to 2"}, creating(setToken, set(props{"location": "uksouth", "platformFaultDomainCount": 3.0}))},
		{"21 update domains", "InvalidParameter", by("putAvailabilitySet", "azure-docs availability-set-overview.md", "text"), []string{"update domain count 21", "1 to 20"}, creating(setToken, set(props{"platformUpdateDomainCount": 21.0}))},
		{"unknown sku", "InvalidParameter", by("putAvailabilitySet", "availabilitySet.json 2023-03-01", "code and text"), []string{"Premium", "Aligned"}, creating(setToken, set(props{"sku": props{"name": "Premium"}}))},
		{"changed fault domains", "PropertyChangeNotAllowed", by("putAvailabilitySet", "azure-docs availability-set-overview.md, availabilitySet.json 2023-03-01", "code and text"), []string{"platformFaultDomainCount", "Status=409"}, changing(props{"platformFaultDomainCount": 3.0})},
		{"changed sku", "PropertyChangeNotAllowed", by("putAvailabilitySet", "availabilitySet.json 2023-03-01", "code and text"), []string{"sku.name"}, changing(props{"sku": props{"name": "Classic"}})},
		{"classic set and managed disks", "BadRequest", by("checkSet", "azure-docs error-messages.md"), []string{"non-managed Availability Set"}, joining(set(props{"sku": nil}), nil)},
		{"set and zone", "BadRequest", by("checkSet", "azurerm #2246", "code and text"), []string{"Availability Zone"}, joining(set(nil), props{"zones": []any{"1"}})},
		{"set in another group", "InvalidParameter", by("checkSet", "availabilitySet.json 2023-03-01", "code and text"), []string{"resource group"},
			joining(set(nil), props{"availabilitySet": ref(strings.Replace(setID, "/rg/", "/other/", 1))})},
		{"missing set", "NotFound", by("checkSet", "azure-docs error-messages.md"), []string{"cannot be found"}, joining(set(nil), props{"availabilitySet": ref(setID + "s")})},
		{"machine 201", "OperationNotAllowed", by("checkSet", "azure-docs, include of 2018-11-09", "code and text"), []string{"200"}, func(l *lab) error {
			l.group()
			l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.0.0/20", nil)))
			l.create(setToken, "set", set(nil))
			dynamic := props{"privateIPAllocationMethod": "Dynamic", "privateIPAddress": nil}
			for i := range 200 {
				name := fmt.Sprint("vm", i)
				l.create(vmToken, name, vm(name, l.create(nicToken, name, nic(name, "", dynamic)).id, props{"availabilitySet": ref(setID)}))
			}
			_, err := l.try(vmToken, "last", vm("last", l.create(nicToken, "last", nic("last", "", dynamic)).id, props{"availabilitySet": ref(setID)}))
			return err
		}},
	}
}

// changeRules are of properties whose change previews as an update, and then fails.
func changeRules() []refusal {
	withOS := func(changes props) props { return props{"osProfile": osProfile("vm0", changes)} }
	var rules []refusal
	for _, c := range []struct {
		property, source string
		changes          props
	}{
		{"customData", "azure-sdk-for-java #1912 and #1976", withOS(props{"customData": base64.StdEncoding.EncodeToString([]byte("#cloud-config\n# new\n"))})},
		{"adminPassword", "azurerm #24533 (osProfile)", withOS(props{"adminPassword": "S3cret-enough"})},
		{"computerName", "computeRPCommon.json 2023-03-01", withOS(props{"computerName": "other"})},
		{"adminUsername", "computeRPCommon.json 2023-03-01", withOS(props{"adminUsername": "other", "linuxConfiguration": props{
			"disablePasswordAuthentication": true, "ssh": props{"publicKeys": []any{props{"keyData": ed25519Key}}}}})},
		{"linuxConfiguration.ssh.publicKeys", "azure-cli #11840", withOS(props{"linuxConfiguration": linux(rsa2048Key)})},
		{"linuxConfiguration.disablePasswordAuthentication", "bicep #15273",
			withOS(props{"linuxConfiguration": merge(linux(ed25519Key), props{"disablePasswordAuthentication": false})})},
		{"imageReference.publisher", "pulumi-azure-native #1117", image("publisher", "Canonical")},
		{"imageReference.offer", "pulumi-azure-native #1117", image("offer", "debian-13")},
		{"imageReference.sku", "pulumi-azure-native #1117", image("sku", "13-gen2")},
		{"imageReference.version", "pulumi-azure-native #1117", image("version", "0.20250101.1")},
		{"osDisk.createOption", "azure-powershell #7621, azure-docs #45880", osDisk(props{"createOption": "Attach"})},
		{"osDisk.osType", "azure-powershell #7621, azure-docs #45880", osDisk(props{"osType": "Windows"})},
		{"osDisk.name", "the disk is attached by its name", osDisk(props{"name": "another"})},
		{"securityProfile.securityType", "azure-powershell #18204", props{"securityProfile": props{"securityType": "Standard"}}},
		{"zones", "azure-docs: a machine stays in its zone", props{"zones": []any{"1"}}},
		{"availabilitySet.id", "azure-powershell #1820", props{"availabilitySet": ref(groupID + "/providers/Microsoft.Compute/availabilitySets/set")}},
	} {
		rules = append(rules, refusal{"machine keeps its " + c.property, "PropertyChangeNotAllowed", by("checkMachineUnchanged", c.source),
			[]string{"Status=409", "Changing property '" + c.property + "' is not allowed."}, changingMachine(c.changes)})
	}
	return append(rules,
		refusal{"machine leaves its availability set", "PropertyChangeNotAllowed", by("checkMachineUnchanged", "azure-powershell #1820"),
			[]string{"'availabilitySet.id'"}, leaving(props{"availabilitySet": ref(groupID + "/providers/Microsoft.Compute/availabilitySets/set")})},
		refusal{"machine leaves its zone", "PropertyChangeNotAllowed", by("checkMachineUnchanged", "azure-docs: a machine stays in its zone"),
			[]string{"'zones'"}, leaving(props{"zones": []any{"1"}})},
		refusal{"disk of a machine that runs grows", "OperationNotAllowed", by("checkMachineUnchanged", "kubernetes #96706, azure-docs expand-disks.md", "what shrinking is answered"),
			[]string{"Status=409", "Cannot resize disk vm0_OsDisk_1_", "to be deallocated"}, changingMachine(osDisk(props{"diskSizeGB": 64.0}))},
		refusal{"size with a local disk for a machine without", "OperationNotAllowed",
			by("checkResize", "azure-docs #76920, cloudbreak #15114, SAP-on-Azure-Scripts-and-Utilities #130", "status"),
			[]string{"'vm0' since changing from resource disk to non-resource disk"}, changingMachine(props{"hardwareProfile": props{"vmSize": "Standard_D2ds_v5"}})},
		refusal{"size with NVMe disks only for a machine with SCSI ones", "InvalidParameter",
			by("checkResize", "terraform-azurerm-avm-res-compute-virtualmachine #373, openshift/installer #9232"),
			[]string{"Status=400", "'Standard_D2as_v6' cannot boot with OS image or disk"}, changingMachine(props{"hardwareProfile": props{"vmSize": "Standard_D2as_v6"}})},
	)
}

func image(property, value string) props {
	storage := storageProfile("12-gen2")
	storage["imageReference"] = merge(storage["imageReference"].(props), props{property: value})
	return props{"storageProfile": storage}
}

func osDisk(changes props) props {
	storage := storageProfile("12-gen2")
	storage["osDisk"] = merge(storage["osDisk"].(props), changes)
	return props{"storageProfile": storage}
}

// changingMachine is a try that updates a machine, after a preview that must say "update".
func changingMachine(changes props) func(l *lab) error {
	return func(l *lab) error {
		l.network()
		l.create(setToken, "set", named("availabilitySetName", "set", props{"sku": props{"name": "Aligned"}}))
		n, s := l.machine(0, nil)
		return l.updateFails(s, vm("vm0", n.id, changes))
	}
}

// leaving is a try that takes something away that a machine was created with.
func leaving(had props) func(l *lab) error {
	return func(l *lab) error {
		l.network()
		l.create(setToken, "set", named("availabilitySetName", "set", props{"sku": props{"name": "Aligned"}}))
		n, s := l.machine(0, had)
		return l.updateFails(s, vm("vm0", n.id, nil))
	}
}

func (l *lab) updateFails(s state, changed props) error {
	l.Helper()
	if response, _ := l.diff(s, vmToken, "vm0", changed); len(response.GetReplaces()) > 0 || len(response.GetDiffs()) == 0 {
		l.Errorf("diff %v replaces %v; the real provider previews an update", response.GetDiffs(), response.GetReplaces())
	}
	_, err := l.update(s, vmToken, "vm0", changed)
	return err
}
