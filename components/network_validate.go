package components

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// maxTags is Azure's limit of tags on a resource.
const maxTags = 50

// componentName is what fits every name derived from it: an index or a part's name is added, and host names take
// neither capitals nor underscores.
var componentName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)

func validateName(kind, name string) error {
	if componentName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("%s %q: the name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter: machines are named after it", kind, name)
}

// validate fills in defaults and reports everything wrong.
func (a *NetworkArgs) validate(name string) error {
	if a.AddressSpace == "" {
		a.AddressSpace = "10.20.0.0/16"
	}
	if a.Bastion.VMSize == "" {
		a.Bastion.VMSize = vmsize.DefaultBastion
	}
	if a.Bastion.OSDiskGiB == 0 {
		a.Bastion.OSDiskGiB = 30
	}
	errs := []error{validateName("Network", name), a.Spread.validate(), a.Bastion.validate("Bastion")}
	space, err := netip.ParsePrefix(a.AddressSpace)
	if err == nil {
		_, err = ipam.Carve(space)
	}
	if err != nil {
		errs = append(errs, fmt.Errorf("AddressSpace: %w", err))
	}
	if len(a.AdminCIDRs) == 0 {
		errs = append(errs, errors.New("AdminCIDRs: empty; name the networks operators connect from, such as 198.51.100.0/24"))
	}
	for i, cidr := range a.AdminCIDRs {
		key := fmt.Sprintf("AdminCIDRs[%d]", i)
		prefix, err := parseCIDR(key, cidr)
		errs = append(errs, err)
		if err == nil && prefix.Bits() == 0 {
			errs = append(errs, fmt.Errorf("%s: %q is the whole internet; name the networks operators connect from", key, cidr))
		}
	}
	seen := map[string]bool{}
	for i := range a.Applications {
		key := fmt.Sprintf("Applications[%d]", i)
		application := &a.Applications[i]
		errs = append(errs, application.validate(key))
		if id := fmt.Sprintf("%d/%s", application.Target, application.Protocol); seen[id] {
			errs = append(errs, fmt.Errorf("%s: target port %s is listed twice", key, id))
		} else {
			seen[id] = true
		}
	}
	if len(a.Tags) > maxTags {
		errs = append(errs, fmt.Errorf("Tags: %d of them; Azure allows %d", len(a.Tags), maxTags))
	}
	if a.RotateSSH < 0 {
		errs = append(errs, fmt.Errorf("RotateSSH: %d; must be 0 or more", a.RotateSSH))
	}
	return errors.Join(errs...)
}

func (p *ApplicationPort) validate(key string) error {
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
			errs = append(errs, fmt.Errorf("%s: port %d; must be 1 to 65535", key, port))
		}
	}
	if why, taken := ports.Platform(p.Target); taken {
		errs = append(errs, fmt.Errorf("%s: target port %d belongs to the platform (%s)", key, p.Target, why))
	}
	if p.Protocol != TCP && p.Protocol != UDP {
		errs = append(errs, fmt.Errorf("%s: protocol %q; must be %q or %q", key, p.Protocol, TCP, UDP))
	}
	for i, source := range p.Sources {
		_, err := parseCIDR(fmt.Sprintf("%s.Sources[%d]", key, i), source)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// parseCIDR wants an IPv4 CIDR as Azure takes it: without host bits.
func parseCIDR(key, text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !prefix.Addr().Is4():
		return prefix, fmt.Errorf("%s: %q; must be an IPv4 CIDR such as 198.51.100.0/24", key, text)
	case prefix != prefix.Masked():
		return prefix, fmt.Errorf("%s: %q has host bits set; must be written %s", key, text, prefix.Masked())
	}
	return prefix, nil
}
