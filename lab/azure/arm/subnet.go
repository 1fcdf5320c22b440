package arm

import (
	"net/netip"
)

func subnet() *Type {
	return &Type{
		Token:    "network:Subnet",
		Path:     virtualNetworkPath + "/subnets/{subnetName}",
		Defaults: Object{"privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled"},
		names:    networkNames,
		list:     "subnets",
		show:     showSubnet,
	}
}

// checkSubnet completes one subnet and checks its addresses and what it refers to.
func (w *write) checkSubnet(s Object, space []netip.Prefix) error {
	id := w.part(s, "subnets")
	s.Default(Object{"delegations": []any{}, "privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Enabled"})
	texts := s.Strings("addressPrefixes")
	if single := s.Text("addressPrefix"); single != "" {
		texts = append(texts, single)
	}
	if len(texts) == 0 {
		return badRequest("InvalidAddressPrefixFormat", "Subnet %s has neither addressPrefix nor addressPrefixes.", id)
	}
	for _, text := range texts {
		p, err := checkPrefix(text, id)
		if err != nil {
			return err
		}
		if p.Bits() > smallestSubnet {
			return badRequest("NetcfgInvalidSubnet", "Subnet '%s' is not valid in virtual network '%s'.", s.Text("name"), w.id.Name())
		}
		if !within(space, p) {
			return badRequest("NetcfgSubnetRangeOutsideVnet", "Subnet '%s' is not valid because its IP address range is outside "+
				"the IP address range of virtual network '%s'.", s.Text("name"), w.id.Name())
		}
	}
	if group := s.Text("networkSecurityGroup.id"); group != "" {
		if _, err := w.need(group, networkSecurityGroupToken); err != nil {
			return missingReference(group, id)
		}
	}
	return w.checkSubnetGateway(s, id)
}

// checkSubnetGateway checks the subnet's NAT gateway, which serves one virtual network only.
func (w *write) checkSubnetGateway(s Object, id string) error {
	gateway := s.Text("natGateway.id")
	if gateway == "" {
		return nil
	}
	if _, err := w.need(gateway, natGatewayToken); err != nil {
		return missingReference(gateway, id)
	}
	if s.Text("name") == "GatewaySubnet" {
		return badRequest("NatGatewayCannotBeAssociatedToGatewaySubnet", "NAT Gateway %s cannot be associated with the gateway subnet %s.", gateway, id)
	}
	for _, other := range w.sources(gateway) {
		if fold(parentOf(other)) != fold(w.self) {
			return badRequest("NatGatewayInMultipleVnets", "NAT Gateway %s is already associated with %s: "+
				"all subnets of a NAT gateway must be in one virtual network.", gateway, other)
		}
	}
	return nil
}

// showSubnet adds who is in the subnet.
func showSubnet(v *view, id string, body Object) {
	if users := v.sources(id); len(users) > 0 {
		body["ipConfigurations"] = references(users)
	}
}
