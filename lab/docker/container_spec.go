package docker

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/blkiodev"
	containers "github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
)

// mebibyte is the unit of a container's memory properties.
const mebibyte = 1 << 20

// containerConfig makes the Docker container of a planned resource.
func containerConfig(want view) (*containers.Config, *containers.HostConfig, error) {
	r := &reader{}
	exposed, bindings := ports(want.blocks("ports"))
	config := &containers.Config{
		Image:        want.text("image"),
		Hostname:     want.text("hostname"),
		Domainname:   want.text("domainname"),
		User:         want.text("user"),
		Env:          want.texts("envs"),
		Cmd:          want.texts("command"),
		Entrypoint:   want.texts("entrypoints"),
		WorkingDir:   want.text("workingDir"),
		Labels:       want.labels("labels"),
		StopSignal:   want.text("stopSignal"),
		Tty:          want.flag("tty"),
		OpenStdin:    want.flag("stdinOpen"),
		ExposedPorts: exposed,
	}
	if timeout := int(want.number("stopTimeout")); timeout > 0 {
		config.StopTimeout = &timeout
	}
	if check := want.block("healthcheck"); check != nil {
		config.Healthcheck = r.healthcheck("healthcheck", check)
	}
	binds, from := volumes(want.blocks("volumes"), r)
	host := &containers.HostConfig{
		Binds:           binds,
		VolumesFrom:     from,
		Mounts:          mounts(want.blocks("mounts")),
		PortBindings:    bindings,
		PublishAllPorts: want.flag("publishAllPorts"),
		NetworkMode:     containers.NetworkMode(networkMode(want)),
		RestartPolicy:   restartPolicy(want),
		AutoRemove:      want.flag("rm"),
		Privileged:      want.flag("privileged"),
		ReadonlyRootfs:  want.flag("readOnly"),
		CapAdd:          want.block("capabilities").texts("adds"),
		CapDrop:         want.block("capabilities").texts("drops"),
		DNS:             want.texts("dns"),
		DNSOptions:      want.texts("dnsOpts"),
		DNSSearch:       want.texts("dnsSearches"),
		ExtraHosts:      extraHosts(want.blocks("hosts")),
		GroupAdd:        want.texts("groupAdds"),
		IpcMode:         containers.IpcMode(want.text("ipcMode")),
		PidMode:         containers.PidMode(want.text("pidMode")),
		UsernsMode:      containers.UsernsMode(want.text("usernsMode")),
		CgroupnsMode:    containers.CgroupnsMode(want.text("cgroupnsMode")),
		LogConfig:       containers.LogConfig{Type: want.text("logDriver"), Config: want.textMap("logOpts")},
		Runtime:         want.text("runtime"),
		SecurityOpt:     want.texts("securityOpts"),
		ShmSize:         want.number("shmSize") * mebibyte,
		StorageOpt:      want.textMap("storageOpts"),
		Sysctls:         want.textMap("sysctls"),
		Tmpfs:           want.textMap("tmpfs"),
		Resources:       containerResources(want, r),
	}
	if want.flag("init") {
		host.Init = new(true)
	}
	return config, host, errors.Join(r.errs...)
}

// networkMode is that of the first network where there is one: Docker wants both to agree.
func networkMode(want view) string {
	if list := want.blocks("networksAdvanced"); len(list) > 0 {
		return list[0].text("name")
	}
	return want.text("networkMode")
}

func restartPolicy(want view) containers.RestartPolicy {
	return containers.RestartPolicy{
		Name:              containers.RestartPolicyMode(want.text("restart")),
		MaximumRetryCount: int(want.number("maxRetryCount")),
	}
}

func containerResources(want view, r *reader) containers.Resources {
	out := containers.Resources{
		BlkioWeightDevice: []*blkiodev.WeightDevice{}, // an older daemon wants a list
		CgroupParent:      want.text("cgroupParent"),
		CPUShares:         want.number("cpuShares"),
		CPUPeriod:         want.number("cpuPeriod"),
		CPUQuota:          want.number("cpuQuota"),
		CpusetCpus:        want.text("cpuSet"),
		Memory:            want.number("memory") * mebibyte,
		MemoryReservation: want.number("memoryReservation") * mebibyte,
		MemorySwap:        want.number("memorySwap"),
	}
	if out.MemorySwap > 0 { // -1 means no limit
		out.MemorySwap *= mebibyte
	}
	if cpus := want.text("cpus"); cpus != "" {
		n, err := strconv.ParseFloat(cpus, 64)
		if err != nil || n < 0 {
			r.errs = append(r.errs, fmt.Errorf("cpus is %q: a number of processors such as 1.5 is allowed", cpus))
		}
		out.NanoCPUs = int64(n * 1e9)
	}
	for _, device := range want.blocks("devices") {
		inside, permissions := device.text("containerPath"), device.text("permissions")
		if inside == "" {
			inside = device.text("hostPath")
		}
		if permissions == "" {
			permissions = "rwm"
		}
		out.Devices = append(out.Devices, containers.DeviceMapping{PathOnHost: device.text("hostPath"), PathInContainer: inside, CgroupPermissions: permissions})
	}
	for _, limit := range want.blocks("ulimits") {
		out.Ulimits = append(out.Ulimits, &containers.Ulimit{Name: limit.text("name"), Soft: limit.number("soft"), Hard: limit.number("hard")})
	}
	return out
}

func ports(list []view) (nat.PortSet, nat.PortMap) {
	exposed, bindings := nat.PortSet{}, nat.PortMap{}
	for _, want := range list {
		port := nat.Port(fmt.Sprintf("%d/%s", want.number("internal"), want.text("protocol")))
		exposed[port] = struct{}{}
		binding := nat.PortBinding{HostIP: want.text("ip")}
		if external := want.number("external"); external != 0 {
			binding.HostPort = strconv.FormatInt(external, 10)
		}
		bindings[port] = append(bindings[port], binding)
	}
	return exposed, bindings
}

// volumes makes bind strings, and the containers to take volumes from.
func volumes(list []view, r *reader) (binds, from []string) {
	for i, want := range list {
		source, target := want.text("volumeName"), want.text("containerPath")
		if source == "" {
			source = want.text("hostPath")
		}
		switch {
		case want.text("fromContainer") != "":
			from = append(from, want.text("fromContainer"))
		case target == "":
			r.errs = append(r.errs, fmt.Errorf("volumes[%d] has no containerPath: it is needed unless fromContainer is set", i))
		case source == "":
			binds = append(binds, target)
		default:
			mode := "rw"
			if want.flag("readOnly") {
				mode = "ro"
			}
			binds = append(binds, strings.Join([]string{source, target, mode}, ":"))
		}
	}
	return binds, from
}

func extraHosts(hosts []view) []string {
	var out []string
	for _, host := range hosts {
		out = append(out, host.text("host")+":"+host.text("ip"))
	}
	return out
}
