package arm

import (
	"net/netip"
	"strings"
)

const publicIPAddressToken = "network:PublicIPAddress"

func publicIPAddress() *Type {
	return &Type{
		Token:    publicIPAddressToken,
		Path:     groupPath + "/providers/Microsoft.Network/publicIPAddresses/{publicIpAddressName}",
		ForceNew: []string{"location", "publicIPAddressVersion", "publicIPPrefix", "sku"},
		names:    networkNames,
		routed:   true,
		put:      putPublicIPAddress,
		remove: func(v *view, id string) error {
			for _, user := range v.sources(id) {
				return badRequest("PublicIPAddressCannotBeDeleted", "Public IP address %s can not be deleted since it is still allocated to resource %s. "+
					"In order to delete the public IP, disassociate/detach the Public IP address from the resource.  "+
					"To learn how to do this, see aka.ms/deletepublicip.", id, user)
			}
			return nil
		},
		show: func(v *view, id string, body Object) {
			for _, user := range v.sources(id) {
				if parsed, err := ParseID(user); err == nil && len(parsed.Types) > 1 {
					body["ipConfiguration"] = reference(user)
				} else {
					body["natGateway"] = reference(user)
				}
			}
		},
	}
}

func putPublicIPAddress(w *write) error {
	w.networkIdentity()
	delete(w.body, "natGateway") // the gateway says what addresses it has, not the other way around
	w.body.Default(Object{
		"idleTimeoutInMinutes": float64(4), "ipTags": []any{}, "publicIPAddressVersion": "IPv4", "publicIPAllocationMethod": "Dynamic",
	})
	sku := w.body.Child("sku")
	sku["name"], sku["tier"] = canonical(sku.TextOr("name", "Basic")), canonical(sku.TextOr("tier", "Regional"))
	if w.body.Text("publicIPAddressVersion") != "IPv4" {
		return badRequest("LabHasNoIPv6", "Public IP %s: the lab has IPv4 addresses only.", w.self)
	}
	switch standard := sku["name"] == "Standard"; {
	case !standard && !w.options.AllowRetired:
		return badRequest("IPv4BasicSkuPublicIpCountLimitReached", "Cannot create more than 0 IPv4 Basic SKU public IP addresses "+
			"for this subscription in this region.")
	case standard && w.body.Text("publicIPAllocationMethod") != "Static":
		return badRequest("StandardSkuPublicIPAddressesMustBeStatic", "Standard sku publicIp %s must have AllocationMethod set to Static.", w.self)
	}
	if err := w.checkPublicZones(); err != nil {
		return err
	}
	if label := w.body.Text("dnsSettings.domainNameLabel"); label != "" {
		w.body.Child("dnsSettings")["fqdn"] = label + "." + w.body.Text("location") + ".cloudapp.azure.com"
	}
	return w.allocatePublicAddress()
}

// checkPublicZones checks that an address is in no zone, in one, or in all of them, and stays there.
func (w *write) checkPublicZones() error {
	zones := w.body.Strings("zones")
	for _, zone := range zones {
		if err := w.checkZone(zone, "Microsoft.Network/publicIPAddresses"); err != nil {
			return err
		}
	}
	return w.checkZonesKept()
}

// allocatePublicAddress gives a static public IP its address, which it keeps.
func (w *write) allocatePublicAddress() error {
	delete(w.body, "ipAddress")
	if w.old != nil && w.old.Body.Has("ipAddress") {
		w.body["ipAddress"] = w.old.Body.Text("ipAddress")
		return nil
	}
	if w.body.Text("publicIPAllocationMethod") != "Static" {
		return nil
	}
	address, ok := freeAddress([]netip.Prefix{w.options.PublicAddresses}, func(a netip.Addr) bool { return w.public[a] != "" })
	if !ok {
		return badRequest("PublicIPCountLimitReached", "Cannot create more than %d public IP addresses for this subscription in this region.", len(w.public))
	}
	w.body["ipAddress"] = address.String()
	return nil
}

// canonical writes an enum value as Azure answers it: "basic" is "Basic".
func canonical(value string) string {
	if value == "" {
		return ""
	}
	return strings.ToUpper(value[:1]) + strings.ToLower(value[1:])
}
