package arm

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

const (
	virtualNetworkToken = "network:VirtualNetwork"
	virtualNetworkPath  = groupPath + "/providers/Microsoft.Network/virtualNetworks/{virtualNetworkName}"
	// smallestSubnet is the longest prefix a subnet may have: a /30 is all reserved addresses.
	smallestSubnet = 29
)

func virtualNetwork() *Type {
	return &Type{
		Token:        virtualNetworkToken,
		Path:         virtualNetworkPath,
		ForceNew:     []string{"location"},
		SubResources: []string{"subnets", "virtualNetworkPeerings"},
		Defaults:     Object{"enableDdosProtection": false, "enableVmProtection": false},
		names:        vnetNames,
		routed:       true,
		put:          putVirtualNetwork,
		remove: func(v *view, id string) error {
			for _, s := range v.get(id).Body.Objects("subnets") {
				if err := subnetFree(v, s); err != nil {
					return err
				}
			}
			return nil
		},
		refs: func(_ string, body Object) []link {
			var links []link
			for _, s := range body.Objects("subnets") {
				for _, property := range []string{"networkSecurityGroup.id", "natGateway.id"} {
					if target := s.Text(property); target != "" {
						links = append(links, link{s.Text("id"), target})
					}
				}
			}
			return links
		},
		show: func(v *view, _ string, body Object) {
			for _, s := range body.Objects("subnets") {
				showSubnet(v, s.Text("id"), s)
			}
		},
		cloud: networks{},
	}
}

func putVirtualNetwork(w *write) error {
	w.networkIdentity()
	w.body.Default(Object{"enableDdosProtection": false, "subnets": []any{}, "virtualNetworkPeerings": []any{}})
	delete(w.body, "enableVmProtection") // sent by the SDK, answered by none
	space, err := w.addressSpace()
	if err != nil {
		return err
	}
	subnets := w.body.Objects("subnets")
	names := map[string]bool{}
	for _, s := range subnets {
		name := s.Text("name")
		if err := networkNames.check(name); err != nil {
			return err
		}
		if names[fold(name)] {
			return duplicateName(w.self, name)
		}
		names[fold(name)] = true
		if err := w.checkSubnet(s, space); err != nil {
			return err
		}
	}
	if err := w.checkOverlaps(subnets); err != nil {
		return err
	}
	return w.checkKept(subnets)
}

func (w *write) addressSpace() ([]netip.Prefix, error) {
	texts := w.body.Strings("addressSpace.addressPrefixes")
	if len(texts) == 0 {
		return nil, badRequest("InvalidRequestFormat", "Virtual network %s needs at least one prefix in addressSpace.addressPrefixes.", w.self)
	}
	var space []netip.Prefix
	for _, text := range texts {
		p, err := checkPrefix(text, w.self)
		if err != nil {
			return nil, err
		}
		space = append(space, p)
	}
	return space, nil
}

// checkOverlaps refuses subnets that share addresses.
func (w *write) checkOverlaps(subnets []Object) error {
	for i, s := range subnets {
		for _, earlier := range subnets[:i] {
			for _, p := range subnetPrefixes(s) {
				if slices.ContainsFunc(subnetPrefixes(earlier), p.Overlaps) {
					return badRequest("NetcfgSubnetRangesOverlap", "Subnet '%s' is not valid because its IP address range overlaps with that of "+
						"an existing subnet in virtual network '%s'.", s.Text("name"), w.id.Name())
				}
			}
		}
	}
	return nil
}

// checkKept refuses to drop subnets, or prefixes of subnets, that are in use.
func (w *write) checkKept(subnets []Object) error {
	if w.old == nil {
		return nil
	}
	kept := map[string]Object{}
	for _, s := range subnets {
		kept[fold(s.Text("id"))] = s
	}
	for _, old := range w.old.Body.Objects("subnets") {
		now := kept[fold(old.Text("id"))]
		if now == nil {
			if err := subnetFree(w.view, old); err != nil {
				return err
			}
			continue
		}
		for _, p := range subnetPrefixes(old) {
			if !slices.Contains(subnetPrefixes(now), p) && w.holdsAddressIn(old.Text("id"), p) {
				return badRequest("InUsePrefixCannotBeDeleted", "IpPrefix %s on Subnet %s has active allocations and cannot be deleted.", p, old.Text("name"))
			}
		}
	}
	return nil
}

func (v *view) holdsAddressIn(subnetID string, p netip.Prefix) bool {
	for address := range v.addresses[fold(subnetID)] {
		if p.Contains(address) {
			return true
		}
	}
	return false
}

// subnetFree refuses to remove a subnet that holds IP configurations.
func subnetFree(v *view, subnet Object) error {
	users := v.sources(subnet.Text("id"))
	if len(users) == 0 {
		return nil
	}
	return badRequest("InUseSubnetCannotBeDeleted", "Subnet %s is in use by %s and cannot be deleted. In order to delete the subnet, "+
		"delete all the resources within the subnet. See aka.ms/deletesubnet.", subnet.Text("name"), strings.Join(users, ", "))
}

// networks makes virtual networks real.
type networks struct{}

func (networks) spec(_ *view, r *record) any {
	n := cloud.Network{ID: r.ID, Prefixes: prefixes(r.Body.Strings("addressSpace.addressPrefixes"))}
	for _, s := range r.Body.Objects("subnets") {
		n.Subnets = append(n.Subnets, cloud.Subnet{ID: s.Text("id"), Prefixes: subnetPrefixes(s)})
	}
	return n
}

func (networks) ensure(ctx context.Context, c cloud.Cloud, spec any) error {
	return c.EnsureNetwork(ctx, spec.(cloud.Network))
}

func (networks) remove(ctx context.Context, c cloud.Cloud, id string) error {
	return c.DeleteNetwork(ctx, id)
}
