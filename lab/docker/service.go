package docker

import (
	"context"
	"fmt"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/client"
)

// service is docker:index/service:Service.
type service struct {
	timing timing
}

func (service) schema() schema { return serviceSchema }
func (service) meta() string   { return `{"schema_version":"2"}` }

// create returns before any task runs, unless there is a convergeConfig. A service that does not converge is
// deleted again. The image is pinned to the digest that its tag has now, if the daemon reaches a registry that knows.
func (s service) create(ctx context.Context, docker *client.Client, planned object) (string, error) {
	spec, err := serviceSpec(planned)
	if err != nil {
		return "", err
	}
	want, err := convergence(planned)
	if err != nil {
		return "", err
	}
	pin(ctx, docker, spec.TaskTemplate.ContainerSpec)
	created, err := docker.ServiceCreate(ctx, spec, swarm.ServiceCreateOptions{})
	if err != nil {
		return "", err
	}
	if want == nil {
		return created.ID, nil
	}
	if err := s.converge(ctx, docker, created.ID, want.delay, want.timeout); err != nil {
		if removal := s.remove(context.WithoutCancel(ctx), docker, created.ID, nil); removal != nil {
			return "", fmt.Errorf("%w (and it could not be deleted: %w)", err, removal)
		}
		return "", err
	}
	return created.ID, nil
}

// pin gives the image its digest. The plugin shows no platforms after that, as the client's own QueryRegistry would.
func pin(ctx context.Context, docker *client.Client, container *swarm.ContainerSpec) {
	if strings.Contains(container.Image, "@") {
		return
	}
	if found, err := docker.DistributionInspect(ctx, container.Image, ""); err == nil {
		container.Image += "@" + found.Descriptor.Digest.String()
	}
}

func (service) read(ctx context.Context, docker *client.Client, id string, _ object) (object, error) {
	found, _, err := docker.ServiceInspectWithRaw(ctx, id, swarm.ServiceInspectOptions{})
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return readService(found), nil
}

// update changes the service in place. A service that does not converge is neither deleted nor rolled back. The image
// stays as it is given: an update pins nothing.
func (s service) update(ctx context.Context, docker *client.Client, id string, _, planned object) error {
	spec, err := serviceSpec(planned)
	if err != nil {
		return err
	}
	want, err := convergence(planned)
	if err != nil {
		return err
	}
	found, _, err := docker.ServiceInspectWithRaw(ctx, id, swarm.ServiceInspectOptions{})
	if err != nil {
		return err
	}
	if _, err := docker.ServiceUpdate(ctx, id, found.Version, spec, swarm.ServiceUpdateOptions{}); err != nil {
		return err
	}
	if want == nil {
		return nil
	}
	return s.converge(ctx, docker, id, s.timing.updateDelay, want.timeout)
}

// remove does not wait for the tasks to end.
func (service) remove(ctx context.Context, docker *client.Client, id string, _ object) error {
	err := docker.ServiceRemove(ctx, id)
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}
