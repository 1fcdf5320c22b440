package docker

import (
	"fmt"
	"net/http"
	"strings"

	containers "github.com/docker/docker/api/types/container"
	images "github.com/docker/docker/api/types/image"
	networks "github.com/docker/docker/api/types/network"
)

func (f *fakeDocker) routeImages(r *http.Request, rest string) (any, error) {
	if rest == "create" {
		return nil, refusal{http.StatusInternalServerError,
			`Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 127.0.0.11:53: no such host`}
	}
	name, inspect := strings.CutSuffix(rest, "/json")
	for known, id := range f.images {
		if name != known && name != id {
			continue
		}
		if inspect {
			return images.InspectResponse{ID: id}, nil
		}
		delete(f.images, known)
		return []images.DeleteResponse{{Untagged: known}}, nil
	}
	return nil, notFound("image", name)
}

// createContainer is the body of the API's call: three parts in one object.
type createContainer struct {
	containers.Config
	HostConfig       containers.HostConfig
	NetworkingConfig networks.NetworkingConfig
}

func (f *fakeDocker) routeContainers(r *http.Request, rest string) (any, error) {
	if rest == "create" {
		return f.createContainer(r)
	}
	id, action, _ := strings.Cut(rest, "/")
	found, exists := f.containers[id]
	switch {
	case !exists:
		return nil, notFound("container", id)
	case r.Method == http.MethodDelete:
		delete(f.containers, id)
		return nil, nil
	case action == "start":
		f.startContainer(found)
		return nil, nil
	case action == "update":
		want, err := body[containers.UpdateConfig](r)
		if err != nil {
			return nil, err
		}
		found.HostConfig.RestartPolicy, found.HostConfig.Resources = want.RestartPolicy, want.Resources
		return containers.UpdateResponse{}, nil
	}
	return found, nil
}

func (f *fakeDocker) createContainer(r *http.Request) (any, error) {
	want, err := body[createContainer](r)
	if err != nil {
		return nil, err
	}
	name := "/" + r.URL.Query().Get("name")
	for _, other := range f.containers {
		if other.Name == name {
			return nil, refusal{http.StatusConflict, fmt.Sprintf("Conflict. The container name %q is already in use by container %q. "+
				"You have to remove (or rename) that container to be able to reuse that name.", name, other.ID)}
		}
	}
	id := f.id(64)
	if want.Hostname == "" {
		want.Hostname = id[:12]
	}
	host := want.HostConfig
	host.IpcMode, host.Runtime, host.ShmSize = "private", "runc", 64<<20
	if host.LogConfig.Type == "" {
		host.LogConfig.Type = "json-file"
	}
	f.containers[id] = &containers.InspectResponse{
		ContainerJSONBase: &containers.ContainerJSONBase{
			ID: id, Name: name, Image: f.images[want.Image], HostConfig: &host,
			State: &containers.State{Status: containers.StateCreated},
		},
		Config:          &want.Config,
		NetworkSettings: &containers.NetworkSettings{Networks: map[string]*networks.EndpointSettings{"bridge": {}}},
	}
	return containers.CreateResponse{ID: id}, nil
}

// startContainer runs the command; true and false end at once, and never is not there yet however often one asks.
func (f *fakeDocker) startContainer(found *containers.InspectResponse) {
	switch found.Config.Cmd[0] {
	case "never":
	case "true":
		found.State = &containers.State{Status: containers.StateExited}
	case "false":
		found.State = &containers.State{Status: containers.StateExited, ExitCode: 1}
	default:
		found.State = &containers.State{Status: containers.StateRunning, Running: true}
		found.NetworkSettings.Networks["bridge"] = &networks.EndpointSettings{
			Gateway: "172.17.0.1", IPAddress: "172.17.0.2", IPPrefixLen: 16, MacAddress: "02:42:ac:11:00:02",
		}
	}
}

// stopContainer stops a container behind the provider's back.
func (f *fakeDocker) stopContainer(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, found := range f.containers {
		if found.Name == "/"+name {
			found.State = &containers.State{Status: containers.StateExited, ExitCode: 137}
		}
	}
}
