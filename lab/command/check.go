package command

import (
	"context"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/props"
	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/remote"
)

// Check marks the connection and the credentials in it as secret and fills in its defaults. Keys and host keys are
// not parsed, and logging is not looked at, before they are used.
func (p *Provider) Check(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	kind, err := p.kind(req.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := props.FromWire(req.GetNews())
	if err != nil {
		return nil, err
	}
	failures := props.Decode(inputs, kind.inputs())
	if connection, ok := inputs["connection"]; ok {
		connection = changeObject(connection, markCredentials)
		if len(failures) == 0 { // a connection that does not fit is returned without defaults
			connection = changeObject(connection, fillDefaults)
		}
		inputs["connection"] = resource.MakeSecret(props.Open(connection))
	}
	failures = append(failures, kind.validate(inputs)...)

	response := &pulumirpc.CheckResponse{}
	for _, failure := range failures {
		response.Failures = append(response.Failures,
			&pulumirpc.CheckFailure{Property: failure.Property, Reason: failure.Reason})
	}
	response.Inputs, err = props.ToWireInFull(inputs)
	return response, err
}

// changeObject applies change to a copy of an object, which may be secret. Other values stay as they are.
func changeObject(value resource.PropertyValue, change func(resource.PropertyMap)) resource.PropertyValue {
	switch {
	case value.IsSecret():
		return resource.MakeSecret(changeObject(value.SecretValue().Element, change))
	case value.IsObject():
		object := maps.Clone(value.ObjectValue())
		change(object)
		return resource.NewProperty(object)
	default:
		return value
	}
}

func markCredentials(connection resource.PropertyMap) {
	for _, key := range []resource.PropertyKey{"password", "privateKey", "privateKeyPassword"} {
		if value, ok := connection[key]; ok {
			connection[key] = resource.MakeSecret(props.Open(value))
		}
	}
	if proxy, ok := connection["proxy"]; ok {
		connection["proxy"] = changeObject(proxy, markCredentials)
	}
}

func fillDefaults(connection resource.PropertyMap) {
	for key, value := range map[resource.PropertyKey]resource.PropertyValue{
		"user":           resource.NewProperty(remote.DefaultUser),
		"port":           resource.NewProperty(float64(remote.DefaultPort)),
		"dialErrorLimit": resource.NewProperty(float64(remote.DefaultDialErrorLimit)),
		"perDialTimeout": resource.NewProperty(float64(remote.DefaultPerDialTimeout)),
	} {
		if connection[key].IsNull() {
			connection[key] = value
		}
	}
	if proxy, ok := connection["proxy"]; ok {
		connection["proxy"] = changeObject(proxy, fillDefaults)
	}
}
