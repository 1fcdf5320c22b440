package docker

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	containers "github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/swarm"
)

// serviceSpec makes the Docker service of a planned resource. What is not known or null is left to Docker.
func serviceSpec(planned object) (swarm.ServiceSpec, error) {
	want := view(planned)
	task := want.block("taskSpec")
	r := &reader{}
	spec := swarm.ServiceSpec{
		Annotations:    swarm.Annotations{Name: want.text("name"), Labels: want.labels("labels")},
		Mode:           serviceMode(want.block("mode")),
		EndpointSpec:   endpointSpec(want.block("endpointSpec")),
		UpdateConfig:   r.updateConfig("updateConfig", want.block("updateConfig")),
		RollbackConfig: r.updateConfig("rollbackConfig", want.block("rollbackConfig")),
		TaskTemplate: swarm.TaskSpec{
			ContainerSpec: r.containerSpec(task.block("containerSpec")),
			ForceUpdate:   uint64(task.number("forceUpdate")),
			Placement:     placement(task.block("placement")),
			Resources:     resources(task.block("resources")),
			RestartPolicy: r.restartPolicy(task.block("restartPolicy")),
			Runtime:       swarm.RuntimeType(task.text("runtime")),
		},
	}
	if driver := task.block("logDriver"); driver != nil {
		spec.TaskTemplate.LogDriver = &swarm.Driver{Name: driver.text("name"), Options: driver.textMap("options")}
	}
	for _, network := range task.blocks("networksAdvanceds") {
		spec.TaskTemplate.Networks = append(spec.TaskTemplate.Networks, swarm.NetworkAttachmentConfig{
			Target:     network.text("name"),
			Aliases:    network.texts("aliases"),
			DriverOpts: pairs(network.texts("driverOpts")),
		})
	}
	return spec, errors.Join(r.errs...)
}

// reader turns text into other types and collects what it cannot.
type reader struct {
	errs []error
}

// duration reads text such as "10s"; empty text is zero.
func (r *reader) duration(property, value string) time.Duration {
	if value == "" {
		return 0
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		r.errs = append(r.errs, fmt.Errorf("%s is %q: a duration such as 10s or 1m30s is allowed", property, value))
	}
	return d
}

func serviceMode(mode view) swarm.ServiceMode {
	if mode.flag("global") {
		return swarm.ServiceMode{Global: &swarm.GlobalService{}}
	}
	replicas := uint64(1)
	if replicated := mode.block("replicated"); replicated != nil {
		replicas = uint64(replicated.number("replicas"))
	}
	return swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: &replicas}}
}

func endpointSpec(endpoint view) *swarm.EndpointSpec {
	if endpoint == nil {
		return nil
	}
	spec := &swarm.EndpointSpec{Mode: swarm.ResolutionMode(endpoint.text("mode"))}
	for _, port := range endpoint.blocks("ports") {
		spec.Ports = append(spec.Ports, swarm.PortConfig{
			Name:          port.text("name"),
			Protocol:      swarm.PortConfigProtocol(port.text("protocol")),
			TargetPort:    uint32(port.number("targetPort")),
			PublishedPort: uint32(port.number("publishedPort")),
			PublishMode:   swarm.PortConfigPublishMode(port.text("publishMode")),
		})
	}
	return spec
}

func (r *reader) updateConfig(property string, config view) *swarm.UpdateConfig {
	if config == nil {
		return nil
	}
	ratio, err := strconv.ParseFloat(config.text("maxFailureRatio"), 32)
	if err != nil || ratio < 0 || ratio > 1 {
		r.errs = append(r.errs, fmt.Errorf("%s.maxFailureRatio is %q: 0.0 to 1.0 is allowed", property, config.text("maxFailureRatio")))
	}
	return &swarm.UpdateConfig{
		Parallelism:     uint64(config.number("parallelism")),
		Delay:           r.duration(property+".delay", config.text("delay")),
		FailureAction:   config.text("failureAction"),
		Monitor:         r.duration(property+".monitor", config.text("monitor")),
		MaxFailureRatio: float32(ratio),
		Order:           config.text("order"),
	}
}

// restartPolicy sends every value of a given policy, zero or not: so a state read before ("") reads "0s" after
// the next update, as with the plugin.
func (r *reader) restartPolicy(policy view) *swarm.RestartPolicy {
	if policy == nil {
		return nil
	}
	return &swarm.RestartPolicy{
		Condition:   swarm.RestartPolicyCondition(policy.text("condition")),
		Delay:       new(r.duration("taskSpec.restartPolicy.delay", policy.text("delay"))),
		MaxAttempts: new(uint64(policy.number("maxAttempts"))),
		Window:      new(r.duration("taskSpec.restartPolicy.window", policy.text("window"))),
	}
}

func placement(want view) *swarm.Placement {
	if want == nil {
		return nil
	}
	out := &swarm.Placement{Constraints: want.texts("constraints"), MaxReplicas: uint64(want.number("maxReplicas"))}
	for _, label := range want.texts("prefs") {
		out.Preferences = append(out.Preferences, swarm.PlacementPreference{Spread: &swarm.SpreadOver{SpreadDescriptor: label}})
	}
	for _, platform := range want.blocks("platforms") {
		out.Platforms = append(out.Platforms, swarm.Platform{Architecture: platform.text("architecture"), OS: platform.text("os")})
	}
	return out
}

func resources(want view) *swarm.ResourceRequirements {
	limits, reservation := want.block("limits"), want.block("reservation")
	if limits == nil && reservation == nil {
		return nil
	}
	out := &swarm.ResourceRequirements{}
	if limits != nil {
		out.Limits = &swarm.Limit{NanoCPUs: limits.number("nanoCpus"), MemoryBytes: limits.number("memoryBytes")}
	}
	if reservation != nil {
		out.Reservations = &swarm.Resources{NanoCPUs: reservation.number("nanoCpus"), MemoryBytes: reservation.number("memoryBytes")}
	}
	return out
}

func (r *reader) containerSpec(want view) *swarm.ContainerSpec {
	spec := &swarm.ContainerSpec{
		Image:           want.text("image"),
		Labels:          want.labels("labels"),
		Command:         want.texts("commands"),
		Args:            want.texts("args"),
		Hostname:        want.text("hostname"),
		Env:             environment(want.textMap("env")),
		Dir:             want.text("dir"),
		User:            want.text("user"),
		Groups:          want.texts("groups"),
		StopSignal:      want.text("stopSignal"),
		ReadOnly:        want.flag("readOnly"),
		Mounts:          mounts(want.blocks("mounts")),
		Hosts:           hostLines(want.blocks("hosts")),
		Isolation:       containers.Isolation(want.text("isolation")),
		Sysctls:         want.textMap("sysctl"),
		CapabilityAdd:   want.texts("capAdds"),
		CapabilityDrop:  want.texts("capDrops"),
		StopGracePeriod: nil,
	}
	if period := r.duration("taskSpec.containerSpec.stopGracePeriod", want.text("stopGracePeriod")); period != 0 {
		spec.StopGracePeriod = &period // zero reads as unset: Docker's 10 seconds, not an immediate kill
	}
	if check := want.block("healthcheck"); check != nil && len(check.texts("tests")) > 0 {
		spec.Healthcheck = r.healthcheck("taskSpec.containerSpec.healthcheck", check)
	}
	if dns := want.block("dnsConfig"); dns != nil {
		spec.DNSConfig = &swarm.DNSConfig{Nameservers: dns.texts("nameservers"), Search: dns.texts("searches"), Options: dns.texts("options")}
	}
	for _, secret := range want.blocks("secrets") {
		spec.Secrets = append(spec.Secrets, &swarm.SecretReference{SecretID: secret.text("secretId"), SecretName: secret.text("secretName"),
			File: &swarm.SecretReferenceFileTarget{Name: secret.text("fileName"), UID: secret.text("fileUid"), GID: secret.text("fileGid"), Mode: os.FileMode(secret.number("fileMode"))}})
	}
	for _, config := range want.blocks("configs") {
		spec.Configs = append(spec.Configs, &swarm.ConfigReference{ConfigID: config.text("configId"), ConfigName: config.text("configName"),
			File: &swarm.ConfigReferenceFileTarget{Name: config.text("fileName"), UID: config.text("fileUid"), GID: config.text("fileGid"), Mode: os.FileMode(config.number("fileMode"))}})
	}
	return spec
}

func (r *reader) healthcheck(property string, check view) *containers.HealthConfig {
	return &containers.HealthConfig{
		Test:          check.texts("tests"),
		Interval:      r.duration(property+".interval", check.text("interval")),
		Timeout:       r.duration(property+".timeout", check.text("timeout")),
		StartPeriod:   r.duration(property+".startPeriod", check.text("startPeriod")),
		StartInterval: r.duration(property+".startInterval", check.text("startInterval")),
		Retries:       int(check.number("retries")),
	}
}
