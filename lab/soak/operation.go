package main

import (
	"fmt"
	"time"
)

// kind is what an operation does.
type kind string

const (
	kill    kind = "kill"    // a machine loses its power
	freeze  kind = "freeze"  // a machine hangs
	cut     kind = "cut"     // two subnets don't reach each other
	lose    kind = "lose"    // packets of a machine or subnet get lost
	domain  kind = "domain"  // a fault domain loses its power
	power   kind = "power"   // every machine loses its power
	fill    kind = "fill"    // a disk is full
	engines kind = "engines" // every engine restarts at once
	replace kind = "replace" // a machine is replaced
	scale   kind = "scale"   // a tier gets another number of machines
	roll    kind = "roll"    // Consul gets another image
)

// kinds are all kinds, in the order in which the generator knows them.
var kinds = []kind{kill, freeze, cut, lose, domain, power, fill, engines, replace, scale, roll}

// operation is one thing that happens to the cluster. Which fields it has depends on its kind.
type operation struct {
	kind      kind
	target    string        // the machine, or for lose the machine or subnet
	subnets   [2]string     // that are cut
	oneWay    bool          // packets still pass from the second to the first
	percent   int           // of the packets that get lost
	domain    int           // number of the fault domain
	directory string        // whose disk is full
	tier      string        // that is scaled
	count     int           // of its machines then
	image     string        // of Consul then
	hold      time.Duration // until a fault is healed
	interrupt *interruption
}

// isChange tells whether Pulumi does the operation.
func (o operation) isChange() bool { return o.kind == replace || o.kind == scale || o.kind == roll }

// victim is what of an update is killed.
type victim string

const (
	everything victim = "all of Pulumi" // with its providers
	engine     victim = "the engine"
	program    victim = "the program"
)

var victims = []victim{everything, engine, program}

// interruption kills an update in the midst of its work: the update that is the operation or, for a fault, one that begins
// while the fault is in force.
type interruption struct {
	victim victim
	after  time.Duration // since the update began
}

func (o operation) String() string {
	text := o.what()
	if o.hold > 0 {
		text += " for " + seconds(o.hold)
	}
	if o.interrupt != nil {
		update := ""
		if !o.isChange() {
			update = " of an update"
		}
		text += fmt.Sprintf("; SIGKILL %s after %s%s", o.interrupt.victim, seconds(o.interrupt.after), update)
	}
	return text
}

func (o operation) what() string {
	switch o.kind {
	case kill:
		return "take the power from " + o.target
	case freeze:
		return "freeze " + o.target
	case cut:
		if o.oneWay {
			return fmt.Sprintf("lose what %s sends to %s", o.subnets[0], o.subnets[1])
		}
		return fmt.Sprintf("cut %s from %s", o.subnets[0], o.subnets[1])
	case lose:
		return fmt.Sprintf("lose %d %% of the packets of %s", o.percent, o.target)
	case domain:
		return fmt.Sprintf("take the power from fault domain %d", o.domain)
	case power:
		return "take the power from every machine"
	case fill:
		return fmt.Sprintf("fill %s on %s", o.directory, o.target)
	case engines:
		return "restart every engine at once"
	case replace:
		return "replace " + o.target
	case scale:
		return fmt.Sprintf("scale %s to %d", o.tier, o.count)
	case roll:
		return "roll Consul to " + o.image
	}
	return string(o.kind)
}

// seconds writes a time as people say it.
func seconds(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
