package components

import (
	"fmt"

	"github.com/seed-3bc5c20b/azswarm/internal/rules"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// Spread says how Azure keeps the machines of a tier from failing together.
type Spread string

const (
	// SpreadAvailabilitySet puts a tier into an availability set: machines on different racks (fault domains) of one
	// data centre. Available in every region.
	SpreadAvailabilitySet Spread = rules.AvailabilitySet
	// SpreadZones puts the machines of a tier into the region's availability zones in turn: different data centres,
	// a better service level, only in regions that have three zones.
	SpreadZones Spread = rules.Zones
)

// zones are those of a region that has any, as Azure numbers them for each subscription.
var zones = []string{"1", "2", "3"}

const (
	// updateDomains are rebooted one after the other when Azure maintains its hosts; 20 at most.
	updateDomains = 5
	// setCapacity is the number of machines Azure puts into one availability set.
	setCapacity = 200
)

// setName names the availability set of the machine with this number. The number of its fault domains can't be changed, and Azure
// keeps all its machines on one kind of hardware: where either is another, it is another set, into which the machines move one by
// one.
func (a *MachineSetArgs) setName(set string, machine int) string {
	if first := machine - machine%setCapacity; first > 0 {
		set = fmt.Sprintf("%s-%d-up", set, first)
	}
	if domains := a.Network.args.FaultDomains; domains != rules.MaxFaultDomains {
		set = fmt.Sprintf("%s-fd%d", set, domains)
	}
	if hardware := vmsize.Hardware(a.Machine.VMSize); hardware != "" {
		set += "-" + hardware
	}
	return set
}
