package azure

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
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

func TestMachinesAreRefused(t *testing.T) {
	os := func(changes props) func(l *lab) error {
		return machineWith(props{"osProfile": osProfile("vm", changes)})
	}
	size := func(size string) func(l *lab) error {
		return machineWith(props{"hardwareProfile": props{"vmSize": size}})
	}
	disks := func(disks ...any) func(l *lab) error {
		return machineWith(props{"storageProfile": merge(storageProfile("12-gen2"), props{"dataDisks": disks})})
	}
	runRefusals(t, []refusal{
		{"host name with underscore", "InvalidParameter", []string{"Linux host name", "% ^"}, os(props{"computerName": "a_b"})},
		{"host name longer than 64", "InvalidParameter", []string{"64 characters"}, os(props{"computerName": strings.Repeat("h", 65)})},
		{"no host name", "InvalidParameter", []string{"osProfile.computerName"}, os(props{"computerName": nil})},
		{"no admin", "InvalidParameter", []string{"osProfile.adminUsername"}, os(props{"adminUsername": nil})},
		{"admin called admin", "InvalidParameter", []string{"The Admin Username specified is not allowed."}, os(props{"adminUsername": "Admin"})},
		{"admin name longer than 64", "InvalidParameter", []string{"Admin Username"}, os(props{"adminUsername": strings.Repeat("u", 65)})},
		{"custom data that is not Base64", "InvalidParameter", []string{"Base64"}, os(props{"customData": "#cloud-config"})},
		{"custom data of 65536 bytes", "InvalidParameter", []string{"87380"}, os(props{"customData": base64.StdEncoding.EncodeToString(make([]byte, 65536))})},
		{"RSA key of 1024 bits", "InvalidParameter", []string{"keyData"}, os(props{"linuxConfiguration": linux(rsa1024Key)})},
		{"ECDSA key", "InvalidParameter", []string{"keyData"}, os(props{"linuxConfiguration": linux(ecdsaKey)})},
		{"key that is none", "InvalidParameter", []string{"keyData"}, os(props{"linuxConfiguration": linux("ssh-rsa nothing")})},
		{"key elsewhere", "InvalidParameter", []string{"/home/azswarm/.ssh/authorized_keys"}, os(props{"linuxConfiguration": props{
			"disablePasswordAuthentication": true, "ssh": props{"publicKeys": []any{props{"path": "/root/.ssh/authorized_keys", "keyData": ed25519Key}}}}})},
		{"neither key nor password", "InvalidParameter", []string{"Authentication"}, os(props{"linuxConfiguration": linux()})},
		{"weak password", "InvalidParameter", []string{"password"}, os(props{"adminPassword": "weak"})},
		{"no os profile", "InvalidParameter", []string{"'osProfile'"}, machineWith(props{"osProfile": nil})},
		{"no size", "InvalidParameter", []string{"vmSize"}, machineWith(props{"hardwareProfile": nil})},
		{"size that is none", "InvalidParameter", []string{"B2als"}, size("B2als")},
		{"retired size", "SkuNotAvailable", []string{"Standard_A2", "westeurope"}, size("Standard_A2")},
		{"retired basic size", "SkuNotAvailable", nil, size("Basic_A0")},
		{"image without offer", "InvalidParameter", []string{"imageReference.offer"},
			machineWith(props{"storageProfile": props{"imageReference": props{"publisher": "Debian", "sku": "12", "version": "latest"}}})},
		{"no image", "InvalidParameter", []string{"imageReference"}, machineWith(props{"storageProfile": nil})},
		{"data disk without lun", "InvalidParameter", []string{"dataDisk.lun"}, disks(props{"createOption": "Empty"})},
		{"data disks with one lun", "InvalidParameter", []string{"LUN 0"}, disks(props{"lun": 0.0, "createOption": "Empty"}, props{"lun": 0.0, "createOption": "Empty"})},
		{"no interface", "InvalidParameter", []string{"networkInterfaces"}, machineWith(props{"networkProfile": nil})},
		{"two zones", "ResourceCannotHaveMultipleZonesSpecified", nil, machineWith(props{"zones": []any{"1", "2"}})},
		{"zone 4", "InvalidAvailabilityZone", []string{"'4'", "1,2,3"}, machineWith(props{"zones": []any{"4"}})},
		{"interface of another machine", "NicInUse", []string{"virtualMachines/vm0"}, func(l *lab) error {
			l.network()
			n, _ := l.machine(0, nil)
			_, err := l.try(vmToken, "thief", vm("thief", n.id, nil))
			return err
		}},
		{"two interfaces without a primary", "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary", nil, func(l *lab) error {
			l.network()
			one, two := l.create(nicToken, "one", nic("one", "10.20.1.4", nil)), l.create(nicToken, "two", nic("two", "10.20.1.5", nil))
			_, err := l.try(vmToken, "vm", vm("vm", one.id, props{"networkProfile": props{"networkInterfaces": []any{ref(one.id), ref(two.id)}}}))
			return err
		}},
		{"interfaces in two networks", "VirtualMachineNetworkInterfacesInDifferentVnets", nil, func(l *lab) error {
			l.network()
			l.create(vnetToken, "other", vnet("other", inlineSubnet("a", "10.20.1.0/24", nil)))
			one := l.create(nicToken, "one", nic("one", "10.20.1.4", nil))
			two := l.create(nicToken, "two", nic("two", "10.20.1.4", props{"subnet": ref(subnetID("other", "a"))}))
			_, err := l.try(vmToken, "vm", vm("vm", one.id, props{"networkProfile": props{"networkInterfaces": []any{props{"id": one.id, "primary": true}, ref(two.id)}}}))
			return err
		}},
	})
}

func TestAvailabilitySetsAreRefused(t *testing.T) {
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
	runRefusals(t, []refusal{
		{"four fault domains", "InvalidParameter", []string{"fault domain count 4", "1 to 3"}, creating(setToken, set(props{"platformFaultDomainCount": 4.0}))},
		{"21 update domains", "InvalidParameter", []string{"update domain count 21", "1 to 20"}, creating(setToken, set(props{"platformUpdateDomainCount": 21.0}))},
		{"unknown sku", "InvalidParameter", []string{"Premium", "Aligned"}, creating(setToken, set(props{"sku": props{"name": "Premium"}}))},
		{"changed fault domains", "PropertyChangeNotAllowed", []string{"platformFaultDomainCount", "Status=409"}, changing(props{"platformFaultDomainCount": 3.0})},
		{"changed sku", "PropertyChangeNotAllowed", []string{"sku.name"}, changing(props{"sku": props{"name": "Classic"}})},
		{"classic set and managed disks", "BadRequest", []string{"non-managed Availability Set"}, joining(set(props{"sku": nil}), nil)},
		{"set and zone", "BadRequest", []string{"Availability Zone"}, joining(set(nil), props{"zones": []any{"1"}})},
		{"set in another group", "InvalidParameter", []string{"resource group"},
			joining(set(nil), props{"availabilitySet": ref(strings.Replace(setID, "/rg/", "/other/", 1))})},
		{"missing set", "NotFound", []string{"cannot be found"}, joining(set(nil), props{"availabilitySet": ref(setID + "s")})},
		{"machine 201", "OperationNotAllowed", []string{"200"}, func(l *lab) error {
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
	})
}

func TestMachinePropertiesThatCannotChange(t *testing.T) {
	withOS := func(changes props) props { return props{"osProfile": osProfile("vm0", changes)} }
	for property, changes := range map[string]props{
		"customData":   withOS(props{"customData": base64.StdEncoding.EncodeToString([]byte("#cloud-config\n# new\n"))}),
		"computerName": withOS(props{"computerName": "other"}),
		"adminUsername": withOS(props{"adminUsername": "other", "linuxConfiguration": props{
			"disablePasswordAuthentication": true, "ssh": props{"publicKeys": []any{props{"keyData": ed25519Key}}}}}),
		"linuxConfiguration.ssh.publicKeys":                withOS(props{"linuxConfiguration": linux(rsa2048Key)}),
		"linuxConfiguration.disablePasswordAuthentication": withOS(props{"linuxConfiguration": merge(linux(ed25519Key), props{"disablePasswordAuthentication": false})}),
		"imageReference.sku":                               {"storageProfile": storageProfile("13-gen2")},
		"osDisk.createOption":                              {"storageProfile": merge(storageProfile("12-gen2"), props{"osDisk": props{"createOption": "Attach"}})},
		"zones":                                            {"zones": []any{"1"}},
		"availabilitySet.id":                               {"availabilitySet": ref(groupID + "/providers/Microsoft.Compute/availabilitySets/set")},
	} {
		t.Run(property, func(t *testing.T) {
			l := newLab(t)
			l.network()
			l.create(setToken, "set", named("availabilitySetName", "set", props{"sku": props{"name": "Aligned"}}))
			n, s := l.machine(0, nil)
			changed := vm("vm0", n.id, changes)
			response, _ := l.diff(s, vmToken, "vm0", changed)
			if len(response.GetReplaces()) > 0 {
				t.Errorf("diff replaces %v; the real provider previews an update", response.GetReplaces())
			}
			_, err := l.update(s, vmToken, "vm0", changed)
			wantRefusal(t, err, "PropertyChangeNotAllowed", "Status=409", "'"+property+"'")
		})
	}
}
