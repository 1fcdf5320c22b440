package docker

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	networks "github.com/docker/docker/api/types/network"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// before prepares the fake daemon for a recorded case: what had happened outside of the recording.
var before = map[string]func(f *fakeDocker){
	"preview, nothing exists": func(f *fakeDocker) {
		f.images["lab/busybox:latest"] = "sha256:594818a16120b35cf19ba3235efa96b032c56418911d060ea5d27ecd13d05a1d"
		f.images["lab/whoami:latest"] = "sha256:f867c380582525d835411cfb7ae59e06b0e6a0d60d9468778db44ba4a287f154"
	},
	"create all (no options, subnet without gateway)":          func(f *fakeDocker) { f.vxlan = 4099 },
	"clean base (gateway, no options): up gateway, no options": func(f *fakeDocker) { f.vxlan = 4101 },
	"errors and drift: upc dup network, containers": func(f *fakeDocker) {
		if f.taken["10.94.0.0/24"] { // the second run: the images are there again
			f.images["lab/busybox:latest"] = "sha256:594818a16120b35cf19ba3235efa96b032c56418911d060ea5d27ecd13d05a1d"
			return
		}
		f.taken["10.94.0.0/24"] = true
		delete(f.images, "lab/busybox:latest")
		f.networks["elsewhere"] = &networks.Inspect{ID: "elsewhere", Name: "dupn"}
	},
	"errors and drift: refresh ok1 stopped": func(f *fakeDocker) { f.stopContainer("ok1") },
}

// TestReplay sends every call that the engine once sent to the real plugin, and wants the same answers. Those that
// need a daemon go to the fake one, one case after the other, which gives things the ids they had.
//
// Nothing is left out: Configure is in TestReplayConfigure, and of the answers only __pulumi_raw_state_delta is not
// compared, which the recording omits too.
func TestReplay(t *testing.T) {
	cases := recordedCases(t)
	provider, fake, _ := newFakeProvider(t)
	for i, recorded := range cases {
		if prepare := before[recorded.Name]; prepare != nil {
			prepare(fake)
		}
		for j, call := range recorded.Calls {
			urn, _ := call.Request["urn"].(string)
			if call.Method == "Configure" {
				continue // TestReplayConfigure
			}
			t.Run(fmt.Sprintf("%d %s/%d %s %s", i+1, recorded.Name, j, call.Method, nameOf(urn)), func(t *testing.T) {
				replay(t, provider, fake, call)
			})
		}
	}
}

var idInError = regexp.MustCompile(`Service with ID \((\w+)\)`)

func replay(t *testing.T, provider *Provider, fake *fakeDocker, call recordedCall) {
	t.Helper()
	id, _ := call.Response["id"].(string)
	if match := idInError.FindStringSubmatch(call.Error); match != nil {
		id = match[1]
	}
	if strings.Contains(id, "/") {
		id = "" // an image's id is not the daemon's to choose
	}
	if fake.nextID = ""; call.Method == "Create" {
		fake.nextID = id
	}
	got, err := send(t, provider, call)
	message := ""
	if err != nil {
		message = err.Error()
	}
	if message != call.Error {
		t.Fatalf("error\n got %q\nwant %q", message, call.Error)
	}
	if err != nil {
		return
	}
	want := withoutBookkeeping(fromRecording(call.Response))
	if differences := compare("", got, want); len(differences) > 0 {
		t.Errorf("the answer differs:\n%s", strings.Join(differences, "\n"))
	}
}

// send makes the call and returns the answer as JSON has it.
func send(t *testing.T, provider *Provider, call recordedCall) (object, error) {
	t.Helper()
	switch call.Method {
	case "CheckConfig":
		return sendTo(t, call, &pulumirpc.CheckRequest{}, provider.CheckConfig)
	case "Check":
		return sendTo(t, call, &pulumirpc.CheckRequest{}, provider.Check)
	case "Diff":
		return sendTo(t, call, &pulumirpc.DiffRequest{}, provider.Diff)
	case "Configure":
		return sendTo(t, call, &pulumirpc.ConfigureRequest{}, provider.Configure)
	case "Create":
		return sendTo(t, call, &pulumirpc.CreateRequest{}, provider.Create)
	case "Read":
		return sendTo(t, call, &pulumirpc.ReadRequest{}, provider.Read)
	case "Update":
		return sendTo(t, call, &pulumirpc.UpdateRequest{}, provider.Update)
	case "Delete":
		return sendTo(t, call, &pulumirpc.DeleteRequest{}, provider.Delete)
	}
	t.Fatalf("the recording has a method this test does not know: %s", call.Method)
	return nil, nil
}

func sendTo[Request, Answer proto.Message](t *testing.T, call recordedCall, request Request,
	method func(context.Context, Request) (Answer, error),
) (object, error) {
	t.Helper()
	data, err := json.Marshal(fromRecording(call.Request))
	if err != nil {
		t.Fatal(err)
	}
	if err := protojson.Unmarshal(data, request); err != nil {
		t.Fatal(err)
	}
	answer, err := method(t.Context(), request)
	if err != nil {
		return nil, err
	}
	data, err = protojson.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var out object
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out, nil
}

// withoutBookkeeping drops what the real plugin keeps in the state for itself.
func withoutBookkeeping(value any) any {
	if properties, has := value.(object)["properties"].(object); has {
		delete(properties, "__pulumi_raw_state_delta")
	}
	return value
}

// compare lists the differences between two JSON values by path.
func compare(path string, got, want any) []string {
	before, isObject := got.(object)
	after, isToo := want.(object)
	if !isObject || !isToo {
		if reflect.DeepEqual(got, want) {
			return nil
		}
		return []string{fmt.Sprintf("%s: got %#v, want %#v", path, got, want)}
	}
	var out []string
	for _, key := range sortedKeys(merge(before, after)) {
		_, has := before[key]
		_, should := after[key]
		switch {
		case !has:
			out = append(out, fmt.Sprintf("%s.%s: missing, want %#v", path, key, after[key]))
		case !should:
			out = append(out, fmt.Sprintf("%s.%s: got %#v, want none", path, key, before[key]))
		default:
			out = append(out, compare(path+"."+key, before[key], after[key])...)
		}
	}
	return out
}
