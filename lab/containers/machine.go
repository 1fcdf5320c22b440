package containers

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
)

// hub is the host name the Docker engine pulls unqualified image names from.
const hub = "registry-1.docker.io"

// DownloadsHost is the host name from which machines download the files in Options.Downloads.
const DownloadsHost = "downloads.lab.azswarm.internal"

// EnsureMachine creates and boots the machine; starts it if it is stopped, or stops it if it is deallocated; creates it anew, disk included, if its VMID is
// another one; and restarts it if its address changed. It returns when the machine runs, not when it has booted.
func (c *Cloud) EnsureMachine(ctx context.Context, m cloud.Machine) error {
	defer c.machines.lock(key(m.ID))()
	if err := c.ensureMachine(ctx, m); err != nil {
		return fmt.Errorf("machine %s: %w", m.ComputerName, err)
	}
	return nil
}

func (c *Cloud) ensureMachine(ctx context.Context, m cloud.Machine) error {
	n, err := c.store.network(m.NetworkID)
	if err != nil {
		return err
	}
	vnet, err := addressSpace(n)
	if err != nil {
		return err
	}
	if err := checkMachine(m, vnet); err != nil {
		return err
	}
	name := c.objectName(kindMachine, m.ID)
	found, err := c.docker.ContainerInspect(ctx, name)
	switch {
	case cerrdefs.IsNotFound(err):
		return c.createMachine(ctx, m, vnet)
	case err != nil:
		return err
	case found.Config.Labels[labelVMID] != m.VMID:
		if err := c.removeMachine(ctx, m.ID); err != nil {
			return err
		}
		return c.createMachine(ctx, m, vnet)
	}
	if err := c.writeSecurity(m, vnet); err != nil {
		return err
	}
	if err := c.readdress(ctx, found, m); err != nil {
		return err
	}
	if m.Deallocated {
		return c.powerOff(ctx, found, fault.Stopped)
	}
	if err := c.start(ctx, found.ID); err != nil {
		return err
	}
	return c.loadSecurity(ctx, found.ID)
}

// checkMachine says what would make the machine unreachable.
func checkMachine(m cloud.Machine, vnet netip.Prefix) error {
	if m.VMID == "" || m.ComputerName == "" || m.AdminUser == "" {
		return fmt.Errorf("VMID %q, ComputerName %q, AdminUser %q: none may be empty", m.VMID, m.ComputerName, m.AdminUser)
	}
	if len(m.Addresses) == 0 {
		return fmt.Errorf("it has no private address: want one in %s", vnet)
	}
	for _, address := range m.Addresses {
		if !vnet.Contains(address) || address.Compare(registryAddress(vnet)) <= 0 {
			return fmt.Errorf("private address %s: want one in %s above %s", address, vnet, registryAddress(vnet))
		}
	}
	return nil
}

func (c *Cloud) createMachine(ctx context.Context, m cloud.Machine, vnet netip.Prefix) error {
	if err := c.checkPower(m); err != nil {
		return err
	}
	if err := c.store.writeSeed(m); err != nil {
		return err
	}
	if err := c.writeSecurity(m, vnet); err != nil {
		return err
	}
	config, host := c.machineSpec(m, vnet)
	if host.ExtraHosts = c.servers(vnet); len(host.ExtraHosts) > 0 {
		ca, err := c.store.ensureCertificates()
		if err != nil {
			return err
		}
		host.Mounts = append(host.Mounts, readOnly(ca, "/usr/local/share/ca-certificates/azswarm-lab.crt"))
	}
	endpoints := &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		c.objectName(kindNetwork, m.NetworkID): endpoint(m),
	}}
	created, err := c.docker.ContainerCreate(ctx, config, host, endpoints, nil, c.objectName(kindMachine, m.ID))
	if err != nil {
		return err
	}
	return c.start(ctx, created.ID)
}

// servers are the names of what the fabric serves, each with its address.
func (c *Cloud) servers(vnet netip.Prefix) []string {
	var hosts []string
	if c.options.RegistryStorage != "" {
		hosts = append(hosts, hub+":"+registryAddress(vnet).String())
	}
	if c.options.Downloads != "" {
		hosts = append(hosts, DownloadsHost+":"+routerAddress(vnet).String())
	}
	return hosts
}

// endpoint is the machine's place in its network, where its name resolves as in Azure's own DNS.
func endpoint(m cloud.Machine) *network.EndpointSettings {
	return &network.EndpointSettings{
		IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: m.Addresses[0].String()},
		Aliases:    []string{m.ComputerName},
	}
}

// machineSpec is what systemd and a nested Docker engine need of a container, on hosts that refuse --privileged too.
func (c *Cloud) machineSpec(m cloud.Machine, vnet netip.Prefix) (*container.Config, *container.HostConfig) {
	labels := c.labels(kindMachine, m.ID)
	labels[labelVMID], labels[labelZone] = m.VMID, m.Zone
	if m.AvailabilitySet != "" {
		labels[labelSet], labels[labelDomain] = m.AvailabilitySet, strconv.Itoa(m.FaultDomain)
	}
	var secondary []string
	for _, address := range m.Addresses[1:] {
		secondary = append(secondary, netip.PrefixFrom(address, vnet.Bits()).String())
	}
	grace := 30 // seconds: systemd stops the nested engine and its containers
	config := &container.Config{
		Image:    c.options.NodeImage,
		Hostname: m.ComputerName,
		Env: []string{
			"AZSWARM_GATEWAY=" + routerAddress(vnet).String(),
			"AZSWARM_ADDRESSES=" + strings.Join(secondary, " "),
		},
		Labels:      labels,
		StopSignal:  "SIGRTMIN+3", // systemd's signal to power off
		StopTimeout: &grace,
	}
	dir := c.store.machineDir(m.ID)
	host := &container.HostConfig{
		RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyUnlessStopped},
		CapAdd:        []string{"ALL"},
		CapDrop:       []string{"SYS_RESOURCE"}, // not to be had everywhere
		SecurityOpt:   []string{"seccomp=unconfined", "apparmor=unconfined", "label=disable"},
		MaskedPaths:   []string{}, // empty, not nil: nothing masked, nothing read-only
		ReadonlyPaths: []string{},
		CgroupnsMode:  container.CgroupnsModePrivate,
		Resources:     container.Resources{DeviceCgroupRules: []string{"a *:* rwm"}},
		Tmpfs:         map[string]string{"/run": "", "/run/lock": "", "/tmp": "exec,mode=1777"},
		Mounts: []mount.Mount{
			// overlay2 doesn't nest: the engine's storage has to be on the host's own file system.
			{
				Type: mount.TypeVolume, Target: "/var/lib/docker",
				VolumeOptions: &mount.VolumeOptions{Labels: c.labels(kindMachine, m.ID)},
			},
			readOnly(filepath.Join(dir, seedDir), seedMount),
			readOnly(filepath.Join(dir, cloudFile), cloudMount),
			readOnly(filepath.Join(dir, securityDir), securityMount),
		},
	}
	return config, host
}

// readOnly is a read-only bind mount.
func readOnly(source, target string) mount.Mount {
	return mount.Mount{Type: mount.TypeBind, Source: source, Target: target, ReadOnly: true}
}

// readdress gives the machine the primary address of m, if it has another one. That stops it, as it does a VM.
func (c *Cloud) readdress(ctx context.Context, found container.InspectResponse, m cloud.Machine) error {
	net := c.objectName(kindNetwork, m.NetworkID)
	attached := found.NetworkSettings.Networks[net]
	if attached != nil && attached.IPAMConfig != nil && attached.IPAMConfig.IPv4Address == m.Addresses[0].String() {
		return nil
	}
	if err := c.docker.ContainerStop(ctx, found.ID, container.StopOptions{}); err != nil {
		return err
	}
	if attached != nil {
		if err := c.docker.NetworkDisconnect(ctx, net, found.ID, true); err != nil {
			return err
		}
	}
	return c.docker.NetworkConnect(ctx, net, found.ID, endpoint(m))
}

// DeleteMachine removes the machine with this ARM id and its disk.
func (c *Cloud) DeleteMachine(ctx context.Context, id string) error {
	defer c.machines.lock(key(id))()
	if err := c.removeMachine(ctx, id); err != nil {
		return fmt.Errorf("delete machine %s: %w", id, err)
	}
	if err := os.RemoveAll(c.store.machineDir(id)); err != nil {
		return fmt.Errorf("delete machine %s: %w", id, err)
	}
	return nil
}

// removeMachine removes a machine's container, and ends what was broken of it on purpose.
func (c *Cloud) removeMachine(ctx context.Context, id string) error {
	if err := c.removeContainer(ctx, c.objectName(kindMachine, id)); err != nil {
		return err
	}
	return c.forgetFaults(id)
}
