// Package fault says what of a lab is broken on purpose, and what that makes of each machine.
//
// Faults are kept in a file until they are healed, so that whatever starts machines meanwhile (an update, a reboot of this
// machine) leaves them as broken as they are meant to be.
package fault

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Kind is a way to break something.
type Kind string

// The kinds of faults.
const (
	Stop   Kind = "stop"   // a machine is shut down, in order
	Kill   Kind = "kill"   // a machine has lost its power
	Freeze Kind = "freeze" // a machine has stopped doing anything, and still has its memory and its connections
	Domain Kind = "domain" // a fault domain of availability sets has lost its power
	Zone   Kind = "zone"   // an availability zone has lost its power
	Cut    Kind = "cut"    // packets from one subnet don't reach another
	Lose   Kind = "lose"   // some of the packets of a machine or subnet get lost
	Delay  Kind = "delay"  // what a machine or subnet sends is late
	Fill   Kind = "fill"   // the disk of a directory of a machine is full
	// DropSSH is a machine whose sshd takes connections and drops the first ones, as those do that boot or have too many.
	DropSSH Kind = "drop-ssh"
)

// Kinds are all kinds.
var Kinds = []Kind{Stop, Kill, Freeze, Domain, Zone, Cut, Lose, Delay, Fill, DropSSH}

// Fault is one thing that is broken. Which fields it has depends on its kind.
type Fault struct {
	Kind Kind `json:"kind"`
	// Machine is the ARM id of the machine, and VMID says which of those that have had this id: a machine that is created
	// anew has none of the faults of the one before. Connections are dropped by every machine of the name, those to come
	// included: there Machine is no more than the name, and VMID empty.
	Machine string `json:"machine,omitempty"`
	VMID    string `json:"vmid,omitempty"`
	// Domain is the number of a fault domain, from 0, of the availability set with this name; "" means of all sets.
	Domain int    `json:"domain,omitempty"`
	Set    string `json:"set,omitempty"`
	// Zone is the number of an availability zone.
	Zone string `json:"zone,omitempty"`
	// Subnet is the ARM id of a subnet; for a cut, where the packets come from.
	Subnet string `json:"subnet,omitempty"`
	// To is the ARM id of the subnet that a cut keeps packets from, and OneWay whether those the other way still pass.
	To     string `json:"to,omitempty"`
	OneWay bool   `json:"oneWay,omitempty"`
	// Percent of the packets that get lost, 1 to 100.
	Percent int `json:"percent,omitempty"`
	// Milliseconds that packets are late.
	Milliseconds int `json:"milliseconds,omitempty"`
	// Connections that are dropped, counted from when the machine starts, or the fault does.
	Connections int `json:"connections,omitempty"`
	// Directory that is full, absolute.
	Directory string `json:"directory,omitempty"`
}

// Name identifies the fault: one with the same name replaces it. It needs no quoting in a shell.
func (f Fault) Name() string {
	parts := []string{string(f.Kind)}
	switch f.Kind {
	case Domain:
		parts = append(parts, strconv.Itoa(f.Domain))
		if f.Set != "" {
			parts = append(parts, f.Set)
		}
	case Zone:
		parts = append(parts, f.Zone)
	case Cut:
		ends := []string{path.Base(f.Subnet), path.Base(f.To)}
		if f.OneWay {
			ends = append(ends, "one-way")
		} else {
			slices.Sort(ends) // the same, whichever is named first
		}
		parts = append(parts, ends...)
	default:
		parts = append(parts, f.target())
		if f.Directory != "" {
			parts = append(parts, strings.Trim(f.Directory, "/"))
		}
	}
	return strings.Join(parts, "/")
}

// target is the name of the machine or subnet.
func (f Fault) target() string { return path.Base(cmp.Or(f.Machine, f.Subnet)) }

// String says what is broken.
func (f Fault) String() string {
	switch f.Kind {
	case Stop:
		return f.target() + " is shut down"
	case Kill:
		return f.target() + " has no power"
	case Freeze:
		return f.target() + " is frozen"
	case Domain:
		return fmt.Sprintf("fault domain %d of %s has no power", f.Domain, cmp.Or(f.Set, "every availability set"))
	case Zone:
		return fmt.Sprintf("zone %s has no power", f.Zone)
	case Cut:
		if f.OneWay {
			return fmt.Sprintf("packets from %s don't reach %s", path.Base(f.Subnet), path.Base(f.To))
		}
		return fmt.Sprintf("%s and %s don't reach each other", path.Base(f.Subnet), path.Base(f.To))
	case Lose:
		return fmt.Sprintf("%d%% of the packets to and from %s get lost", f.Percent, f.target())
	case Delay:
		return fmt.Sprintf("packets from %s are %d ms late", f.target(), f.Milliseconds)
	case DropSSH:
		return fmt.Sprintf("sshd of %s drops its first %d connections", f.target(), f.Connections)
	case Fill:
		return fmt.Sprintf("the disk of %s on %s is full", f.Directory, f.target())
	}
	return f.Name()
}

// CheckName refuses what can't be the name of a fault. Its error lists other kinds, too.
func CheckName(name string, others ...string) error {
	kind, target, _ := strings.Cut(name, "/")
	if slices.Contains(Kinds, Kind(kind)) && target != "" {
		return nil
	}
	var kinds []string
	for _, kind := range Kinds {
		kinds = append(kinds, string(kind))
	}
	kinds = append(kinds, others...)
	return fmt.Errorf("fault %q: must be one of %s, a slash, and what has it, as in stop/managers-0", name, strings.Join(kinds, ", "))
}
