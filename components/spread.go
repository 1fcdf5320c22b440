package components

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
	// faultDomains is the most an availability set has; a few regions offer only 2.
	faultDomains = 3
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
