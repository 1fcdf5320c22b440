package components

import (
	"fmt"

	"github.com/seed-3bc5c20b/azswarm/internal/quorum"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// Spread says how Azure keeps the machines of a tier from failing together.
type Spread string

const (
	// SpreadAvailabilitySet puts a tier into an availability set: machines on different racks (fault domains) of one
	// data centre. Available in every region.
	SpreadAvailabilitySet Spread = "AvailabilitySet"
	// SpreadZones puts the machines of a tier into the region's availability zones in turn: different data centres,
	// a better service level, only in regions that have three zones.
	SpreadZones Spread = "Zones"
)

// zones are those of a region that has any, as Azure numbers them for each subscription.
var zones = []string{"1", "2", "3"}

const (
	// maxFaultDomains is the most an availability set has; a few regions offer only minFaultDomains.
	maxFaultDomains = 3
	minFaultDomains = 2
	// updateDomains are rebooted one after the other when Azure maintains its hosts; 20 at most.
	updateDomains = 5
	// setCapacity is the number of machines Azure puts into one availability set.
	setCapacity = 200
)

func (s *Spread) validate() error {
	switch *s {
	case "":
		*s = SpreadAvailabilitySet
	case SpreadAvailabilitySet, SpreadZones:
	default:
		return refused("Spread", "%q; must be %q or %q", *s, SpreadAvailabilitySet, SpreadZones)
	}
	return nil
}

// checkQuorum refuses a number of voters of which one fault domain would hold the majority.
func (a *NetworkArgs) checkQuorum(key string, voters int) error {
	if a.Spread == SpreadZones {
		return nil
	}
	if err := quorum.Check(voters, a.FaultDomains); err != nil {
		return refused(key, "%w; use Spread: %s, in a region that has zones, or FaultDomains: %d, in one that has so many", err, SpreadZones, maxFaultDomains)
	}
	return nil
}

// setName names the availability set of the machine with this number. The number of its fault domains can't be changed, and Azure
// keeps all its machines on one kind of hardware: where either is another, it is another set, into which the machines move one by
// one.
func (a *MachineSetArgs) setName(set string, machine int) string {
	if first := machine - machine%setCapacity; first > 0 {
		set = fmt.Sprintf("%s-%d-up", set, first)
	}
	if domains := a.Network.args.FaultDomains; domains != maxFaultDomains {
		set = fmt.Sprintf("%s-fd%d", set, domains)
	}
	if hardware := vmsize.Hardware(a.Machine.VMSize); hardware != "" {
		set += "-" + hardware
	}
	return set
}
