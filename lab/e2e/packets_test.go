//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// arrivalTimeout bounds the wait for packets that have been sent to arrive; they take less than a millisecond.
const arrivalTimeout = 20 * time.Second

// outside is everybody on the internet who is not an administrator.
const outside ports.Peer = "outside"

// sender sends packets: a container, and the source address it uses.
type sender struct {
	peer      ports.Peer
	container string
	address   netip.Addr
	lent      bool // the address is not the container's own
	machine   bool
}

// receiver is a machine of a tier.
type receiver struct {
	tier      ports.Peer
	name      string
	container string
	address   netip.Addr
}

// opening is a packet that opens a connection, by who it is from and to.
type opening struct {
	From     ports.Peer
	To       ports.Peer
	Protocol string // as the probe names it
	Port     int    // 0 where the protocol has none
}

func (o opening) String() string {
	return fmt.Sprintf("%s -> %s %d/%s", o.From, o.To, o.Port, o.Protocol)
}

// outcome is what became of a packet.
type outcome struct {
	opening
	source  netip.Addr
	machine string // that received it
	passed  bool   // got past the machine's security groups
}

// observers are nftables rules around those of the security groups: what arrives on the wire is in one set, what
// got through in the other.
const observers = `table inet observer {}
delete table inet observer
table inet observer {
	set arrived { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 65535; }
	set passed { type ipv4_addr . inet_proto . inet_service; flags dynamic; size 65535; }
	set arrived-portless { type ipv4_addr . inet_proto; flags dynamic; size 65535; }
	set passed-portless { type ipv4_addr . inet_proto; flags dynamic; size 65535; }
	chain before {
		type filter hook prerouting priority -151;
		iifname "eth0" meta l4proto { tcp, udp } add @arrived { ip saddr . meta l4proto . th dport }
		iifname "eth0" meta l4proto { icmp, esp, ah } add @arrived-portless { ip saddr . meta l4proto }
	}
	chain after {
		type filter hook prerouting priority -149;
		iifname "eth0" meta l4proto { tcp, udp } add @passed { ip saddr . meta l4proto . th dport }
		iifname "eth0" meta l4proto { icmp, esp, ah } add @passed-portless { ip saddr . meta l4proto }
	}
}
`

// packetRange sends packets through a network and observes them.
type packetRange struct {
	senders   []sender
	receivers []receiver
	packets   []opening // From and To are empty: each sender sends them to each receiver
}

// inContainer runs a command in a container.
func inContainer(container, stdin string, command ...string) (string, error) {
	c := exec.Command("docker", append([]string{"exec", "--interactive", container}, command...)...)
	c.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	output, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("in container %s: %s: %w: %s", container, strings.Join(command, " "), err, strings.TrimSpace(stderr.String()))
	}
	return string(output), nil
}

// onHost runs a command on this machine.
func onHost(stdin string, command ...string) (string, error) {
	c := exec.Command(command[0], command[1:]...)
	c.Stdin = strings.NewReader(stdin)
	output, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	return string(output), nil
}

// each calls do for every element at once, and fails the test with the first error.
func each[E any](t *testing.T, elements []E, do func(E) error) {
	t.Helper()
	failed := make([]error, len(elements))
	var wait sync.WaitGroup
	for i, element := range elements {
		wait.Go(func() { failed[i] = do(element) })
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// prepare installs the probe in the senders and the observers in the receivers.
func (r *packetRange) prepare(t *testing.T) {
	t.Helper()
	installProbe(t, r.containers()...)
	for _, s := range r.senders {
		if !s.lent {
			continue
		}
		if _, err := inContainer(s.container, "", "ip", "address", "replace", s.address.String()+"/32", "dev", "lo"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, _ = inContainer(s.container, "", "ip", "address", "delete", s.address.String()+"/32", "dev", "lo")
		})
	}
	for _, to := range r.receivers {
		t.Cleanup(func() { _, _ = inContainer(to.container, "", "nft", "delete", "table", "inet", "observer") })
	}
}

// installProbe builds the probe, installs it in containers, and returns where it is on this machine.
func installProbe(t *testing.T, containers ...string) string {
	t.Helper()
	probe := filepath.Join(t.TempDir(), "probe")
	build := exec.Command("go", "build", "-o", probe, "./probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // it runs in another image
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the probe: %v\n%s", err, output)
	}
	each(t, containers, func(container string) error {
		if output, err := exec.Command("docker", "cp", probe, container+":/usr/local/bin/probe").CombinedOutput(); err != nil {
			return fmt.Errorf("install the probe: %w: %s", err, output)
		}
		return nil
	})
	return probe
}

// containers are those of the senders, each once.
func (r *packetRange) containers() []string {
	var containers []string
	for _, s := range r.senders {
		if !slices.Contains(containers, s.container) {
			containers = append(containers, s.container)
		}
	}
	return containers
}

// probePacket is a packet as the probe takes it.
type probePacket struct {
	Source, Target netip.Addr
	Protocol       string
	Port           int
}

// observe has every sender send every packet to every receiver, and returns what got through.
func (r *packetRange) observe(t *testing.T) []outcome {
	t.Helper()
	each(t, r.receivers, func(to receiver) error {
		_, err := inContainer(to.container, observers, "nft", "-f", "-")
		return err
	})
	each(t, r.containers(), func(container string) error {
		packets, err := json.Marshal(r.from(container))
		if err != nil {
			return err
		}
		_, err = inContainer(container, string(packets), "probe", "send")
		return err
	})
	var got []outcome
	var mutex sync.Mutex
	each(t, r.receivers, func(to receiver) error {
		outcomes, err := r.await(to)
		mutex.Lock()
		defer mutex.Unlock()
		got = append(got, outcomes...)
		return err
	})
	return got
}

// from are the packets that a container sends.
func (r *packetRange) from(container string) []probePacket {
	var packets []probePacket
	for _, s := range r.senders {
		for _, to := range r.receivers {
			if s.container != container || s.container == to.container {
				continue
			}
			for _, p := range r.packets {
				if s.sends(p) {
					packets = append(packets, probePacket{s.address, to.address, p.Protocol, p.Port})
				}
			}
		}
	}
	return packets
}

// sends says whether the sender has the packet in its repertoire. A machine that is a receiver, too, sends nothing without
// ports: both directions would be one conversation for those who receive it, and let through for being one.
func (s sender) sends(p opening) bool { return !s.machine || p.Port != 0 }

// await returns what became of the packets to a receiver, once all have arrived.
func (r *packetRange) await(to receiver) ([]outcome, error) {
	deadline := time.Now().Add(arrivalTimeout)
	for {
		sets, err := readSets(to.container)
		if err != nil {
			return nil, err
		}
		var outcomes []outcome
		var missing []string
		for _, s := range r.senders {
			for _, p := range r.packets {
				if s.container == to.container || !s.sends(p) {
					continue
				}
				key := fmt.Sprint(s.address, " ", p.Protocol, " ", p.Port)
				if !sets["arrived"][key] {
					missing = append(missing, key)
				}
				outcomes = append(outcomes, outcome{opening{s.peer, to.tier, p.Protocol, p.Port}, s.address, to.name, sets["passed"][key]})
			}
		}
		if len(missing) == 0 {
			return outcomes, nil
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%d packets never arrived at %s, such as %s", len(missing), to.name, missing[0])
		}
	}
}

// readSets reads what the observers saw: "source protocol port", by set.
func readSets(container string) (map[string]map[string]bool, error) {
	output, err := inContainer(container, "", "nft", "--json", "list", "table", "inet", "observer")
	if err != nil {
		return nil, err
	}
	var listing struct {
		Nftables []struct {
			Set *struct {
				Name string `json:"name"`
				Elem []struct {
					Concat []any `json:"concat"`
				} `json:"elem"`
			} `json:"set"`
		} `json:"nftables"`
	}
	if err := json.Unmarshal([]byte(output), &listing); err != nil {
		return nil, fmt.Errorf("what nft lists: %w", err)
	}
	sets := map[string]map[string]bool{"arrived": {}, "passed": {}}
	for _, entry := range listing.Nftables {
		if entry.Set == nil {
			continue
		}
		set, _, _ := strings.Cut(entry.Set.Name, "-")
		for _, element := range entry.Set.Elem {
			if len(element.Concat) == 2 {
				element.Concat = append(element.Concat, 0)
			}
			sets[set][strings.TrimSpace(fmt.Sprintln(element.Concat...))] = true
		}
	}
	return sets, nil
}
