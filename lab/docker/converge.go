package docker

import (
	"context"
	"fmt"
	"time"

	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/swarm"
	"github.com/docker/docker/client"
)

// convergeConfig is how long to wait for a service's tasks.
type convergeConfig struct {
	delay   time.Duration // before the first look
	timeout time.Duration
}

// convergence reads convergeConfig; nil means not to wait.
func convergence(planned object) (*convergeConfig, error) {
	config := view(planned).block("convergeConfig")
	if config == nil {
		return nil, nil
	}
	var out convergeConfig
	for name, target := range map[string]*time.Duration{"delay": &out.delay, "timeout": &out.timeout} {
		value, err := time.ParseDuration(config.text(name))
		if err != nil {
			return nil, fmt.Errorf("convergeConfig.%s is %q: a duration such as 7s or 3m is allowed", name, config.text(name))
		}
		*target = value
	}
	return &out, nil
}

// converge waits until all tasks of the service run.
func (s service) converge(ctx context.Context, docker *client.Client, id string, delay, timeout time.Duration) error {
	if err := s.timing.pause(ctx, delay); err != nil {
		return err
	}
	done, err := s.timing.until(ctx, timeout, func(ctx context.Context) (bool, error) {
		return converged(ctx, docker, id)
	})
	if err == nil && !done {
		return pluginError("Service with ID (%s) did not converge after %s", id, timeout)
	}
	return err
}

// converged reports whether as many tasks run as should, with no update under way.
func converged(ctx context.Context, docker *client.Client, id string) (bool, error) {
	found, _, err := docker.ServiceInspectWithRaw(ctx, id, swarm.ServiceInspectOptions{})
	if err != nil {
		return false, err
	}
	if status := found.UpdateStatus; status != nil {
		switch status.State {
		case swarm.UpdateStateUpdating, swarm.UpdateStateRollbackStarted:
			return false, nil
		case swarm.UpdateStatePaused, swarm.UpdateStateRollbackPaused, swarm.UpdateStateRollbackCompleted:
			return false, fmt.Errorf("the update of service %s is %s: %s", id, status.State, status.Message)
		}
	}
	tasks, err := docker.TaskList(ctx, swarm.TaskListOptions{Filters: filters.NewArgs(
		filters.Arg("service", id), filters.Arg("desired-state", "running"))})
	if err != nil {
		return false, err
	}
	running := 0
	for _, task := range tasks {
		if task.Status.State == swarm.TaskStateRunning {
			running++
		}
	}
	if mode := found.Spec.Mode.Replicated; mode != nil && mode.Replicas != nil {
		return running == int(*mode.Replicas) && running == len(tasks), nil
	}
	return running > 0 && running == len(tasks), nil // one task for each node that the constraints leave
}
