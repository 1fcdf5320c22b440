//go:build e2e

package containers

import (
	"context"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
)

// TestFaultsHoldUntilHealed goes through every fault of machines. It needs what TestCloudBehavesLikeAzure needs.
func TestFaultsHoldUntilHealed(t *testing.T) {
	image := os.Getenv("AZSWARM_LAB_IMAGE")
	if image == "" {
		t.Skip("AZSWARM_LAB_IMAGE names no node image")
	}
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t}
	l.cloud, err = New(Options{
		Lab: "faultstest", StateDir: t.TempDir(), NodeImage: image, Executable: executable, Public: netip.MustParsePrefix("198.18.9.0/24"),
	})
	l.must(err)
	l.must(l.cloud.Down(t.Context()))
	t.Cleanup(func() { l.must(l.cloud.Down(context.Background())) })
	l.newKey()
	west, east := vnetID+"/subnets/west", vnetID+"/subnets/east"
	l.must(l.cloud.EnsureNetwork(t.Context(), cloud.Network{
		ID: vnetID, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.80.0.0/20")},
		Subnets: []cloud.Subnet{
			{ID: west, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.80.0.0/24")}},
			{ID: east, Prefixes: []netip.Prefix{netip.MustParsePrefix("10.80.1.0/24")}},
		},
	}))
	const set = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/availabilitySets/set"
	a, b := l.machine("a", "1", netip.MustParseAddr("10.80.0.4")), l.machine("b", "1", netip.MustParseAddr("10.80.1.4"))
	a.AvailabilitySet, b.AvailabilitySet, b.FaultDomain = set, set, 1
	boot := func() {
		l.must(l.cloud.EnsureMachine(t.Context(), a))
		l.must(l.cloud.EnsureMachine(t.Context(), b))
	}
	boot()
	for _, m := range []cloud.Machine{a, b} {
		l.awaitOn(m, "systemctl is-active docker.service")
	}

	state := func(m cloud.Machine, want string) {
		t.Helper()
		found, err := l.cloud.docker.ContainerInspect(t.Context(), l.cloud.objectName(kindMachine, m.ID))
		l.must(err)
		if found.State.Status != want {
			t.Errorf("%s is %s, want it %s", m.ComputerName, found.State.Status, want)
		}
	}
	broken := func(f fault.Fault) string {
		t.Helper()
		for range 2 { // again changes nothing
			l.must(l.cloud.Fault(t.Context(), f))
		}
		boot() // as an update, or a reboot of this machine, does
		return f.Name()
	}
	heal := func(names ...string) {
		t.Helper()
		healed, err := l.cloud.Heal(t.Context(), names...)
		l.must(err)
		if len(healed) != len(names) {
			t.Errorf("healed %v, want %v", healed, names)
		}
		if again, err := l.cloud.Heal(t.Context(), names...); err != nil || len(again) != 0 {
			t.Errorf("healed again: %v, %v", again, err)
		}
	}
	const ping = "ping -c 3 -i 0.2 -W 1 -q "

	l.step("stopped, killed and frozen machines", func() {
		for kind, is := range map[fault.Kind]string{fault.Stop: "exited", fault.Kill: "exited", fault.Freeze: "paused"} {
			name := broken(fault.Fault{Kind: kind, Machine: a.ID})
			state(a, is)
			state(b, "running")
			heal(name)
			state(a, "running")
		}
	})
	l.step("a fault domain", func() {
		name := broken(fault.Fault{Kind: fault.Domain, Domain: 1})
		state(a, "running")
		state(b, "exited")
		c := l.machine("c", "1", netip.MustParseAddr("10.80.1.5"))
		c.AvailabilitySet, c.FaultDomain = set, 1
		if err := l.cloud.EnsureMachine(t.Context(), c); err == nil || !strings.Contains(err.Error(), "fault domain 1 of every availability set has no power") {
			t.Errorf("a new machine in the domain: %v, want a refusal", err)
		}
		heal(name)
		state(b, "running")
		if err := l.cloud.Fault(t.Context(), fault.Fault{Kind: fault.Domain, Domain: 2}); err == nil {
			t.Error("a domain without machines fails")
		}
	})
	l.step("a cut, through a restart of the machine", func() {
		l.awaitOn(a, ping+"10.80.1.4")
		name := broken(fault.Fault{Kind: fault.Cut, Subnet: west, To: east})
		l.not(a, ping+"10.80.1.4")
		l.not(b, ping+"10.80.0.4")
		l.must(l.cloud.docker.ContainerRestart(t.Context(), l.cloud.objectName(kindMachine, b.ID), container.StopOptions{}))
		l.awaitOn(b, "nft list table inet azswarm_fault")
		l.not(a, ping+"10.80.1.4")
		heal(name)
		l.awaitOn(a, ping+"10.80.1.4")
	})
	l.step("a cut in one direction", func() {
		name := broken(fault.Fault{Kind: fault.Cut, Subnet: west, To: east, OneWay: true})
		l.must(l.cloud.exec(t.Context(), l.cloud.objectName(kindMachine, a.ID), "systemd-run", "--unit=ear", "bash", "-c", "nc -u -l 9999 >/root/heard"))
		l.not(a, ping+"10.80.1.4")
		l.awaitOn(b, "echo hello | nc -u -w 1 -q 0 10.80.0.4 9999")
		l.awaitOn(a, "grep -q hello /root/heard")
		heal(name)
		l.awaitOn(a, ping+"10.80.1.4")
	})
	l.step("lost packets", func() {
		name := broken(fault.Fault{Kind: fault.Lose, Machine: a.ID, Percent: 50})
		// Of 100 round trips a quarter survives; fewer than 5 or more than 60 would be a miracle.
		l.awaitOn(b, `ping -c 100 -i 0.01 -W 1 -q 10.80.0.4 | awk '/packets transmitted/ { exit !($4 >= 5 && $4 <= 60) }'`)
		heal(name)
		l.awaitOn(b, `ping -c 100 -i 0.01 -W 1 -q 10.80.0.4 | grep -q ' 0% packet loss'`)
	})
	l.step("late packets, where the kernel has netem", func() {
		f := fault.Fault{Kind: fault.Delay, Subnet: west, Milliseconds: 200}
		err := l.cloud.Fault(t.Context(), f)
		if err != nil {
			if !strings.Contains(err.Error(), "no netem") {
				t.Error(err)
			}
			t.Log(err)
			l.awaitOn(b, ping+"10.80.0.4")
			return
		}
		l.awaitOn(b, ping+`10.80.0.4 | grep -Eq 'mdev = 2[0-9][0-9]\.'`)
		heal(f.Name())
		l.not(b, ping+`10.80.0.4 | grep -Eq 'mdev = 2[0-9][0-9]\.'`)
	})
	l.step("a full disk, through a restart of the machine", func() {
		const write, read = "echo more >/var/lib/docker/more && rm /var/lib/docker/more", "test -s /var/lib/docker/engine-id || test -d /var/lib/docker/overlay2"
		l.awaitOn(b, "systemctl is-active docker.service")
		name := broken(fault.Fault{Kind: fault.Fill, Machine: b.ID, Directory: "/var/lib/docker"})
		l.not(b, write)
		l.awaitOn(b, read)
		l.must(l.cloud.docker.ContainerRestart(t.Context(), l.cloud.objectName(kindMachine, b.ID), container.StopOptions{}))
		l.awaitOn(b, "findmnt --mountpoint /var/lib/docker --noheadings --output SOURCE | grep /dev/loop")
		l.not(b, write)
		heal(name)
		l.awaitOn(b, write)
		l.awaitOn(b, "systemctl is-active docker.service")
		broken(fault.Fault{Kind: fault.Fill, Machine: b.ID, Directory: "/var/lib/docker"})
		l.not(b, write)
	})
	l.step("dropped connections to sshd, also of a machine that starts, and of one to come", func() {
		const greet = `exec 3<>/dev/tcp/10.80.0.4/22 && [ "$(head -c 4 <&3)" = SSH- ]`
		l.awaitOn(b, greet)
		name := broken(fault.Fault{Kind: fault.DropSSH, Machine: "a", Connections: 3})
		dropped := func() {
			t.Helper()
			l.awaitOn(a, "systemctl is-active ssh.service")
			for range 3 {
				l.not(b, greet)
			}
			l.awaitOn(b, greet)
		}
		dropped()
		l.must(l.cloud.docker.ContainerRestart(t.Context(), l.cloud.objectName(kindMachine, a.ID), container.StopOptions{}))
		dropped()
		a.VMID = "2"
		boot()
		dropped()
		heal(name)
		l.must(l.cloud.docker.ContainerRestart(t.Context(), l.cloud.objectName(kindMachine, a.ID), container.StopOptions{}))
		l.awaitOn(a, "systemctl is-active ssh.service")
		l.awaitOn(b, "for i in 1 2 3; do "+greet+" || exit 1; done")
	})
	l.step("a machine that is replaced has none of its faults", func() {
		b.VMID = "2"
		boot()
		if faults, err := (fault.Store{Path: FaultsFile(l.cloud.options.StateDir)}).List(); err != nil || len(faults) != 0 {
			t.Errorf("faults of a machine that is no more: %v, %v", faults, err)
		}
	})
	l.step("a frozen machine can be removed", func() {
		broken(fault.Fault{Kind: fault.Freeze, Machine: a.ID})
		l.must(l.cloud.Down(t.Context()))
		l.expectNothing()
	})
}

// awaitOn waits until a command succeeds on a machine.
func (l *lab) awaitOn(m cloud.Machine, command string) {
	l.t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for {
		err := l.cloud.exec(l.t.Context(), l.cloud.objectName(kindMachine, m.ID), "bash", "-c", command)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			l.t.Errorf("on %s: %v", m.ComputerName, err)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// not expects a command to fail on a machine.
func (l *lab) not(m cloud.Machine, command string) {
	l.t.Helper()
	if err := l.cloud.exec(l.t.Context(), l.cloud.objectName(kindMachine, m.ID), "bash", "-c", command); err == nil {
		l.t.Errorf("on %s: %s succeeds", m.ComputerName, command)
	}
}
