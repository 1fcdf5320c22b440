package docker

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func TestCheckRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		token    string
		inputs   object
		property string
		reason   string
	}{
		"no image":            {containerToken, object{"name": "c"}, "image", "Missing required argument"},
		"no task":             {serviceToken, object{"name": "s"}, "taskSpec", "Missing required argument"},
		"no nested image":     {serviceToken, object{"name": "s", "taskSpec": object{"containerSpec": object{}}}, "taskSpec.containerSpec.image", "Missing required argument"},
		"mistyped":            {networkToken, object{"name": "n", "drivr": "overlay"}, "drivr", "Invalid or unknown key"},
		"mistyped in a block": {networkToken, object{"name": "n", "ipamConfigs": []any{object{"subnett": "x"}}}, "ipamConfigs[0].subnett", "Invalid or unknown key"},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := New().Check(t.Context(), &pulumirpc.CheckRequest{Urn: "urn:pulumi:s::p::" + test.token + "::r", News: fields(t, test.inputs)})
			if err != nil {
				t.Fatal(err)
			}
			failures := answer.GetFailures()
			if len(failures) != 1 || failures[0].GetProperty() != test.property || !strings.Contains(failures[0].GetReason(), test.reason) {
				t.Errorf("got %v, want one for %s: %s", failures, test.property, test.reason)
			}
		})
	}
}

func TestCheckMakesUpANameOnce(t *testing.T) {
	urn := "urn:pulumi:s::p::" + networkToken + "::net"
	first, err := New().Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn, News: fields(t, object{}), RandomSeed: []byte("seed")})
	if err != nil {
		t.Fatal(err)
	}
	name, _ := decode(first.GetInputs())["name"].(string)
	if !strings.HasPrefix(name, "net-") || len(name) != len("net-")+7 {
		t.Errorf("got name %q, want net- and seven digits", name)
	}
	second, err := New().Check(t.Context(), &pulumirpc.CheckRequest{Urn: urn, News: fields(t, object{}), Olds: first.GetInputs(), RandomSeed: []byte("other")})
	if err != nil {
		t.Fatal(err)
	}
	if again := decode(second.GetInputs())["name"]; again != name {
		t.Errorf("got name %q the second time, want %q as before", again, name)
	}
}

func TestUnsupportedPropertiesAreNamed(t *testing.T) {
	provider, fake, _ := newFakeProvider(t)
	fake.images["busybox"] = "sha256:1"
	_, err := create(t, provider, containerToken, object{
		"name": "c", "image": "busybox", "gpus": "all", "uploads": []any{object{"file": "/x", "content": "y"}},
	})
	if err == nil || !strings.Contains(err.Error(), "does not support gpus, uploads:") {
		t.Errorf("got error %v", err)
	}
	if len(fake.containers) != 0 {
		t.Error("a container was made all the same")
	}
}
