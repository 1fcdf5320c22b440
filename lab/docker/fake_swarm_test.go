package docker

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/filters"
	networks "github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/registry"
	"github.com/docker/docker/api/types/swarm"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

func (f *fakeDocker) routeNetworks(r *http.Request, rest string) (any, error) {
	if rest == "create" {
		return f.createNetwork(r)
	}
	network, exists := f.networks[rest]
	if r.Method == http.MethodGet && f.unknown > 0 {
		f.unknown--
		exists = false
	}
	if !exists {
		return nil, notFound("network", rest)
	}
	if r.Method == http.MethodDelete {
		for _, service := range f.services {
			for _, attached := range service.Spec.TaskTemplate.Networks {
				if attached.Target == rest {
					return nil, refusal{http.StatusBadRequest,
						"rpc error: code = FailedPrecondition desc = network " + rest + " is in use by service " + service.ID}
				}
			}
		}
		delete(f.networks, rest)
		return nil, nil
	}
	return network, nil
}

func (f *fakeDocker) createNetwork(r *http.Request) (any, error) {
	want, err := body[networks.CreateRequest](r)
	if err != nil {
		return nil, err
	}
	for _, other := range f.networks {
		if other.Name == want.Name {
			return nil, refusal{http.StatusConflict, "network with name " + want.Name + " already exists"}
		}
	}
	made := &networks.Inspect{
		Name: want.Name, ID: f.id(25), Driver: want.Driver, Scope: "local",
		Internal: want.Internal, Attachable: want.Attachable, Ingress: want.Ingress,
		Options: map[string]string{}, Labels: want.Labels, IPAM: *want.IPAM,
		EnableIPv6: want.EnableIPv6 != nil && *want.EnableIPv6,
	}
	for key, value := range want.Options {
		made.Options[key] = value
	}
	if made.Driver == "" {
		made.Driver = "bridge"
	}
	if len(made.IPAM.Config) == 0 {
		made.IPAM.Config = []networks.IPAMConfig{{Subnet: "172.19.0.0/16", Gateway: "172.19.0.1"}}
	}
	if made.Driver == "overlay" {
		f.allocate(made)
	}
	f.networks[made.ID] = made
	return networks.CreateResponse{ID: made.ID}, nil
}

// allocate does what Swarm does behind the caller's back: give an overlay network its gateway and VXLAN id. One
// that it cannot allocate stays bare.
func (f *fakeDocker) allocate(made *networks.Inspect) {
	made.Scope = "swarm"
	config := &made.IPAM.Config[0]
	if f.taken[config.Subnet] {
		made.Driver, made.IPAM = "", networks.IPAM{}
		return
	}
	if config.Gateway == "" {
		config.Gateway = strings.TrimSuffix(config.Subnet, "0/24") + "1"
	}
	made.Options["com.docker.network.driver.overlay.vxlanid_list"] = strconv.Itoa(f.vxlan)
	f.vxlan++
}

func (f *fakeDocker) routeServices(r *http.Request, rest string) (any, error) {
	if rest == "create" {
		spec, err := body[swarm.ServiceSpec](r)
		if err != nil {
			return nil, err
		}
		made := &swarm.Service{ID: f.id(25)}
		f.services[made.ID] = made
		f.setSpec(made, spec)
		return swarm.ServiceCreateResponse{ID: made.ID}, nil
	}
	id, action, _ := strings.Cut(rest, "/")
	service, exists := f.services[id]
	switch {
	case !exists:
		return nil, refusal{http.StatusNotFound, "service " + id + " not found"}
	case r.Method == http.MethodDelete:
		delete(f.services, id)
		return nil, nil
	case action == "update":
		if r.URL.Query().Get("version") != strconv.FormatUint(service.Version.Index, 10) {
			return nil, refusal{http.StatusInternalServerError, "rpc error: code = Unknown desc = update out of sequence"}
		}
		spec, err := body[swarm.ServiceSpec](r)
		if err != nil {
			return nil, err
		}
		f.setSpec(service, spec)
		return swarm.ServiceUpdateResponse{}, nil
	}
	return service, nil
}

// distribution is what a registry says of an image.
func (f *fakeDocker) distribution(image string) (any, error) {
	if f.digests[image] == "" {
		return nil, refusal{http.StatusForbidden, "pull access denied for " + image}
	}
	return registry.DistributionInspect{
		Descriptor: ocispec.Descriptor{Digest: digest.Digest(f.digests[image])},
		Platforms:  []ocispec.Platform{{Architecture: "amd64", OS: "linux"}},
	}, nil
}

// setSpec stores a specification as Swarm does: networks by id, the runtime and a restart policy filled in.
func (f *fakeDocker) setSpec(service *swarm.Service, spec swarm.ServiceSpec) {
	for i, attached := range spec.TaskTemplate.Networks {
		for _, network := range f.networks {
			if network.Name == attached.Target {
				spec.TaskTemplate.Networks[i].Target = network.ID
			}
		}
	}
	spec.TaskTemplate.Runtime = swarm.RuntimeContainer
	if spec.TaskTemplate.RestartPolicy == nil {
		spec.TaskTemplate.RestartPolicy = &swarm.RestartPolicy{Condition: swarm.RestartPolicyConditionAny, MaxAttempts: new(uint64(0))}
	}
	service.Spec = spec
	service.Version.Index++
	service.Endpoint.Spec = swarm.EndpointSpec{Mode: swarm.ResolutionModeVIP}
	if spec.EndpointSpec != nil && spec.EndpointSpec.Mode != "" {
		service.Endpoint.Spec = *spec.EndpointSpec
	}
}

// tasks are those of a service: running, unless the image does not exist or no node satisfies the constraints.
func (f *fakeDocker) tasks(r *http.Request) (any, error) {
	asked, err := filters.FromJSON(r.URL.Query().Get("filters"))
	if err != nil {
		return nil, err
	}
	service := f.services[asked.Get("service")[0]]
	if service == nil {
		return []swarm.Task{}, nil
	}
	task := service.Spec.TaskTemplate
	state := swarm.TaskStateRunning
	if task.Placement != nil && len(task.Placement.Constraints) > 0 {
		state = swarm.TaskStatePending
	}
	if f.images[task.ContainerSpec.Image] == "" {
		state = swarm.TaskStateRejected
	}
	count := uint64(2) // nodes
	if service.Spec.Mode.Replicated != nil {
		count = *service.Spec.Mode.Replicated.Replicas
	}
	out := make([]swarm.Task, count)
	for i := range out {
		out[i] = swarm.Task{ServiceID: service.ID, DesiredState: swarm.TaskStateRunning, Status: swarm.TaskStatus{State: state, Timestamp: time.Unix(0, 0)}}
	}
	return out, nil
}
