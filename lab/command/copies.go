package command

import (
	"context"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/props"
	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/remote"
)

// copyToRemote is a resource that copies a file, a text or a directory to a host and never takes it back.
type copyToRemote struct {
	provider *Provider
}

func (copyToRemote) inputs() any { return &remote.CopyToRemoteInputs{} }

func (copyToRemote) validate(inputs resource.PropertyMap) []props.Failure {
	source, ok := inputs["source"]
	if !ok { // the plugin returns a missing source as an empty object
		inputs["source"] = resource.NewProperty(resource.PropertyMap{})
	}
	source = props.Open(source)
	switch {
	case source.IsComputed(), source.IsAsset():
		return nil
	case !source.IsArchive():
		return failures("asset", remote.ErrNoSource)
	case !source.ArchiveValue().IsPath():
		return failures("archive", remote.ErrNotOnDisk)
	}
	return nil
}

// id is empty in a preview, other than that of a command.
func (copyToRemote) id(_ string, preview bool) string {
	if preview {
		return ""
	}
	return randomID()
}

func (c copyToRemote) preview(olds, news resource.PropertyMap) resource.PropertyMap {
	state := maps.Clone(news)
	if olds == nil || changesExisting(c, olds, news) {
		state["source"] = props.Unknown
	}
	return state
}

func (c copyToRemote) create(ctx context.Context, news resource.PropertyMap, log output.Log) (resource.PropertyMap, error) {
	var in remote.CopyToRemoteInputs
	if err := props.MustFit(news, &in); err != nil {
		return nil, err
	}
	if c.provider.paper {
		return news, in.Connection.Check()
	}
	dir, err := c.provider.dir()
	if err != nil {
		return nil, err
	}
	return news, c.provider.dialer.Copy(ctx, &in, dir, log)
}

// update copies only what is new or goes elsewhere: another connection or trigger changes the state alone, and the
// file at an old path stays.
func (c copyToRemote) update(ctx context.Context, olds, news resource.PropertyMap, log output.Log) (resource.PropertyMap, error) {
	for _, key := range []resource.PropertyKey{"source", "remotePath"} {
		if !props.Open(olds[key]).DeepEquals(props.Open(news[key])) { // sources are equal if their hashes are
			return c.create(ctx, news, log)
		}
	}
	return news, nil
}

func (copyToRemote) delete(context.Context, resource.PropertyMap, output.Log) error { return nil }
