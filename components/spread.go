package components

import "github.com/seed-3bc5c20b/azswarm/internal/rules"

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
