package command

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/props"
)

// kind does the work of one resource type. States are inputs and outputs together.
type kind interface {
	// inputs is a pointer to an empty struct of the type's inputs.
	inputs() any
	// validate is what Check looks at beyond the shape of the inputs. It may complete them.
	validate(inputs resource.PropertyMap) []props.Failure
	// preview is the state as far as it can be known before the operation. olds is nil for a creation.
	preview(olds, news resource.PropertyMap) resource.PropertyMap
	// id makes the id of a new resource.
	id(name string, preview bool) string
	create(ctx context.Context, news resource.PropertyMap, log output.Log) (resource.PropertyMap, error)
	update(ctx context.Context, olds, news resource.PropertyMap, log output.Log) (resource.PropertyMap, error)
	delete(ctx context.Context, olds resource.PropertyMap, log output.Log) error
}

func (p *Provider) kind(of string) (kind, error) {
	parsed, err := urn.Parse(of)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	kind, ok := p.kinds[string(parsed.Type())]
	if !ok {
		return nil, status.Errorf(codes.NotFound,
			"resource type %q is not simulated; there are %q", parsed.Type(), slices.Sorted(maps.Keys(p.kinds)))
	}
	return kind, nil
}

// change reads what a request says to change.
func (p *Provider) change(req interface {
	GetUrn() string
	GetOlds() *structpb.Struct
	GetNews() *structpb.Struct
}) (kind kind, olds, news resource.PropertyMap, err error) {
	if kind, err = p.kind(req.GetUrn()); err != nil {
		return nil, nil, nil, err
	}
	if olds, err = props.FromWire(req.GetOlds()); err != nil {
		return nil, nil, nil, err
	}
	news, err = props.FromWire(req.GetNews())
	return kind, olds, news, err
}

// answer is a new state as the engine gets it.
func answer(state resource.PropertyMap) (*structpb.Struct, error) {
	if err := mustBeText(state); err != nil {
		return nil, err
	}
	return props.ToWireInFull(state)
}

// Create runs the command or copies the files. In a preview it contacts no host.
func (p *Provider) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	kind, err := p.kind(req.GetUrn())
	if err != nil {
		return nil, err
	}
	news, err := props.FromWire(req.GetProperties())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.CreateResponse{Id: kind.id(urn.URN(req.GetUrn()).Name(), req.GetPreview())}
	if req.GetPreview() {
		response.Properties, err = props.ToWireInFull(kind.preview(nil, news))
		return response, err
	}
	ctx, done := p.operation(ctx)
	defer done()
	state, err := kind.create(ctx, news, resourceLog{&p.engine, req.GetUrn()})
	if err != nil {
		return nil, err
	}
	p.record("create", req.GetUrn())
	response.Properties, err = answer(state)
	return response, err
}

// Update runs the update command, else the create command, or copies the files if they or their place changed. In a
// preview it contacts no host.
func (p *Provider) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	kind, olds, news, err := p.change(req)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.UpdateResponse{}
	if req.GetPreview() {
		response.Properties, err = props.ToWireInFull(kind.preview(olds, news))
		return response, err
	}
	ctx, done := p.operation(ctx)
	defer done()
	state, err := kind.update(ctx, olds, news, resourceLog{&p.engine, req.GetUrn()})
	if err != nil {
		return nil, err
	}
	p.record("update", req.GetUrn())
	response.Properties, err = answer(state)
	return response, err
}

// Delete runs the delete command, if the state has one.
func (p *Provider) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	kind, err := p.kind(req.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := props.FromWire(req.GetProperties())
	if err != nil {
		return nil, err
	}
	if p.paper { // whether its host could be reached was checked when it was created
		p.record("delete", req.GetUrn())
		return &emptypb.Empty{}, nil
	}
	ctx, done := p.operation(ctx)
	defer done()
	if err := kind.delete(ctx, olds, resourceLog{&p.engine, req.GetUrn()}); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// Read returns the state as it was: the plugin never looks at the host, so it never finds drift.
func (p *Provider) Read(_ context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	if _, err := p.kind(req.GetUrn()); err != nil {
		return nil, err
	}
	state, err := props.FromWire(req.GetProperties())
	if err != nil {
		return nil, err
	}
	inputs, err := props.FromWire(req.GetInputs())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.ReadResponse{Id: req.GetId()}
	if response.Properties, err = props.ToWire(state); err != nil {
		return nil, err
	}
	response.Inputs, err = props.ToWire(inputs)
	return response, err
}

// mustBeText refuses output that gRPC cannot carry, with the words of gRPC: the plugin leaves it to find out, after
// the command has run.
func mustBeText(state resource.PropertyMap) error {
	for _, key := range commandOutputs {
		if value, ok := state[key]; ok && value.IsString() && !utf8.ValidString(value.StringValue()) {
			return status.Error(codes.Internal, "grpc: error while marshaling: string field contains invalid UTF-8")
		}
	}
	return nil
}

// randomID is 8 random hex digits.
func randomID() string {
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}

// failures turns one error into the failure of a property.
func failures(property string, err error) []props.Failure {
	return []props.Failure{{Property: property, Reason: fmt.Sprint(err)}}
}
