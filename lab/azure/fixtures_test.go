package azure

import (
	"encoding/base64"
	"fmt"
)

const (
	groupToken  = "resources:ResourceGroup"
	vnetToken   = "network/v20240501:VirtualNetwork"
	subnetToken = "network/v20240501:Subnet"
	nsgToken    = "network/v20240501:NetworkSecurityGroup"
	ruleToken   = "network/v20240501:SecurityRule"
	pipToken    = "network/v20240501:PublicIPAddress"
	natToken    = "network/v20240501:NatGateway"
	nicToken    = "network/v20240501:NetworkInterface"
	lbToken     = "network/v20240501:LoadBalancer"
	setToken    = "compute/v20240701:AvailabilitySet"
	vmToken     = "compute/v20240701:VirtualMachine"

	groupID = "/subscriptions/" + DefaultSubscription + "/resourceGroups/rg"

	// Public keys made for this test; nobody holds the private ones.
	ed25519Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFoIrkkmyAALcdoUjOsM2F5hvLIbzmQdEZN8saqCTaBz test"
	rsa2048Key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDhmVGIcn2QtQoV5b6tU62A08KeoBTwqpO/jz39Bm17bOVOpXDfvleKWF1cuQvG7QgIfrpUdicQ3UuTFDxB3go0AvqSv0NZfd7jKf5hWwt/OGSbrux7dutWNXa2vnc7RXlfGHdtcVpO1zuvWT1bjjE2ubwLixHG1fMu0Z+Q5CdEzX+GxqxrYGrLCahCQbB8FBAMztj1o1+xADyL7QnHLfmuk0o/13/WSKr5jWGUdD/exYLFq8xRxdaHaXdB0G9QDAj41UVzN2cdEk/LjEcHZx3LalhJBLMEv9zcm8YZgAn6Awolrm38DNdq05/rvYJPe0NwZnIKNsmw/v9FS0bGikuP test"
	rsa1024Key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCqMu1wE7+r/gxZEFO5Qo75pu7j6nZLkkqZCPasEZDYFpeGpsSXJTf807k0UEL66ABDp4Rpfe+R3LKuCrysKiPJ0wb8A1dSTAlXeOPQi0cnWtsHgtS1kR3e4f7C2sul/8HSHoLju+Rwi0Z/WmcO2p8+1yxn+euTQib/r9AOW5a85Q== test"
	ecdsaKey   = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBO+uSjNlKZd9mcT/UxjMVkGuX9tIF5BnZB5Hti4QKdJMgMFE1Cv8AiaC+KUhZHDeK1fFrR43Jo1iCSHFO6qsl54= test"
)

// named inputs all need the group and, most, a name of their own so that ids are known.
func named(parameter, name string, rest props) props {
	return merge(props{"resourceGroupName": "rg", parameter: name}, rest)
}

func standardIP(name string) props {
	return named("publicIpAddressName", name, props{"sku": props{"name": "Standard"}, "publicIPAllocationMethod": "Static"})
}

func rule(name string, priority int, changes props) props {
	return merge(props{
		"name": name, "priority": float64(priority), "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
		"sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "22",
	}, changes)
}

func nsg(name string, rules ...any) props {
	return named("networkSecurityGroupName", name, props{"securityRules": rules})
}

func vnet(name string, subnets ...any) props {
	return named("virtualNetworkName", name, props{
		"addressSpace": props{"addressPrefixes": []any{"10.20.0.0/16"}}, "subnets": subnets,
	})
}

func inlineSubnet(name, prefix string, changes props) props {
	return merge(props{"name": name, "addressPrefix": prefix}, changes)
}

func subnetID(vnet, subnet string) string {
	return groupID + "/providers/Microsoft.Network/virtualNetworks/" + vnet + "/subnets/" + subnet
}

// nic is an interface with one static address in subnet "a" of network "vnet".
func nic(name, address string, changes props) props {
	return named("networkInterfaceName", name, props{"ipConfigurations": []any{merge(props{
		"name": "ipconfig", "privateIPAllocationMethod": "Static", "privateIPAddress": address, "subnet": ref(subnetID("vnet", "a")),
	}, changes)}})
}

// vm is a machine with the given interface.
func vm(name, nicID string, changes props) props {
	return named("vmName", name, merge(props{
		"hardwareProfile": props{"vmSize": "Standard_B2als_v2"},
		"networkProfile":  props{"networkInterfaces": []any{props{"id": nicID, "primary": true}}},
		"osProfile":       osProfile(name, nil),
		"storageProfile":  storageProfile("12-gen2"),
		"securityProfile": props{"securityType": "TrustedLaunch", "uefiSettings": props{"secureBootEnabled": true, "vTpmEnabled": true}},
	}, changes))
}

func osProfile(computer string, changes props) props {
	return merge(props{
		"computerName": computer, "adminUsername": "azswarm", "customData": base64.StdEncoding.EncodeToString([]byte("#cloud-config\n")),
		"linuxConfiguration": linux(ed25519Key),
	}, changes)
}

func linux(keys ...string) props {
	var list []any
	for _, key := range keys {
		list = append(list, props{"path": "/home/azswarm/.ssh/authorized_keys", "keyData": key})
	}
	return props{"disablePasswordAuthentication": true, "ssh": props{"publicKeys": list}}
}

func storageProfile(sku string) props {
	return props{
		"imageReference": props{"publisher": "Debian", "offer": "debian-12", "sku": sku, "version": "latest"},
		"osDisk":         props{"createOption": "FromImage", "deleteOption": "Delete", "managedDisk": props{"storageAccountType": "StandardSSD_LRS"}},
	}
}

// group makes the resource group, network the virtual network "vnet" with subnet "a" in it.
func (l *lab) group() state {
	l.Helper()
	return l.create(groupToken, "rg", props{"resourceGroupName": "rg"})
}

func (l *lab) network() state {
	l.Helper()
	l.group()
	return l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.1.0/24", nil)))
}

// machine makes interface and machine number i, on top of network.
func (l *lab) machine(i int, changes props) (nicState, vmState state) {
	l.Helper()
	nicState = l.create(nicToken, fmt.Sprintf("nic%d", i), nic(fmt.Sprintf("nic%d", i), fmt.Sprintf("10.20.1.%d", 4+i), nil))
	return nicState, l.create(vmToken, fmt.Sprintf("vm%d", i), vm(fmt.Sprintf("vm%d", i), nicState.id, changes))
}
