package arm

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

const (
	networkInterfaceToken = "network:NetworkInterface"
	interfaceType         = "Microsoft.Network/networkInterfaces"
	ipConfigurationType   = interfaceType + "/ipConfigurations"
	subnetType            = "Microsoft.Network/virtualNetworks/subnets"
)

func networkInterface() *Type {
	return &Type{
		Token:  networkInterfaceToken,
		Path:   groupPath + "/providers/Microsoft.Network/networkInterfaces/{networkInterfaceName}",
		names:  networkNames,
		routed: true,
		put:    putNetworkInterface,
		remove: func(v *view, id string) error {
			if machines := v.sourcesOf(id, machineType); len(machines) > 0 {
				return interfaceInUse(id, machines[0])
			}
			return nil
		},
		refs: func(id string, body Object) []link {
			var links []link
			if group := body.Text("networkSecurityGroup.id"); group != "" {
				links = append(links, link{id, group})
			}
			for _, c := range body.Objects("ipConfigurations") {
				targets := []string{c.Text("subnet.id"), c.Text("publicIPAddress.id")}
				for _, pool := range c.Objects("loadBalancerBackendAddressPools") {
					targets = append(targets, pool.Text("id"))
				}
				for _, target := range targets {
					if target != "" {
						links = append(links, link{c.Text("id"), target})
					}
				}
			}
			return links
		},
		show: func(v *view, id string, body Object) {
			if machines := v.sourcesOf(id, machineType); len(machines) > 0 {
				body["virtualMachine"] = reference(machines[0])
				body["primary"] = v.primaryInterface(v.get(machines[0])) == v.get(id)
				body["macAddress"] = macAddress(body.Text("resourceGuid"))
			}
		},
	}
}

// macAddress is an address from the range of Azure's machines. Like theirs, it stays with the interface.
func macAddress(resourceGUID string) string {
	return strings.ToUpper(fmt.Sprintf("00-0D-3A-%s-%s-%s", resourceGUID[:2], resourceGUID[2:4], resourceGUID[4:6]))
}

func interfaceInUse(id, machine string) error {
	return badRequest("NicInUse", "Network Interface %s is used by existing resource %s. In order to delete the network interface, "+
		"it must be dissociated from the resource. To learn more, see aka.ms/deletenic.", id, machine)
}

func putNetworkInterface(w *write) error {
	w.networkIdentity()
	w.body.Default(Object{
		"auxiliaryMode": "None", "auxiliarySku": "None", "disableTcpStateTracking": false, "enableAcceleratedNetworking": false,
		"enableIPForwarding": false, "nicType": "Standard",
	})
	w.body["hostedWorkloads"], w.body["tapConfigurations"], w.body["vnetEncryptionSupported"] = []any{}, []any{}, false
	dns := w.body.Child("dnsSettings")
	dns.Default(Object{"dnsServers": []any{}})
	dns["appliedDnsServers"] = []any{}
	// One per virtual network and random in Azure; here derived, for the model holds no suffixes.
	dns["internalDomainNameSuffix"] = strings.ReplaceAll(w.body.Text("resourceGuid"), "-", "")[:26] + ".xx.internal.cloudapp.net"

	if group := w.body.Text("networkSecurityGroup.id"); group != "" {
		if _, err := w.need(group, networkSecurityGroupToken); err != nil {
			return err
		}
	}
	configurations := w.body.Objects("ipConfigurations")
	if len(configurations) == 0 {
		return badRequest("NetworkInterfaceMustHaveAtLeastOneIpConfiguration", "Network interface %s must have at least one IP configuration.", w.self)
	}
	if err := w.checkPrimaryKept(configurations); err != nil {
		return err
	}
	names, claimed := map[string]bool{}, map[netip.Addr]string{}
	for i, c := range configurations {
		name := c.Text("name")
		if err := networkNames.check(name); err != nil {
			return err
		}
		if names[fold(name)] {
			return duplicateName(w.self, name)
		}
		names[fold(name)] = true
		if err := w.checkIPConfiguration(c, i == 0, claimed); err != nil {
			return err
		}
	}
	return w.checkOneNetwork(configurations)
}

// checkPrimaryKept refuses to take the primary IP configuration away.
func (w *write) checkPrimaryKept(configurations []Object) error {
	if w.old == nil {
		return nil
	}
	for _, old := range w.old.Body.Objects("ipConfigurations") {
		name := old.Text("name")
		kept := slices.ContainsFunc(configurations, func(c Object) bool { return strings.EqualFold(c.Text("name"), name) })
		if old.Bool("primary", false) && !kept {
			return badRequest("IpConfigDeleteNotSupported", "IP Configuration %s cannot be deleted. Deletion and renaming of primary IP Configuration is not supported", name)
		}
	}
	return nil
}

// checkIPConfiguration completes one IP configuration: its address, its place in a subnet, what it refers to.
func (w *write) checkIPConfiguration(c Object, first bool, claimed map[netip.Addr]string) error {
	id := w.part(c, "ipConfigurations")
	c.Default(Object{"primary": first, "privateIPAddressVersion": "IPv4", "privateIPAllocationMethod": "Dynamic"})
	subnetID := c.Text("subnet.id")
	subnet, network := w.view.part(subnetID, "subnets")
	if subnet == nil || !network.live || network.kind.Token != virtualNetworkToken || network.Body.Text("location") != w.body.Text("location") {
		return missingReference(subnetID, id)
	}
	c["subnet"] = reference(subnet.Text("id"))
	address, err := w.privateAddress(c, subnet, claimed)
	if err != nil {
		return err
	}
	c["privateIPAddress"] = address.String()
	claimed[address] = id
	if publicIP := c.Text("publicIPAddress.id"); publicIP != "" {
		if err := w.takePublicIP(publicIP, id, ""); err != nil {
			return err
		}
		c["publicIPAddress"] = reference(w.get(publicIP).ID)
	}
	for _, pool := range c.Objects("loadBalancerBackendAddressPools") {
		if err := w.checkMembership(pool.Text("id"), id, network); err != nil {
			return err
		}
	}
	return nil
}

// privateAddress checks a static address or finds a dynamic one. An interface keeps the dynamic address it has.
func (w *write) privateAddress(c, subnet Object, claimed map[netip.Addr]string) (netip.Addr, error) {
	id, ranges := c.Text("id"), subnetPrefixes(subnet)
	held := w.addresses[fold(subnet.Text("id"))]
	taken := func(a netip.Addr) string {
		if other := claimed[a]; other != "" {
			return other
		}
		if holder := held[a]; holder != "" && fold(holder) != fold(id) {
			return holder
		}
		return ""
	}
	if strings.EqualFold(c.Text("privateIPAllocationMethod"), "Static") {
		return checkStaticAddress(c, ranges, taken)
	}
	for a, holder := range held {
		if fold(holder) == fold(id) && taken(a) == "" {
			return a, nil
		}
	}
	address, ok := freeAddress(ranges, func(a netip.Addr) bool { return taken(a) != "" })
	if !ok {
		return address, badRequest("SubnetIsFull", "Subnet %s with address prefix %s does not have enough capacity for 1 IP addresses.",
			subnet.Text("name"), ranges[0])
	}
	return address, nil
}

func checkStaticAddress(c Object, ranges []netip.Prefix, taken func(netip.Addr) string) (netip.Addr, error) {
	text := c.Text("privateIPAddress")
	if text == "" {
		return netip.Addr{}, badRequest("PrivateIPAddressMissing", "Private IP address is required when privateIPAllocationMethod is Static in IP configuration %s.", c.Text("id"))
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return address, badRequest("InvalidIPAddressFormat", "Private IP address %s of IP configuration %s is not an IP address.", text, c.Text("id"))
	}
	for _, p := range ranges {
		if !p.Contains(address) {
			continue
		}
		if isReserved(p, address) {
			return address, badRequest("PrivateIPAddressInReservedRange", "Private static IP address %s falls within reserved IP range of subnet prefix %s.", address, p)
		}
		if other := taken(address); other != "" {
			return address, badRequest("PrivateIPAddressIsAllocated", "IP configuration %s is using the private IP address %s which is already allocated to resource %s.",
				c.Text("id"), address, other)
		}
		return address, nil
	}
	return address, badRequest("PrivateIPAddressNotInSubnet", "Private static IP address %s does not belong to the range of subnet prefix %s.", address, ranges[0])
}

// checkOneNetwork keeps an interface in one virtual network: its own, once a machine has it.
func (w *write) checkOneNetwork(configurations []Object) error {
	network := parentOf(configurations[0].Text("subnet.id"))
	for _, c := range configurations[1:] {
		if fold(parentOf(c.Text("subnet.id"))) != fold(network) {
			return badRequest("IpConfigurationsOnSameNicCannotBeInDifferentVnets", "IP configurations of network interface %s are in different virtual networks.", w.self)
		}
	}
	if w.old == nil || len(w.sourcesOf(w.self, machineType)) == 0 {
		return nil
	}
	if was := parentOf(w.old.Body.Objects("ipConfigurations")[0].Text("subnet.id")); fold(was) != fold(network) {
		return badRequest("CannotMoveNetworkInterfaceToAnotherVnet", "Network interface %s belongs to a virtual machine and cannot move from virtual network %s to %s.",
			w.self, was, network)
	}
	return nil
}
