package docker

import (
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/swarm"
)

// readService returns the properties of a service as Docker has it. convergeConfig and auth are known to the
// state alone.
func readService(found swarm.Service) object {
	task := found.Spec.TaskTemplate
	networks := []any{}
	for _, network := range task.Networks {
		networks = append(networks, object{
			"name":       network.Target,
			"aliases":    fromTexts(network.Aliases),
			"driverOpts": fromTexts(environment(network.DriverOpts)),
		})
	}
	var driver any
	if task.LogDriver != nil {
		driver = object{"name": task.LogDriver.Name, "options": fromMap(task.LogDriver.Options)}
	}
	return object{
		"endpointSpec":   readEndpoint(found),
		"labels":         fromLabels(found.Spec.Labels),
		"mode":           readMode(found.Spec.Mode),
		"name":           found.Spec.Name,
		"rollbackConfig": readUpdateConfig(found.Spec.RollbackConfig),
		"updateConfig":   readUpdateConfig(found.Spec.UpdateConfig),
		"taskSpec": object{
			"containerSpec":     readContainerSpec(task.ContainerSpec),
			"forceUpdate":       float64(task.ForceUpdate),
			"logDriver":         driver,
			"networksAdvanceds": networks,
			"placement":         readPlacement(task.Placement),
			"resources":         readResources(task.Resources),
			"restartPolicy":     readRestartPolicy(task.RestartPolicy),
			"runtime":           string(task.Runtime),
		},
	}
}

// readEndpoint prefers what Swarm made of the specification; right after creation there is only the latter.
func readEndpoint(found swarm.Service) object {
	spec := found.Endpoint.Spec
	if spec.Mode == "" && found.Spec.EndpointSpec != nil {
		spec = *found.Spec.EndpointSpec
	}
	mode := string(spec.Mode)
	if mode == "" {
		mode = string(swarm.ResolutionModeVIP)
	}
	ports := []any{}
	for _, port := range spec.Ports {
		ports = append(ports, object{
			"name":          port.Name,
			"protocol":      string(port.Protocol),
			"publishMode":   string(port.PublishMode),
			"publishedPort": float64(port.PublishedPort),
			"targetPort":    float64(port.TargetPort),
		})
	}
	return object{"mode": mode, "ports": ports}
}

func readMode(mode swarm.ServiceMode) object {
	if mode.Replicated == nil {
		return object{"global": mode.Global != nil, "replicated": nil}
	}
	replicas := uint64(0)
	if mode.Replicated.Replicas != nil {
		replicas = *mode.Replicated.Replicas
	}
	return object{"global": false, "replicated": object{"replicas": float64(replicas)}}
}

func readUpdateConfig(config *swarm.UpdateConfig) any {
	if config == nil {
		return nil
	}
	return object{
		"delay":           config.Delay.String(),
		"failureAction":   config.FailureAction,
		"maxFailureRatio": strconv.FormatFloat(float64(config.MaxFailureRatio), 'f', 1, 64),
		"monitor":         config.Monitor.String(),
		"order":           config.Order,
		"parallelism":     float64(config.Parallelism),
	}
}

// readRestartPolicy tells a duration that is not set ("") from zero ("0s").
func readRestartPolicy(policy *swarm.RestartPolicy) any {
	if policy == nil {
		return nil
	}
	attempts := uint64(0)
	if policy.MaxAttempts != nil {
		attempts = *policy.MaxAttempts
	}
	return object{
		"condition":   string(policy.Condition),
		"delay":       optionalDuration(policy.Delay, ""),
		"maxAttempts": float64(attempts),
		"window":      optionalDuration(policy.Window, ""),
	}
}

func optionalDuration(d *time.Duration, unset string) string {
	if d == nil {
		return unset
	}
	return d.String()
}

func readPlacement(found *swarm.Placement) object {
	if found == nil {
		found = &swarm.Placement{}
	}
	preferences, platforms := []any{}, []any{}
	for _, preference := range found.Preferences {
		if preference.Spread != nil {
			preferences = append(preferences, preference.Spread.SpreadDescriptor)
		}
	}
	for _, platform := range found.Platforms {
		platforms = append(platforms, object{"architecture": platform.Architecture, "os": platform.OS})
	}
	return object{
		"constraints": fromTexts(found.Constraints),
		"maxReplicas": float64(found.MaxReplicas),
		"platforms":   platforms,
		"prefs":       preferences,
	}
}

func readResources(found *swarm.ResourceRequirements) object {
	out := object{"limits": nil, "reservation": nil}
	if found == nil {
		return out
	}
	if limits := found.Limits; limits != nil {
		out["limits"] = object{"memoryBytes": float64(limits.MemoryBytes), "nanoCpus": float64(limits.NanoCPUs)}
	}
	if reserved := found.Reservations; reserved != nil {
		out["reservation"] = object{"genericResources": nil, "memoryBytes": float64(reserved.MemoryBytes), "nanoCpus": float64(reserved.NanoCPUs)}
	}
	return out
}

func readContainerSpec(spec *swarm.ContainerSpec) object {
	if spec == nil {
		spec = &swarm.ContainerSpec{}
	}
	hosts, secrets, configs := []any{}, []any{}, []any{}
	for _, line := range spec.Hosts {
		ip, host, _ := strings.Cut(line, " ")
		hosts = append(hosts, object{"host": host, "ip": ip})
	}
	for _, secret := range spec.Secrets {
		found := object{"secretId": secret.SecretID, "secretName": secret.SecretName}
		if file := secret.File; file != nil {
			found["fileName"], found["fileUid"], found["fileGid"], found["fileMode"] = file.Name, file.UID, file.GID, float64(file.Mode)
		}
		secrets = append(secrets, found)
	}
	for _, config := range spec.Configs {
		found := object{"configId": config.ConfigID, "configName": config.ConfigName}
		if file := config.File; file != nil {
			found["fileName"], found["fileUid"], found["fileGid"], found["fileMode"] = file.Name, file.UID, file.GID, float64(file.Mode)
		}
		configs = append(configs, found)
	}
	check := object{"interval": "0s", "retries": 0.0, "startPeriod": "0s", "tests": []any{}, "timeout": "0s"}
	if found := spec.Healthcheck; found != nil {
		check = object{"interval": found.Interval.String(), "retries": float64(found.Retries), "startPeriod": found.StartPeriod.String(),
			"tests": fromTexts(found.Test), "timeout": found.Timeout.String()}
	}
	dns := object{"nameservers": nil, "options": nil, "searches": nil}
	if found := spec.DNSConfig; found != nil {
		for name, list := range map[string][]string{"nameservers": found.Nameservers, "options": found.Options, "searches": found.Search} {
			if len(list) > 0 {
				dns[name] = fromTexts(list)
			}
		}
	}
	return object{
		"args":            fromTexts(spec.Args),
		"capAdds":         fromTexts(spec.CapabilityAdd),
		"capDrops":        fromTexts(spec.CapabilityDrop),
		"commands":        fromTexts(spec.Command),
		"configs":         configs,
		"dir":             spec.Dir,
		"dnsConfig":       dns,
		"env":             fromMap(pairs(spec.Env)),
		"groups":          fromTexts(spec.Groups),
		"healthcheck":     check,
		"hostname":        spec.Hostname,
		"hosts":           hosts,
		"image":           spec.Image,
		"isolation":       string(spec.Isolation),
		"labels":          fromLabels(spec.Labels),
		"mounts":          readMounts(spec.Mounts),
		"privileges":      nil,
		"readOnly":        spec.ReadOnly,
		"secrets":         secrets,
		"stopGracePeriod": optionalDuration(spec.StopGracePeriod, "0s"),
		"stopSignal":      spec.StopSignal,
		"sysctl":          fromMap(spec.Sysctls),
		"user":            spec.User,
	}
}
