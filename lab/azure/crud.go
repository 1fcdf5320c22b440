package azure

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
)

// stableOutputs keep their values in the preview of an update.
var stableOutputs = []resource.PropertyKey{"name", "location"}

// Create makes a new resource. An existing one is never adopted.
func (p *Provider) Create(ctx context.Context, request *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	kind, err := typeOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := unmarshal(request.GetProperties())
	if err != nil {
		return nil, err
	}
	if request.GetPreview() {
		return &pulumirpc.CreateResponse{Properties: marshal(previewOutputs(kind.Schema(), inputs))}, nil
	}
	id := p.resourceID(kind, inputs)
	if err := p.checkAbsent(ctx, kind, id); err != nil {
		return nil, err
	}
	body := requestBody(kind, inputs)
	for _, property := range kind.SubResources {
		body.Default(arm.Object{property: []any{}})
	}
	answer, err := p.put(ctx, fault.Create, kind, id, body)
	if err != nil {
		return nil, p.failure(ctx, err, kind, id, inputs, request.GetProperties())
	}
	return &pulumirpc.CreateResponse{Id: answer.Text("id"), Properties: marshal(checkpoint(inputs, answer))}, nil
}

// Update puts the resource with its new inputs. What is a resource of its own too (a network's subnets) and is not
// among the inputs stays as it is.
func (p *Provider) Update(ctx context.Context, request *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	kind, err := typeOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := unmarshal(request.GetNews())
	if err != nil {
		return nil, err
	}
	if request.GetPreview() {
		properties, err := previewUpdate(kind, inputs, request.GetOlds())
		return &pulumirpc.UpdateResponse{Properties: properties}, err
	}
	id := p.resourceID(kind, inputs)
	body := requestBody(kind, inputs)
	for _, property := range kind.SubResources {
		if !body.Has(property) {
			live, err := p.get(ctx, kind, id)
			if err != nil {
				return nil, fmt.Errorf("failed maintaining unset sub-resource properties: %w", err)
			}
			if live.Has(property) {
				body[property] = live[property]
			}
		}
	}
	answer, err := p.put(ctx, fault.Update, kind, id, body)
	if err != nil {
		return nil, p.failure(ctx, err, kind, id, inputs, request.GetNews())
	}
	return &pulumirpc.UpdateResponse{Properties: marshal(checkpoint(inputs, answer))}, nil
}

func previewUpdate(kind *arm.Type, inputs resource.PropertyMap, state *structpb.Struct) (*structpb.Struct, error) {
	olds, err := unmarshal(state)
	if err != nil {
		return nil, err
	}
	outputs := previewOutputs(kind.Schema(), inputs)
	for _, key := range stableOutputs {
		if value, ok := olds[key]; ok {
			outputs[key] = value
		}
	}
	return marshal(outputs), nil
}

// Delete removes the resource. That it is gone already is fine.
func (p *Provider) Delete(ctx context.Context, request *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	kind, err := typeOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	id := request.GetId()
	_, err = p.request(ctx, fault.Delete, kind, id, func(ctx context.Context) (arm.Object, error) { return nil, p.manager.Delete(ctx, id) })
	if err != nil && !arm.IsNotFound(err) {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

// Read answers what Azure has. Inputs of before are kept but for what Azure has changed since; of an imported resource
// they are made from the answer.
func (p *Provider) Read(ctx context.Context, request *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	kind, err := typeOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	answer, err := p.get(ctx, kind, request.GetId())
	if arm.IsNotFound(err) {
		return &pulumirpc.ReadResponse{}, nil
	}
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(request.GetProperties())
	if err != nil {
		return nil, err
	}
	inputs, err := oldInputs(request.GetInputs(), request.GetProperties())
	if err != nil {
		return nil, err
	}
	if len(inputs) == 0 {
		inputs, err = importedInputs(kind, request.GetId(), answer)
	} else {
		inputs = patchedInputs(kind, inputs, olds.Mappable(), answer)
	}
	if err != nil {
		return nil, err
	}
	return &pulumirpc.ReadResponse{
		Id: request.GetId(), Properties: marshal(checkpoint(inputs, answer)), Inputs: marshal(inputs),
	}, nil
}

// importedInputs are the id's names and all of the answer that could have been sent.
func importedInputs(kind *arm.Type, id string, answer arm.Object) (resource.PropertyMap, error) {
	values, err := kind.PathValues(id)
	if err != nil {
		return nil, err
	}
	inputs := inputsOf(kind.Schema(), answer)
	for parameter, value := range values {
		inputs[parameter] = value
	}
	return resource.NewPropertyMapFromMap(inputs), nil
}
