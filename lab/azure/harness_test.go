package azure

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// props are inputs as a program writes them.
type props = map[string]any

// lab is a provider on paper with the calls an engine makes.
type lab struct {
	*testing.T
	*Provider
	paper *cloud.Paper
	dir   string
}

// state is a resource as the engine keeps it.
type state struct {
	urn, id string
	inputs  *structpb.Struct
	outputs *structpb.Struct
}

func (s state) body() arm.Object { return s.outputs.AsMap() }

func newLab(t *testing.T) *lab {
	paper := cloud.NewPaper()
	l := openLab(t, t.TempDir(), paper)
	l.paper = paper
	return l
}

// openLab opens a provider on a model directory that may hold something already.
func openLab(t *testing.T, dir string, c cloud.Cloud) *lab {
	t.Helper()
	p, err := New(Options{StateDir: dir, Cloud: c, RetryDelay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: wire(t, props{"location": "westeurope"})})
	if err != nil {
		t.Fatal(err)
	}
	return &lab{T: t, Provider: p, dir: dir}
}

func urnOf(token, name string) string {
	return "urn:pulumi:dev::azswarm::azure-native:" + token + "::" + name
}

func wire(t testing.TB, values props) *structpb.Struct {
	t.Helper()
	return marshal(resource.NewPropertyMapFromMap(values))
}

// check answers the checked inputs, or the failures in one line.
func (l *lab) check(token, name string, olds *structpb.Struct, inputs props) (*structpb.Struct, string) {
	l.Helper()
	urn := urnOf(token, name)
	response, err := l.Check(context.Background(), &pulumirpc.CheckRequest{
		Urn: urn, Olds: olds, News: wire(l, inputs), RandomSeed: []byte("0123456789abcdef0123456789abcdef"),
	})
	if err != nil {
		return nil, err.Error()
	}
	var reasons []string
	for _, failure := range response.GetFailures() {
		reasons = append(reasons, failure.GetReason())
	}
	return response.GetInputs(), strings.Join(reasons, "; ")
}

// try checks and creates.
func (l *lab) try(token, name string, inputs props) (state, error) {
	l.Helper()
	checked, failures := l.check(token, name, nil, inputs)
	if failures != "" {
		l.Fatalf("check %s %s: %s", token, name, failures)
	}
	urn := urnOf(token, name)
	response, err := l.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn, Properties: checked})
	if err != nil {
		return state{urn: urn, inputs: checked}, err
	}
	return state{urn, response.GetId(), checked, response.GetProperties()}, nil
}

// create fails the test where Azure would refuse.
func (l *lab) create(token, name string, inputs props) state {
	l.Helper()
	s, err := l.try(token, name, inputs)
	if err != nil {
		l.Fatalf("create %s %s: %v", token, name, err)
	}
	return s
}

func (l *lab) diff(s state, token, name string, inputs props) (*pulumirpc.DiffResponse, *structpb.Struct) {
	l.Helper()
	news, failures := l.check(token, name, s.inputs, inputs)
	if failures != "" {
		l.Fatalf("check %s: %s", s.urn, failures)
	}
	response, err := l.Diff(context.Background(), &pulumirpc.DiffRequest{Id: s.id, Urn: s.urn, OldInputs: s.inputs, Olds: s.outputs, News: news})
	if err != nil {
		l.Fatalf("diff %s: %v", s.urn, err)
	}
	return response, news
}

// update changes a resource in place.
func (l *lab) update(s state, token, name string, inputs props) (state, error) {
	l.Helper()
	_, news := l.diff(s, token, name, inputs)
	response, err := l.Update(context.Background(), &pulumirpc.UpdateRequest{Id: s.id, Urn: s.urn, OldInputs: s.inputs, Olds: s.outputs, News: news})
	if err != nil {
		return s, err
	}
	return state{s.urn, s.id, news, response.GetProperties()}, nil
}

func (l *lab) delete(s state) error {
	_, err := l.Delete(context.Background(), &pulumirpc.DeleteRequest{Id: s.id, Urn: s.urn, Properties: s.outputs})
	return err
}

func (l *lab) read(s state) *pulumirpc.ReadResponse {
	l.Helper()
	response, err := l.Read(context.Background(), &pulumirpc.ReadRequest{Id: s.id, Urn: s.urn, Properties: s.outputs, Inputs: s.inputs})
	if err != nil {
		l.Fatalf("read %s: %v", s.id, err)
	}
	return response
}

// wantRefusal checks for an ARM error: its code, and words of its message.
func wantRefusal(t testing.TB, err error, code string, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("accepted; want a refusal with code %s", code)
	}
	for _, want := range append(words, `Code="`+code+`"`, "Status=") {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
}

// merge is base with the given keys replaced; nil removes one.
func merge(base props, changes props) props {
	merged := props{}
	for key, value := range base {
		merged[key] = value
	}
	for key, value := range changes {
		if value == nil {
			delete(merged, key)
		} else {
			merged[key] = value
		}
	}
	return merged
}

func ref(id string) props { return props{"id": id} }
