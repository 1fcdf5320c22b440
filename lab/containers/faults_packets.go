package containers

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
)

// packetsScript runs in a machine, and says itself how it does its work.
//
//go:embed packets.sh
var packetsScript string

// errNoDelay is why packets can't be delayed where the kernel has nothing to do it with.
var errNoDelay = errors.New("this machine's kernel has no netem (sch_netem): packets can get lost here, but not be late")

// disturb makes a machine lose packets, send them late, or drop connections, as the effect says and no other way.
func (c *Cloud) disturb(ctx context.Context, container string, e fault.Effect) error {
	networks, err := c.store.networks()
	if err != nil {
		return err
	}
	err = c.script(ctx, container, packetsScript, "packets", packetRules(e, networks), delayCommand(e))
	if err != nil && strings.Contains(err.Error(), "qdisc kind is unknown") {
		return errNoDelay
	}
	return err
}

// delayCommand is the command that delays what the machine sends; "" for none.
func delayCommand(e fault.Effect) string {
	if e.Milliseconds == 0 {
		return ""
	}
	// netem drops what exceeds its limit, which has to hold all that is sent within the delay.
	return fmt.Sprintf("tc qdisc replace dev eth0 root netem delay %dms limit 100000", e.Milliseconds)
}

// sshMark is on connections to sshd that are dropped.
const sshMark = 0x7a737368

// sshRules count the new connections to sshd and mark the first ones. Such a connection comes about, and is reset on both sides
// when either first has something to say: a connection that was never made would be tried again by any client.
const sshRules = `table inet azswarm_fault {
	chain ssh_in {
		type filter hook input priority -150
		tcp dport 22 ct state new numgen inc mod 1000000000 < %[1]d ct mark set %#[2]x
		tcp dport 22 ct mark %#[2]x tcp flags & psh == psh reject with tcp reset
	}
	chain ssh_out {
		type filter hook output priority -150
		tcp sport 22 ct mark %#[2]x tcp flags & psh == psh reject with tcp reset
	}
}
`

// packetRules are nft commands that replace all earlier ones. Packets are dropped where they come in and, if they are to get
// lost at random, on the wire's side of where they go out: what netfilter drops any earlier on the way out, it tells the sender
// about, and a network doesn't.
func packetRules(e fault.Effect, networks []cloud.Network) string {
	var rules strings.Builder
	for _, family := range []string{"inet", "netdev"} {
		fmt.Fprintf(&rules, "add table %[1]s azswarm_fault\ndelete table %[1]s azswarm_fault\n", family)
	}
	if from := prefixes(e.From, networks); len(from) > 0 {
		rules.WriteString("table inet azswarm_fault {\n\tchain cut {\n\t\ttype filter hook prerouting priority -500\n")
		for _, prefix := range from {
			fmt.Fprintf(&rules, "\t\tip saddr %s drop\n", prefix)
		}
		rules.WriteString("\t}\n}\n")
	}
	if e.Connections > 0 {
		fmt.Fprintf(&rules, sshRules, e.Connections, sshMark)
	}
	if e.Percent > 0 {
		rules.WriteString("table netdev azswarm_fault {\n")
		for _, hook := range []string{"ingress", "egress"} {
			fmt.Fprintf(&rules, "\tchain %[1]s {\n\t\ttype filter hook %[1]s device \"eth0\" priority 0\n"+
				"\t\tmeta protocol ip numgen random mod 100 < %[2]d drop\n\t}\n", hook, e.Percent)
		}
		rules.WriteString("}\n")
	}
	return rules.String()
}

// prefixes are the IPv4 addresses of subnets, given by their ARM ids.
func prefixes(subnets []string, networks []cloud.Network) []netip.Prefix {
	var found []netip.Prefix
	for _, n := range networks {
		for _, subnet := range n.Subnets {
			if !slices.ContainsFunc(subnets, func(id string) bool { return strings.EqualFold(id, subnet.ID) }) {
				continue
			}
			for _, prefix := range subnet.Prefixes {
				if prefix.Addr().Is4() {
					found = append(found, prefix)
				}
			}
		}
	}
	return found
}
