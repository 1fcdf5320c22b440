package components

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// maxTags is Azure's limit of tags on a resource.
const maxTags = 50

// validate fills in defaults and reports everything wrong.
func (a *NetworkArgs) validate(name string) error {
	if a.AddressSpace == "" {
		a.AddressSpace = "10.20.0.0/16"
	}
	if a.FaultDomains == 0 {
		a.FaultDomains = maxFaultDomains
	}
	if a.Bastion.VMSize == "" {
		a.Bastion.VMSize = vmsize.DefaultBastion
	}
	if a.Bastion.OSDiskGiB == 0 {
		a.Bastion.OSDiskGiB = 30
	}
	errs := []error{validateName("Network", name), a.Orchestrator.validate(), a.Spread.validate(), a.Bastion.validate("Bastion")}
	if a.FaultDomains < minFaultDomains || a.FaultDomains > maxFaultDomains {
		errs = append(errs, refused("FaultDomains", "%d; must be %d or %d, as many as the region has", a.FaultDomains, minFaultDomains, maxFaultDomains))
	}
	space, err := netip.ParsePrefix(a.AddressSpace)
	if err == nil {
		_, err = ipam.Carve(space)
	}
	if err != nil {
		errs = append(errs, refused("AddressSpace", "%w", err))
	}
	if a.Orchestrator == Classic && space.IsValid() && space.Overlaps(classicPool) {
		errs = append(errs, refused("AddressSpace", "%q overlaps %s, where engines take overlay networks' subnets from with Orchestrator %q; must lie elsewhere",
			a.AddressSpace, classicPool, Classic))
	}
	if len(a.AdminCIDRs) == 0 {
		errs = append(errs, refused("AdminCIDRs", "empty; name the networks operators connect from, such as 198.51.100.0/24"))
	}
	for i, cidr := range a.AdminCIDRs {
		key := fmt.Sprintf("AdminCIDRs[%d]", i)
		prefix, err := parseCIDR(key, cidr)
		errs = append(errs, err)
		if err == nil && prefix.Bits() == 0 {
			errs = append(errs, refused(key, "%q is the whole internet; name the networks operators connect from", cidr))
		}
	}
	seen := map[string]bool{}
	for i := range a.Applications {
		key := fmt.Sprintf("Applications[%d]", i)
		application := &a.Applications[i]
		errs = append(errs, application.validate(key, a.options()...))
		if id := fmt.Sprintf("%d/%s", application.Target, application.Protocol); seen[id] {
			errs = append(errs, refused(key, "target port %s is listed twice", id))
		} else {
			seen[id] = true
		}
	}
	if len(a.InternalPorts) > maxInternalPorts {
		errs = append(errs, refused("InternalPorts", "%d of them; must be at most %d: name ranges", len(a.InternalPorts), maxInternalPorts))
	}
	for i, text := range a.InternalPorts {
		key := fmt.Sprintf("InternalPorts[%d]", i)
		if _, err := ports.ParseRange(text); err != nil {
			errs = append(errs, refused(key, "%q: %w", text, err))
		}
		if slices.Index(a.InternalPorts, text) < i {
			errs = append(errs, refused(key, "%q is listed twice", text))
		}
	}
	if len(a.Tags) > maxTags {
		errs = append(errs, refused("Tags", "%d of them; Azure allows %d", len(a.Tags), maxTags))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("Network %q: %w", name, err)
	}
	return nil
}

func (p *ApplicationPort) validate(key string, options ...ports.Option) error {
	if p.Target == 0 {
		p.Target = p.Port
	}
	if p.Protocol == "" {
		p.Protocol = TCP
	}
	if len(p.Sources) == 0 {
		p.Sources = []string{"0.0.0.0/0"}
	}
	var errs []error
	for _, port := range []int{p.Port, p.Target} {
		if port < 1 || port > 65535 {
			errs = append(errs, refused(key, "port %d; must be 1 to 65535", port))
		}
	}
	if why, taken := ports.Platform(p.Target, options...); taken {
		errs = append(errs, refused(key, "target port %d belongs to the platform (%s)", p.Target, why))
	}
	if p.Protocol != TCP && p.Protocol != UDP {
		errs = append(errs, refused(key, "protocol %q; must be %q or %q", p.Protocol, TCP, UDP))
	}
	for i, source := range p.Sources {
		_, err := parseCIDR(fmt.Sprintf("%s.Sources[%d]", key, i), source)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
