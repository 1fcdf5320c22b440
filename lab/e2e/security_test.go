//go:build e2e

package e2e

import (
	"fmt"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// otherPorts are ports that no rule opens: of Docker, of Consul, and those that services usually have.
var otherPorts = []int{
	21, 23, 25, 53, 111, 2049, 2375, 3306, 4001, 5000, 5432, 6379, 8080, 8302, 8500, 8501, 8502, 8503, 8600, 9090, 9323, 10250, 19999, 31000,
}

// applicationPorts are those of the stack prod; everybody may use them.
var applicationPorts = []int{80, 443}

// portless are the protocols without ports.
var portless = []string{"icmp", "esp", "ah"}

// matchesTable sends packets of every kind from everybody to everybody, and compares what gets through with the table of
// ports. Then it takes the table's rules away one by one: each time, the comparison must fail, and for that rule alone.
func matchesTable(t *testing.T) {
	l := prod(t)
	p := l.portal(t)
	r := l.packetRange(t, p)
	r.prepare(t)

	if wrong := compare(r.observe(t), ports.Table(ports.Swarm)); len(wrong) > 0 {
		t.Errorf("%d of the packets:\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 40)], "\n"))
	} else {
		t.Logf("%d kinds of packets from %d senders to %d machines: as the table says", len(r.packets), len(r.senders), len(r.receivers))
	}

	// A rule of each tier at a time: each concerns its own tier alone.
	r.senders = slices.DeleteFunc(r.senders, func(s sender) bool { return s.machine })
	r.receivers = slices.CompactFunc(r.receivers, func(a, b receiver) bool { return a.tier == b.tier })
	for round := 0; ; round++ {
		without := map[ports.Peer]ports.Rule{}
		for _, tier := range ports.Tiers() {
			if rules := ports.For(tier, ports.Swarm); round < len(rules) {
				without[tier] = rules[round]
			}
		}
		if len(without) == 0 {
			return
		}
		got := r.observeWithout(t, p, without)
		for tier, rule := range without {
			t.Run(fmt.Sprintf("%s/%s", tier, rule.Name), func(t *testing.T) { failsFor(t, got, rule) })
		}
	}
}

// observeWithout observes while one rule of each tier is away.
func (r *packetRange) observeWithout(t *testing.T, p *portal, without map[ports.Peer]ports.Rule) []outcome {
	t.Helper()
	type deleted struct {
		id   string
		body object
	}
	var rules []deleted
	for tier, rule := range without {
		id := p.resource(t, "networkSecurityGroups/azswarm-"+string(tier)) + "/securityRules/" + rule.Name
		rules = append(rules, deleted{id, p.send(t, "GET", id, nil)})
		p.send(t, "DELETE", id, nil)
	}
	got := r.observe(t)
	for _, rule := range rules {
		p.send(t, "PUT", rule.id, rule.body)
	}
	return got
}

// failsFor expects the comparison with the whole table to fail for what one rule opens, and for nothing else.
func failsFor(t *testing.T, got []outcome, rule ports.Rule) {
	var rest []ports.Rule
	for _, other := range ports.Table(ports.Swarm) {
		if other.To != rule.To || other.Name != rule.Name {
			rest = append(rest, other)
		}
	}
	alone := slices.DeleteFunc(slices.Clone(got), func(o outcome) bool { return o.To != rule.To })
	if wrong := compare(alone, ports.Table(ports.Swarm)); len(wrong) == 0 {
		t.Error("nobody misses this rule: without it, everything still gets through")
	}
	if wrong := compare(alone, rest); len(wrong) > 0 {
		t.Errorf("without this rule, something else changes:\n%s", strings.Join(wrong, "\n"))
	}
}

// compare lists what differs between the packets that got through and what the rules say.
func compare(got []outcome, rules []ports.Rule) []string {
	var wrong []string
	for _, o := range got {
		switch want := opens(rules, o.opening); {
		case o.passed && !want:
			wrong = append(wrong, fmt.Sprintf("%s (%s -> %s) gets through; no rule lets it", o.opening, o.source, o.machine))
		case want && !o.passed:
			wrong = append(wrong, fmt.Sprintf("%s (%s -> %s) is stopped; a rule lets it through", o.opening, o.source, o.machine))
		}
	}
	slices.Sort(wrong)
	return wrong
}

// opens says whether the rules, or those of the applications, let a packet in.
func opens(rules []ports.Rule, o opening) bool {
	if o.To == ports.Workers && o.Protocol == "tcp" && slices.Contains(applicationPorts, o.Port) {
		return true
	}
	return slices.ContainsFunc(rules, func(r ports.Rule) bool {
		return r.To == o.To && strings.EqualFold(string(r.Protocol), o.Protocol) && r.Port == o.Port && slices.Contains(r.From, o.From)
	})
}

// packetRange is who sends what to whom. The network's router sends for everybody, with an address of each tier and of each
// party outside; a machine of each tier sends for itself.
func (l *lab) packetRange(t *testing.T, p *portal) *packetRange {
	t.Helper()
	r := &packetRange{packets: packets()}
	router := l.router(t)
	network := p.send(t, "GET", p.resource(t, "virtualNetworks/azswarm"), nil)
	for _, subnet := range network["subnets"].([]any) {
		tier := ports.Peer(subnet.(object)["name"].(string))
		prefix := netip.MustParsePrefix(subnet.(object)["addressPrefix"].(string))
		r.senders = append(r.senders, sender{peer: tier, container: router, address: highAddress(prefix), lent: true})
	}
	for peer, address := range map[ports.Peer]string{
		ports.Admins: "198.51.100.77", outside: "203.0.113.77",
	} {
		r.senders = append(r.senders, sender{peer: peer, container: router, address: netip.MustParseAddr(address), lent: true})
	}
	r.senders = append(r.senders, sender{peer: ports.HealthProbes, container: router, address: netip.MustParseAddr("168.63.129.16")})

	for _, machine := range []struct {
		tier  ports.Peer
		name  string
		sends bool
	}{
		{ports.Bastion, "azswarm-bastion", true}, {ports.Consul, "consul-0", false}, {ports.Consul, "consul-1", true},
		{ports.Managers, "managers-0", false}, {ports.Managers, "managers-1", true}, {ports.Workers, "web-0", false},
		{ports.Workers, "web-1", true}, {ports.Workers, "batch-0", true},
	} {
		container := l.container(t, machine.name)
		address := l.address(t, container)
		r.receivers = append(r.receivers, receiver{machine.tier, machine.name, container, address})
		if machine.sends {
			r.senders = append(r.senders, sender{peer: machine.tier, container: container, address: address, machine: true})
		}
	}
	return r
}

// packets are all kinds of packets: of every port in the table and of others, by TCP and UDP, and of protocols without ports.
func packets() []opening {
	numbers := slices.Concat(otherPorts, applicationPorts)
	for _, rule := range ports.Table(ports.Swarm) {
		if rule.Port != 0 {
			numbers = append(numbers, rule.Port)
		}
	}
	slices.Sort(numbers)
	var kinds []opening
	for _, port := range slices.Compact(numbers) {
		kinds = append(kinds, opening{Protocol: "tcp", Port: port}, opening{Protocol: "udp", Port: port})
	}
	for _, protocol := range portless {
		kinds = append(kinds, opening{Protocol: protocol})
	}
	return kinds
}

// highAddress is an address at the end of a subnet, where no machine is.
func highAddress(prefix netip.Prefix) netip.Addr {
	last := prefix.Addr().As4()
	for bit := prefix.Bits(); bit < 32; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	last[3] -= 5
	return netip.AddrFrom4(last)
}

// router is the container of the lab's router.
func (l *lab) router(t *testing.T) string {
	t.Helper()
	output, err := exec.Command("docker", "ps", "--filter", "label=azswarm.lab="+l.name, "--filter", "label=azswarm.kind=fabric", "--format", "{{.ID}}").Output()
	if err != nil || len(strings.Fields(string(output))) != 1 {
		t.Fatalf("the lab's router: %v %s", err, output)
	}
	return strings.TrimSpace(string(output))
}

// address is a machine's private address.
func (l *lab) address(t *testing.T, container string) netip.Addr {
	t.Helper()
	output, err := exec.Command("docker", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container).Output()
	if err != nil {
		t.Fatalf("inspect %s: %v", container, err)
	}
	return netip.MustParseAddr(strings.TrimSpace(string(output)))
}
