package arm

import (
	"context"
	"encoding/base64"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

const (
	virtualMachineToken = "compute:VirtualMachine"
	machineType         = "Microsoft.Compute/virtualMachines"
)

func virtualMachine() *Type {
	return &Type{
		Token:  virtualMachineToken,
		Path:   groupPath + "/providers/Microsoft.Compute/virtualMachines/{vmName}",
		names:  machineNames,
		routed: true,
		put:    putVirtualMachine,
		refs: func(id string, body Object) []link {
			var links []link
			if set := body.Text("availabilitySet.id"); set != "" {
				links = append(links, link{id, set})
			}
			for _, nic := range body.Objects("networkProfile.networkInterfaces") {
				links = append(links, link{id, nic.Text("id")})
			}
			return links
		},
		show:  showMachine,
		cloud: machines{},
	}
}

func putVirtualMachine(w *write) error {
	if w.old != nil {
		if err := w.checkMachineUnchanged(); err != nil {
			return err
		}
		if err := w.checkResize(); err != nil {
			return err
		}
		w.hidden = w.old.Hidden.Copy()
	}
	for _, check := range []func() error{w.checkSize, w.checkZones, w.checkOSProfile, w.checkStorage, w.checkInterfaces, w.checkSet} {
		if err := check(); err != nil {
			return err
		}
	}
	if w.old != nil {
		w.body["vmId"], w.body["timeCreated"] = w.old.Body.Text("vmId"), w.old.Body.Text("timeCreated")
		return nil
	}
	w.body["vmId"] = uuid.NewString()
	w.body["timeCreated"] = time.Now().UTC().Format("2006-01-02T15:04:05.0000000+00:00")
	return nil
}

func (w *write) checkZones() error {
	zones := w.body.Strings("zones")
	if len(zones) > 1 {
		return badRequest("ResourceCannotHaveMultipleZonesSpecified", "Resource %s has multiple zones specified. "+
			"Only one zone can be specified for this resource.", w.self)
	}
	if len(zones) == 1 {
		return w.checkZone(zones[0], machineType)
	}
	return nil
}

// checkZone refuses a zone that no region has.
func (w *write) checkZone(zone, armType string) error {
	if slices.Contains([]string{"1", "2", "3"}, zone) {
		return nil
	}
	return badRequest("InvalidAvailabilityZone", "The zone(s) '%s' for resource '%s/%s' is not supported. The supported zones for location '%s' are '1,2,3'.",
		zone, armType, w.id.Name(), w.body.Text("location"))
}

// checkInterfaces checks that the machine's interfaces exist, are free, and lie in one virtual network.
func (w *write) checkInterfaces() error {
	interfaces := w.body.Objects("networkProfile.networkInterfaces")
	if len(interfaces) == 0 {
		return badRequest("InvalidParameter", "Virtual machine '%s' needs at least one network interface in networkProfile.networkInterfaces.", w.id.Name())
	}
	if w.old != nil && (len(interfaces) > 1) != (len(w.old.Body.Objects("networkProfile.networkInterfaces")) > 1) {
		return badRequest("AddingOrDeletingNetworkInterfacesOnARunningVirtualMachineNotSupported", "Virtual machine %s with a single network interface must be "+
			"stop-deallocated before it can be updated to have multiple network interfaces and vice-versa.", w.self)
	}
	network, primaries, seen := "", 0, map[string]bool{}
	for _, entry := range interfaces {
		nic, err := w.need(entry.Text("id"), networkInterfaceToken)
		if err != nil {
			return err
		}
		if seen[fold(nic.ID)] {
			return interfaceInUse(nic.ID, w.self)
		}
		seen[fold(nic.ID)] = true
		for _, user := range w.sourcesOf(nic.ID, machineType) {
			if fold(user) != fold(w.self) {
				return interfaceInUse(nic.ID, user)
			}
		}
		mine := fold(parentOf(nic.Body.Objects("ipConfigurations")[0].Text("subnet.id")))
		if network != "" && mine != network {
			return badRequest("VirtualMachineNetworkInterfacesInDifferentVnets", "The network interfaces of virtual machine %s are in different virtual networks.", w.self)
		}
		network = mine
		if entry.Bool("primary", false) {
			primaries++
		}
	}
	if len(interfaces) > 1 && primaries != 1 {
		return badRequest("VirtualMachineMustHaveOneNetworkInterfaceAsPrimary", "Virtual machine %s must have one network interface set as the primary.", w.self)
	}
	return nil
}

// primaryInterface is the interface whose address a machine is reached by.
func (v *view) primaryInterface(machine *record) *record {
	interfaces := machine.Body.Objects("networkProfile.networkInterfaces")
	for _, entry := range interfaces {
		if entry.Bool("primary", false) {
			return v.get(entry.Text("id"))
		}
	}
	return v.get(interfaces[0].Text("id"))
}

// machines makes virtual machines real.
type machines struct{}

func (machines) spec(v *view, r *record) any {
	profile := r.Body.Object("osProfile")
	m := cloud.Machine{
		ID: r.ID, VMID: r.Body.Text("vmId"), ComputerName: profile.Text("computerName"), AdminUser: profile.Text("adminUsername"),
		Size: r.Body.Text("hardwareProfile.vmSize"), FaultDomain: r.Hidden.Int("faultDomain", 0),
		AvailabilitySet: r.Body.Text("availabilitySet.id"), Deallocated: r.Hidden.Bool(deallocated, false),
	}
	for _, key := range profile.Objects("linuxConfiguration.ssh.publicKeys") {
		m.AuthorizedKeys = append(m.AuthorizedKeys, strings.TrimSpace(key.Text("keyData")))
	}
	if zones := r.Body.Strings("zones"); len(zones) > 0 {
		m.Zone = zones[0]
	}
	m.CustomData, _ = base64.StdEncoding.DecodeString(r.Hidden.Text("customData")) // checked when it was put
	nic := v.primaryInterface(r)
	m.SubnetID, m.NetworkID, m.Addresses = v.place(nic)
	m.Security = v.security(nic)
	return m
}

// place is where an interface is: subnet, network, and private addresses with the primary one first.
func (v *view) place(nic *record) (subnetID, networkID string, addresses []netip.Addr) {
	if nic == nil { // only if somebody removed its file
		return "", "", nil
	}
	configurations := nic.Body.Objects("ipConfigurations")
	slices.SortStableFunc(configurations, func(a, b Object) int {
		switch primary := a.Bool("primary", false); {
		case primary == b.Bool("primary", false):
			return 0
		case primary:
			return -1
		}
		return 1
	})
	for _, c := range configurations {
		if address, err := netip.ParseAddr(c.Text("privateIPAddress")); err == nil {
			addresses = append(addresses, address)
		}
	}
	subnetID = configurations[0].Text("subnet.id")
	return subnetID, parentOf(subnetID), addresses
}

func (machines) ensure(ctx context.Context, c cloud.Cloud, spec any) error {
	return c.EnsureMachine(ctx, spec.(cloud.Machine))
}

func (machines) remove(ctx context.Context, c cloud.Cloud, id string) error {
	return c.DeleteMachine(ctx, id)
}

// machinesMovedBy are the machines that must follow a change of their interface's addresses.
func (m *Manager) machinesMovedBy(old, next *record) []*record {
	if old == nil || next.kind.Token != networkInterfaceToken || slices.Equal(old.privateAddresses(), next.privateAddresses()) {
		return nil
	}
	var moved []*record
	for _, id := range m.view.sourcesOf(next.ID, machineType) {
		if machine := m.view.get(id); machine.live {
			moved = append(moved, machine)
		}
	}
	return moved
}
