package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/containerd/errdefs"
	images "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

// Timeouts as the plugin keeps them in the state of an image: 20 minutes, in nanoseconds. A preview has a key more.
const (
	imageTimeouts    = `"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1200000000000,"delete":1200000000000,"update":1200000000000}}`
	imageMeta        = `{` + imageTimeouts
	previewImageMeta = `{"_new_extra_shim":{},` + imageTimeouts
)

// remoteImage is docker:index/remoteImage:RemoteImage.
type remoteImage struct{}

func (remoteImage) schema() schema { return imageSchema }
func (remoteImage) meta() string   { return imageMeta }

// create pulls the image if the daemon does not have it. The id is the image's with its name right behind.
func (remoteImage) create(ctx context.Context, docker *client.Client, planned object) (string, error) {
	name := view(planned).text("name")
	found, err := ensureImage(ctx, docker, name, view(planned).text("platform"))
	if err != nil {
		return "", pluginError("Unable to read Docker image into resource: %w", err)
	}
	return found.ID + name, nil
}

func (remoteImage) read(ctx context.Context, docker *client.Client, _ string, state object) (object, error) {
	found, err := docker.ImageInspect(ctx, view(state).text("name"))
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	digest := ""
	if len(found.RepoDigests) > 0 {
		digest = found.RepoDigests[0]
	}
	return object{"imageId": found.ID, "repoDigest": digest}, nil
}

// update has nothing to do: what can change in place only says how to delete.
func (remoteImage) update(context.Context, *client.Client, string, object, object) error { return nil }

// remove deletes the image from the daemon, unless keepLocally says otherwise.
func (remoteImage) remove(ctx context.Context, docker *client.Client, _ string, state object) error {
	if view(state).flag("keepLocally") {
		return nil
	}
	_, err := docker.ImageRemove(ctx, view(state).text("name"), images.RemoveOptions{Force: view(state).flag("forceRemove")})
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}

// ensureImage returns the image, pulling it if the daemon does not have it.
func ensureImage(ctx context.Context, docker *client.Client, name, platform string) (images.InspectResponse, error) {
	found, err := docker.ImageInspect(ctx, name)
	if err == nil || !errdefs.IsNotFound(err) {
		return found, err
	}
	if err := pull(ctx, docker, name, platform); err != nil {
		return found, fmt.Errorf("unable to pull image %s: %w", name, err)
	}
	return docker.ImageInspect(ctx, name)
}

// pull pulls the image and awaits the end of it.
func pull(ctx context.Context, docker *client.Client, name, platform string) error {
	reference := name
	if !strings.Contains(reference[strings.LastIndex(reference, "/")+1:], ":") && !strings.Contains(reference, "@") {
		reference += ":latest" // without a tag Docker would pull all of them
	}
	progress, err := docker.ImagePull(ctx, reference, images.PullOptions{Platform: platform})
	if err != nil {
		return fmt.Errorf("error pulling image %s: %w", name, err)
	}
	defer func() { _ = progress.Close() }() // read only
	decoder := json.NewDecoder(progress)
	for {
		var line struct{ Error string }
		switch err := decoder.Decode(&line); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("error pulling image %s: %w", name, err)
		case line.Error != "":
			return fmt.Errorf("error pulling image %s: %s", name, line.Error)
		}
	}
}
