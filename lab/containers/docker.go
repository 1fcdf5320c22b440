package containers

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/pkg/stdcopy"
)

// filter selects this lab's objects of a kind; "" means all of them.
func (c *Cloud) filter(kind string) filters.Args {
	args := filters.NewArgs(filters.Arg("label", labelLab+"="+c.options.Lab))
	if kind != "" {
		args.Add("label", labelKind+"="+kind)
	}
	return args
}

// containers lists this lab's containers of a kind, running or not; "" means all of them.
func (c *Cloud) containers(ctx context.Context, kind string) ([]container.Summary, error) {
	found, err := c.docker.ContainerList(ctx, container.ListOptions{All: true, Filters: c.filter(kind)})
	if err != nil {
		return nil, fmt.Errorf("lab %s: list containers: %w", c.options.Lab, err)
	}
	return found, nil
}

// removeContainer removes a container, running or not, with its anonymous volumes. One that is gone is fine.
func (c *Cloud) removeContainer(ctx context.Context, name string) error {
	err := c.docker.ContainerRemove(ctx, name, container.RemoveOptions{Force: true, RemoveVolumes: true})
	if err == nil || cerrdefs.IsNotFound(err) {
		return nil
	}
	if strings.Contains(err.Error(), "is already in progress") {
		return c.awaitRemoval(ctx, name)
	}
	return err
}

// awaitRemoval waits for a removal that somebody else started.
func (c *Cloud) awaitRemoval(ctx context.Context, name string) error {
	done, failed := c.docker.ContainerWait(ctx, name, container.WaitConditionRemoved)
	select {
	case <-done:
		return nil
	case err := <-failed:
		if cerrdefs.IsNotFound(err) {
			return nil
		}
		return err
	}
}

// exec runs a command in a container; its output is in the error.
func (c *Cloud) exec(ctx context.Context, name string, command ...string) error {
	created, err := c.docker.ContainerExecCreate(ctx, name, container.ExecOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return err
	}
	attached, err := c.docker.ContainerExecAttach(ctx, created.ID, container.ExecAttachOptions{})
	if err != nil {
		return err
	}
	defer attached.Close()
	defer context.AfterFunc(ctx, attached.Close)()
	var output bytes.Buffer
	if _, err := stdcopy.StdCopy(&output, &output, attached.Reader); err != nil {
		return err
	}
	result, err := c.docker.ContainerExecInspect(ctx, created.ID)
	if err != nil {
		return err
	}
	if result.ExitCode != 0 {
		return fmt.Errorf("%s: exit code %d: %s", strings.Join(command, " "), result.ExitCode, bytes.TrimSpace(output.Bytes()))
	}
	return nil
}

// lastLog returns the end of what a container's process wrote, for error messages.
func (c *Cloud) lastLog(ctx context.Context, name string) string {
	logs, err := c.docker.ContainerLogs(ctx, name, container.LogsOptions{ShowStdout: true, ShowStderr: true, Tail: "5"})
	if err != nil {
		return err.Error()
	}
	defer func() { _ = logs.Close() }()
	var output bytes.Buffer
	if _, err := stdcopy.StdCopy(&output, &output, logs); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(output.String())
}
