package fault

import (
	"path"
	"slices"
	"strings"
)

// Target is a machine, as faults find it.
type Target struct {
	ID, VMID string
	Set      string // ARM id of its availability set; "" without one
	Domain   int    // its fault domain there
	Zone     string // "" without one
	Subnet   string // ARM id
}

// Power is whether a machine runs.
type Power int

// What a machine can be.
const (
	On Power = iota
	Frozen
	Off     // without a chance to shut down
	Stopped // in order
)

// Effect is what the faults in force make of a machine.
type Effect struct {
	Power Power
	// From are the ARM ids of the subnets whose packets don't reach it.
	From []string
	// Percent of the packets in each direction get lost.
	Percent int
	// Milliseconds that its packets are late.
	Milliseconds int
	// Connections to its sshd that are dropped.
	Connections int
	// Full are its directories that have no space left.
	Full []string
}

// Any tells whether anything is wrong with the machine.
func (e Effect) Any() bool { return !e.Equal(Effect{}) }

// Packets tells whether packets get lost or are late, or connections dropped.
func (e Effect) Packets() bool {
	return len(e.From) > 0 || e.Percent > 0 || e.Milliseconds > 0 || e.Connections > 0
}

// Equal tells whether two effects are the same.
func (e Effect) Equal(other Effect) bool {
	return e.Power == other.Power && e.Percent == other.Percent && e.Milliseconds == other.Milliseconds && e.Connections == other.Connections &&
		slices.Equal(e.From, other.From) && slices.Equal(e.Full, other.Full)
}

// On is what the faults make of the machine. Of several that do the same, the worst counts.
func (fs Faults) On(t Target) Effect {
	var e Effect
	for _, f := range fs {
		if f.Kind == Cut {
			e.From = append(e.From, f.keepsFrom(t)...)
			continue
		}
		if !f.has(t) {
			continue
		}
		switch f.Kind {
		case Stop:
			e.Power = max(e.Power, Stopped)
		case Kill, Domain, Zone:
			e.Power = max(e.Power, Off)
		case Freeze:
			e.Power = max(e.Power, Frozen)
		case Lose:
			e.Percent = max(e.Percent, f.Percent)
		case Delay:
			e.Milliseconds = max(e.Milliseconds, f.Milliseconds)
		case DropSSH:
			e.Connections = max(e.Connections, f.Connections)
		case Fill:
			e.Full = append(e.Full, f.Directory)
		}
	}
	return e
}

// Unpowered is the fault that keeps any machine in the target's place without power, whatever its VMID.
func (fs Faults) Unpowered(t Target) (Fault, bool) {
	for _, f := range fs {
		if (f.Kind == Domain || f.Kind == Zone) && f.has(t) {
			return f, true
		}
	}
	return Fault{}, false
}

// has tells whether the machine is one of those that have the fault.
func (f Fault) has(t Target) bool {
	switch f.Kind {
	case Domain:
		return t.Set != "" && f.Domain == t.Domain && (f.Set == "" || strings.EqualFold(f.Set, path.Base(t.Set)))
	case Zone:
		return t.Zone == f.Zone
	case DropSSH:
		return strings.EqualFold(f.Machine, path.Base(t.ID))
	}
	if f.Machine != "" {
		return same(f.Machine, t.ID) && f.VMID == t.VMID
	}
	return same(f.Subnet, t.Subnet)
}

// keepsFrom are the subnets whose packets a cut keeps from the machine.
func (f Fault) keepsFrom(t Target) (subnets []string) {
	if same(f.To, t.Subnet) {
		subnets = append(subnets, f.Subnet)
	}
	if same(f.Subnet, t.Subnet) && !f.OneWay && !same(f.Subnet, f.To) {
		subnets = append(subnets, f.To)
	}
	return subnets
}

// same compares ARM ids.
func same(a, b string) bool { return a != "" && strings.EqualFold(a, b) }
