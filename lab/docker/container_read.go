package docker

import (
	"slices"
	"strconv"
	"strings"

	containers "github.com/docker/docker/api/types/container"
	"github.com/docker/go-connections/nat"
)

// readContainer returns the properties of a container as Docker has it. What Docker cannot say (mustRun,
// capabilities, volumes, ...) is known to the state alone. inherited is the environment of the image, which is
// not the program's.
func readContainer(found containers.InspectResponse, inherited []string) object {
	config, host := found.Config, found.HostConfig
	environment := slices.DeleteFunc(slices.Clone(config.Env), func(pair string) bool { return slices.Contains(inherited, pair) })
	stopTimeout := 0
	if config.StopTimeout != nil {
		stopTimeout = *config.StopTimeout
	}
	var exitCode any
	if !found.State.Running && found.State.Status == containers.StateExited {
		exitCode = float64(found.State.ExitCode)
	}
	return object{
		"bridge":            found.NetworkSettings.Bridge,
		"command":           fromTexts(config.Cmd),
		"cpuSet":            host.CpusetCpus,
		"cpuShares":         float64(host.CPUShares),
		"dns":               fromTexts(host.DNS),
		"dnsOpts":           fromTexts(host.DNSOptions),
		"dnsSearches":       fromTexts(host.DNSSearch),
		"domainname":        config.Domainname,
		"entrypoints":       fromTexts(config.Entrypoint),
		"envs":              fromTexts(environment),
		"exitCode":          exitCode,
		"groupAdds":         fromTexts(host.GroupAdd),
		"healthcheck":       readHealthcheck(config.Healthcheck),
		"hostname":          config.Hostname,
		"image":             config.Image,
		"init":              host.Init != nil && *host.Init,
		"ipcMode":           string(host.IpcMode),
		"labels":            fromLabels(config.Labels),
		"logDriver":         host.LogConfig.Type,
		"logOpts":           fromMap(host.LogConfig.Config),
		"maxRetryCount":     float64(host.RestartPolicy.MaximumRetryCount),
		"memory":            float64(host.Memory / mebibyte),
		"memoryReservation": float64(host.MemoryReservation / mebibyte),
		"memorySwap":        readSwap(host.MemorySwap),
		"name":              strings.TrimPrefix(found.Name, "/"),
		"networkDatas":      readNetworks(found.NetworkSettings),
		"pidMode":           string(host.PidMode),
		"ports":             readPorts(host.PortBindings, found.NetworkSettings.Ports),
		"privileged":        host.Privileged,
		"publishAllPorts":   host.PublishAllPorts,
		"readOnly":          host.ReadonlyRootfs,
		"restart":           string(host.RestartPolicy.Name),
		"rm":                host.AutoRemove,
		"runtime":           host.Runtime,
		"securityOpts":      fromTexts(host.SecurityOpt),
		"shmSize":           float64(host.ShmSize / mebibyte),
		"stdinOpen":         config.OpenStdin,
		"stopSignal":        config.StopSignal,
		"stopTimeout":       float64(stopTimeout),
		"storageOpts":       fromMap(host.StorageOpt),
		"sysctls":           fromMap(host.Sysctls),
		"tmpfs":             fromMap(host.Tmpfs),
		"tty":               config.Tty,
		"user":              config.User,
		"usernsMode":        string(host.UsernsMode),
		"workingDir":        config.WorkingDir,
	}
}

// readSwap gives swap in MiB; -1 means no limit.
func readSwap(bytes int64) float64 {
	if bytes > 0 {
		bytes /= mebibyte
	}
	return float64(bytes)
}

func readHealthcheck(check *containers.HealthConfig) any {
	if check == nil {
		return nil
	}
	return object{
		"interval":      check.Interval.String(),
		"retries":       float64(check.Retries),
		"startInterval": check.StartInterval.String(),
		"startPeriod":   check.StartPeriod.String(),
		"tests":         fromTexts(check.Test),
		"timeout":       check.Timeout.String(),
	}
}

func readNetworks(settings *containers.NetworkSettings) []any {
	out := []any{}
	for _, name := range sortedKeys(settings.Networks) {
		network := settings.Networks[name]
		out = append(out, object{
			"gateway":                network.Gateway,
			"globalIpv6Address":      network.GlobalIPv6Address,
			"globalIpv6PrefixLength": float64(network.GlobalIPv6PrefixLen),
			"ipAddress":              network.IPAddress,
			"ipPrefixLength":         float64(network.IPPrefixLen),
			"ipv6Gateway":            network.IPv6Gateway,
			"macAddress":             network.MacAddress,
			"networkName":            name,
		})
	}
	return out
}

// readPorts lists the published ports by internal port. The port that Docker chose, where the program did not,
// is only in what is bound.
func readPorts(asked, bound nat.PortMap) []any {
	out := []any{}
	sorted := make([]nat.Port, 0, len(asked))
	for port := range asked {
		sorted = append(sorted, port)
	}
	slices.SortFunc(sorted, func(a, b nat.Port) int { return a.Int() - b.Int() })
	for _, port := range sorted {
		for i, binding := range asked[port] {
			external := binding.HostPort
			if external == "" && i < len(bound[port]) {
				external = bound[port][i].HostPort
			}
			number, _ := strconv.Atoi(external) // Docker's own text; "" if nothing is bound
			out = append(out, object{
				"external": float64(number),
				"internal": float64(port.Int()),
				"ip":       binding.HostIP,
				"protocol": port.Proto(),
			})
		}
	}
	return out
}
