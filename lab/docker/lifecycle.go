package docker

import (
	"context"
	"fmt"

	"github.com/docker/docker/client"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// Create makes the resource, or, in a preview, says what is known of it before.
func (p *Provider) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	kind, err := p.resource(req.GetUrn())
	if err != nil {
		return nil, err
	}
	planned := kind.schema().plan(decode(req.GetProperties()), nil)
	if req.GetPreview() {
		planned["id"] = unknown
		if _, isImage := kind.(remoteImage); isImage {
			planned["__meta"] = previewImageMeta
		}
		properties, err := encode(planned)
		return &pulumirpc.CreateResponse{Properties: properties}, err
	}
	if p.paper {
		return createOnPaper(kind, planned)
	}
	ctx, session, done, err := p.sessions.use(ctx)
	if err != nil {
		return nil, failure(err)
	}
	defer done()
	if err := refuseUnsupported(kind.schema(), planned); err != nil {
		return nil, failure(err)
	}
	id, err := kind.create(ctx, session.docker, planned)
	if err != nil {
		return nil, failure(err)
	}
	properties, err := settle(ctx, session.docker, kind, id, planned)
	if err != nil {
		return nil, failure(err)
	}
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, nil
}

// settle returns the state of a resource that was just made or changed.
func settle(ctx context.Context, docker *client.Client, kind resource, id string, planned object) (*structpb.Struct, error) {
	found, err := kind.read(ctx, docker, id, planned)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, fmt.Errorf("%s was gone right after it was made or changed", id)
	}
	out := kind.schema().settle(planned, found)
	out["id"], out["__meta"] = id, kind.meta()
	return encode(out)
}

// Read returns the resource as Docker has it, or an empty response if it is gone.
func (p *Provider) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	kind, err := p.resource(req.GetUrn())
	if err != nil {
		return nil, err
	}
	if p.paper { // nothing changes by itself
		return &pulumirpc.ReadResponse{Id: req.GetId(), Properties: req.GetProperties(), Inputs: req.GetInputs()}, nil
	}
	ctx, session, done, err := p.sessions.use(ctx)
	if err != nil {
		return nil, failure(err)
	}
	defer done()
	state := decode(req.GetProperties())
	found, err := kind.read(ctx, session.docker, req.GetId(), state)
	if err != nil {
		return nil, failure(err)
	}
	if found == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	out := object{"id": req.GetId(), "__meta": kind.meta()}
	for name := range kind.schema() {
		out[name] = state[name]
		if value, known := found[name]; known {
			out[name] = value
		}
	}
	properties, err := encode(out)
	if err != nil {
		return nil, failure(err)
	}
	inputs, err := encode(kind.schema().refresh(decode(req.GetInputs()), out))
	if err != nil {
		return nil, failure(err)
	}
	return &pulumirpc.ReadResponse{Id: req.GetId(), Properties: properties, Inputs: inputs}, nil
}

// Update changes the resource in place, or, in a preview, says what it will be.
func (p *Provider) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	kind, err := p.resource(req.GetUrn())
	if err != nil {
		return nil, err
	}
	state := decode(req.GetOlds())
	planned := kind.schema().plan(decode(req.GetNews()), state)
	if req.GetPreview() {
		planned["id"] = req.GetId()
		properties, err := encode(planned)
		return &pulumirpc.UpdateResponse{Properties: properties}, err
	}
	if p.paper {
		return updateOnPaper(kind, req.GetId(), planned)
	}
	ctx, session, done, err := p.sessions.use(ctx)
	if err != nil {
		return nil, failure(err)
	}
	defer done()
	if err := refuseUnsupported(kind.schema(), planned); err != nil {
		return nil, failure(err)
	}
	if err := kind.update(ctx, session.docker, req.GetId(), state, planned); err != nil {
		return nil, failure(err)
	}
	properties, err := settle(ctx, session.docker, kind, req.GetId(), planned)
	if err != nil {
		return nil, failure(err)
	}
	return &pulumirpc.UpdateResponse{Properties: properties}, nil
}

// Delete removes the resource.
func (p *Provider) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	kind, err := p.resource(req.GetUrn())
	if err != nil {
		return nil, err
	}
	if p.paper {
		return &emptypb.Empty{}, nil
	}
	ctx, session, done, err := p.sessions.use(ctx)
	if err != nil {
		return nil, failure(err)
	}
	defer done()
	if err := kind.remove(ctx, session.docker, req.GetId(), decode(req.GetProperties())); err != nil {
		return nil, failure(err)
	}
	return &emptypb.Empty{}, nil
}
