package arm

import (
	"slices"
	"strings"
)

const (
	natGatewayToken = "network:NatGateway"
	natAddresses    = 16 // a NAT gateway takes at most so many public addresses
)

func natGateway() *Type {
	return &Type{
		Token:  natGatewayToken,
		Path:   groupPath + "/providers/Microsoft.Network/natGateways/{natGatewayName}",
		names:  networkNames,
		routed: true,
		put:    putNatGateway,
		remove: func(v *view, id string) error {
			if subnets := v.sources(id); len(subnets) > 0 {
				return badRequest("CannotDeleteNatGatewayAssociatedToSubnet", "NAT Gateway %s is still configured on %d subnets. "+
					"Remove NAT Gateway from all referenced subnets and then delete NAT Gateway.", id, len(subnets))
			}
			return nil
		},
		refs: func(id string, body Object) []link {
			var links []link
			for _, address := range body.Objects("publicIpAddresses") {
				links = append(links, link{id, address.Text("id")})
			}
			return links
		},
		show: func(v *view, id string, body Object) {
			if subnets := v.sources(id); len(subnets) > 0 {
				body["subnets"] = references(subnets)
			}
		},
	}
}

func putNatGateway(w *write) error {
	w.networkIdentity()
	w.body.Default(Object{"idleTimeoutInMinutes": float64(4)})
	sku := w.body.Child("sku")
	sku["name"] = canonical(sku.TextOr("name", "Standard"))
	if sku["name"] != "Standard" {
		return badRequest("InvalidRequestFormat", "Cannot parse the request: NAT gateway %s has the sku '%s'; allowed is Standard.", w.self, sku["name"])
	}
	if timeout := w.body.Int("idleTimeoutInMinutes", 4); timeout < 4 || timeout > 120 {
		return badRequest("NatGatewayIdleTimeoutInvalid", "NAT gateway %s has the idle timeout %d; it must be 4 to 120 minutes.", w.self, timeout)
	}
	if zones := w.body.Strings("zones"); len(zones) > 1 {
		return badRequest("ResourceCannotHaveMultipleZonesSpecified", "Resource %s has multiple zones specified. "+
			"Only one zone can be specified for this resource.", w.self)
	}
	if err := w.checkZonesKept(); err != nil {
		return err
	}
	addresses := w.body.Objects("publicIpAddresses")
	if len(addresses) > natAddresses {
		return badRequest("NatGatewayPublicIpAddressesLimitReached", "NAT gateway %s has %d public IP addresses; at most %d are allowed.", w.self, len(addresses), natAddresses)
	}
	for _, address := range addresses {
		if err := w.takePublicIP(address.Text("id"), w.self, "Standard"); err != nil {
			return err
		}
	}
	return nil
}

// checkZonesKept refuses to move a network resource between zones.
func (w *write) checkZonesKept() error {
	if w.old == nil {
		return nil
	}
	had, has := w.old.Body.Strings("zones"), w.body.Strings("zones")
	if slices.Sort(had); !slices.Equal(had, slices.Sorted(slices.Values(has))) {
		return badRequest("ResourceAvailabilityZonesCannotBeModified", "Resource %s has an existing availability zone constraint %s and the request has "+
			"availability zone constraint %s, which do not match. Zones cannot be added/updated/removed once the resource is created. "+
			"The resource cannot be updated from regional to zonal or vice-versa.", w.self, strings.Join(had, ", "), strings.Join(has, ", "))
	}
	return nil
}

// takePublicIP checks that the public IP exists, fits, and belongs to nobody but user.
func (w *write) takePublicIP(id, user, sku string) error {
	r, err := w.need(id, publicIPAddressToken)
	if err != nil {
		return missingReference(id, user)
	}
	if got := r.Body.Text("sku.name"); sku != "" && got != sku {
		return badRequest("PublicIPAndLBSkuDoNotMatch", "%s sku resource %s cannot reference %s sku publicIP %s.", sku, user, got, r.ID)
	}
	for _, other := range w.sources(id) {
		if fold(other) != fold(user) {
			return badRequest("PublicIPAddressInUse", "Resource %s is referencing public IP address %s that is already allocated to resource %s.", user, r.ID, other)
		}
	}
	return nil
}
