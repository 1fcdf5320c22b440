package docker

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// managed is one resource as an engine keeps it.
type managed struct {
	provider *Provider
	urn      string
	id       string
	inputs   object
	state    object
}

// create checks and creates a resource, as `pulumi up` does.
func create(t *testing.T, provider *Provider, token string, inputs object) (*managed, error) {
	t.Helper()
	m := &managed{provider: provider, urn: "urn:pulumi:s::p::" + token + "::r"}
	m.inputs = m.check(t, inputs)
	answer, err := provider.Create(t.Context(), &pulumirpc.CreateRequest{Urn: m.urn, Properties: fields(t, m.inputs)})
	if err != nil {
		return nil, err
	}
	m.id, m.state = answer.GetId(), decode(answer.GetProperties())
	return m, nil
}

func mustCreate(t *testing.T, provider *Provider, token string, inputs object) *managed {
	t.Helper()
	m, err := create(t, provider, token, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *managed) check(t *testing.T, inputs object) object {
	t.Helper()
	answer, err := m.provider.Check(t.Context(), &pulumirpc.CheckRequest{Urn: m.urn, News: fields(t, inputs)})
	if err != nil {
		t.Fatal(err)
	}
	for _, failed := range answer.GetFailures() {
		t.Fatalf("check: %s: %s", failed.GetProperty(), failed.GetReason())
	}
	return decode(answer.GetInputs())
}

// diff says what an up with these inputs would change: the kind of change by property path.
func (m *managed) diff(t *testing.T, inputs object, ignore ...string) map[string]string {
	t.Helper()
	answer, err := m.provider.Diff(t.Context(), &pulumirpc.DiffRequest{
		Urn: m.urn, Id: m.id, Olds: fields(t, m.state), News: fields(t, m.check(t, inputs)), IgnoreChanges: ignore,
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for path, difference := range answer.GetDetailedDiff() {
		out[path] = difference.GetKind().String()
	}
	return out
}

// refresh reads the resource and reports whether it is still there.
func (m *managed) refresh(t *testing.T) bool {
	t.Helper()
	answer, err := m.provider.Read(t.Context(), &pulumirpc.ReadRequest{
		Urn: m.urn, Id: m.id, Properties: fields(t, m.state), Inputs: fields(t, m.inputs),
	})
	if err != nil {
		t.Fatal(err)
	}
	m.inputs, m.state = decode(answer.GetInputs()), decode(answer.GetProperties())
	return answer.GetId() != ""
}

func (m *managed) update(t *testing.T, inputs object) error {
	t.Helper()
	checked := m.check(t, inputs)
	answer, err := m.provider.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: m.urn, Id: m.id, Olds: fields(t, m.state), News: fields(t, checked)})
	if err != nil {
		return err
	}
	m.inputs, m.state = checked, decode(answer.GetProperties())
	return nil
}

func (m *managed) delete(t *testing.T) error {
	t.Helper()
	_, err := m.provider.Delete(t.Context(), &pulumirpc.DeleteRequest{Urn: m.urn, Id: m.id, Properties: fields(t, m.state)})
	return err
}

func fields(t *testing.T, o object) *structpb.Struct {
	t.Helper()
	out, err := encode(o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	networkToken   = "docker:index/network:Network"
	serviceToken   = "docker:index/service:Service"
	containerToken = "docker:index/container:Container"
	imageToken     = "docker:index/remoteImage:RemoteImage"
)

func overlay(config object, more object) object {
	return merge(object{"name": "ov", "driver": "overlay", "attachable": true, "ipamConfigs": []any{config}}, more)
}

// web is a service of two tasks in a network.
func web(network string, more object) object {
	return merge(object{
		"name":         "web",
		"mode":         object{"replicated": object{"replicas": 2.0}},
		"endpointSpec": object{"mode": "dnsrr"},
		"taskSpec": object{
			"containerSpec":     object{"image": "whoami:1"},
			"networksAdvanceds": []any{object{"name": network}},
		},
	}, more)
}
