package azure

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// recordedDir is where the recorded exchanges lie when AZSWARM_RECORDED does not say.
const recordedDir = "../../../shared/azure/recorded"

const recordedSubscription = "0282681f-7a9e-424b-80b2-96babd57a8a1"

// exchange is one recorded call.
type exchange struct {
	Method   string          `json:"method"`
	Request  json.RawMessage `json:"request"`
	Response json.RawMessage `json:"response"`
}

// TestRecordedExchangesReplay sends what an engine sent to the real plugin in front of the real Azure, and
// compares the answers but for what is random in them.
func TestRecordedExchangesReplay(t *testing.T) {
	file := openRecorded(t, "grpc.json")
	p, err := open(Options{StateDir: t.TempDir(), Cloud: cloud.NewPaper(), SubscriptionID: recordedSubscription}, true)
	if err != nil {
		t.Fatal(err)
	}
	replayed := 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e exchange
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if replay(t, p, e) {
			replayed++
		}
	}
	if replayed != 14 {
		t.Errorf("replayed %d exchanges, want 14: CheckConfig, Configure, 6 Check, 6 Create", replayed)
	}
}

// openRecorded opens a recorded file, or skips the test where there is none.
func openRecorded(t *testing.T, name string) *os.File {
	t.Helper()
	file, err := os.Open(filepath.Join(cmp.Or(os.Getenv("AZSWARM_RECORDED"), recordedDir), name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no recorded exchanges here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

// TestRecordedSecurityGroup makes the security group of Azure's own example, and compares the answer, default rules included.
func TestRecordedSecurityGroup(t *testing.T) {
	var example struct {
		Parameters struct {
			Name     string     `json:"networkSecurityGroupName"`
			Group    string     `json:"resourceGroupName"`
			Contents arm.Object `json:"parameters"`
			ID       string     `json:"subscriptionId"`
		} `json:"parameters"`
		Responses map[string]struct {
			Body arm.Object `json:"body"`
		} `json:"responses"`
	}
	if err := json.NewDecoder(openRecorded(t, "nsg-create-example.json")).Decode(&example); err != nil {
		t.Fatal(err)
	}
	sent := example.Parameters
	p, err := New(Options{StateDir: t.TempDir(), Cloud: cloud.NewPaper(), SubscriptionID: sent.ID})
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{T: t, Provider: p}
	l.create(groupToken, "rg", props{"resourceGroupName": sent.Group, "location": sent.Contents.Text("location")})
	inputs := merge(props(sent.Contents), props{"resourceGroupName": sent.Group, "networkSecurityGroupName": sent.Name})
	got := l.create(nsgToken, "nsg", inputs).body()
	for status, response := range example.Responses {
		want := flat(response.Body)
		if rules := want.Objects("defaultSecurityRules"); len(rules) != 6 || len(got.Objects("defaultSecurityRules")) != 6 {
			t.Fatalf("%d default rules, and %d in the example; want 6", len(got.Objects("defaultSecurityRules")), len(rules))
		}
		contains(t, status, got, want)
	}
}

// flat is a body in the shape of the SDKs.
func flat(body arm.Object) arm.Object {
	flattened := arm.Object{}
	for key, value := range body {
		switch value := value.(type) {
		case map[string]any:
			if key == "properties" {
				maps.Copy(flattened, flat(value))
				continue
			}
		case []any:
			for i, element := range value {
				if object, ok := element.(map[string]any); ok {
					value[i] = map[string]any(flat(object))
				}
			}
		}
		flattened[key] = value
	}
	return flattened
}

// contains checks that got has all that want has; examples leave out some of what Azure answers.
func contains(t *testing.T, path string, got, want any) {
	t.Helper()
	switch want := want.(type) {
	case arm.Object:
		contains(t, path, got, map[string]any(want))
	case map[string]any:
		object, ok := got.(arm.Object)
		if plain, isPlain := got.(map[string]any); isPlain {
			object, ok = plain, true
		}
		if !ok {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
		for key, value := range want {
			contains(t, path+"."+key, object[key], value)
		}
	case []any:
		list, _ := got.([]any)
		if len(list) != len(want) {
			t.Fatalf("%s has %d elements, want %d", path, len(list), len(want))
		}
		for i := range want {
			contains(t, fmt.Sprintf("%s[%d]", path, i), list[i], want[i])
		}
	default:
		if got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
}

func replay(t *testing.T, p *Provider, e exchange) bool {
	ctx := context.Background()
	switch e.Method {
	case "/pulumirpc.ResourceProvider/CheckConfig":
		request := decode(t, e.Request, &pulumirpc.CheckRequest{})
		answer, err := p.CheckConfig(ctx, request)
		if err != nil {
			t.Fatalf("CheckConfig: %v", err)
		}
		same(t, "CheckConfig", answer.GetInputs(), decode(t, e.Response, &pulumirpc.CheckResponse{}).GetInputs())
	case "/pulumirpc.ResourceProvider/Configure":
		request := decode(t, e.Request, &pulumirpc.ConfigureRequest{})
		answer, err := p.Configure(ctx, request)
		if err != nil || !answer.GetSupportsPreview() || answer.GetAcceptSecrets() || answer.GetAcceptOutputs() {
			t.Fatalf("Configure: %v, %v", answer, err)
		}
	case "/pulumirpc.ResourceProvider/Check":
		request := decode(t, e.Request, &pulumirpc.CheckRequest{})
		answer, err := p.Check(ctx, request)
		if err != nil || len(answer.GetFailures()) > 0 {
			t.Fatalf("Check %s: %v %v", request.GetUrn(), answer.GetFailures(), err)
		}
		same(t, "Check "+request.GetUrn(), answer.GetInputs(), decode(t, e.Response, &pulumirpc.CheckResponse{}).GetInputs())
	case "/pulumirpc.ResourceProvider/Create":
		request := decode(t, e.Request, &pulumirpc.CreateRequest{})
		answer, err := p.Create(ctx, request)
		if err != nil {
			t.Fatalf("Create %s: %v", request.GetUrn(), err)
		}
		want := decode(t, e.Response, &pulumirpc.CreateResponse{})
		if answer.GetId() != want.GetId() {
			t.Errorf("Create %s: id %s, want %s", request.GetUrn(), answer.GetId(), want.GetId())
		}
		got := answer.GetProperties()
		// The recording redacts the value: ours must be the request's inputs.
		secret := got.GetFields()["__inputs"].GetStructValue().GetFields()
		if !proto.Equal(secret["value"].GetStructValue(), request.GetProperties()) {
			t.Errorf("Create %s: __inputs are not the inputs", request.GetUrn())
		}
		secret["value"] = want.GetProperties().GetFields()["__inputs"].GetStructValue().GetFields()["value"]
		same(t, "Create "+request.GetUrn(), got, want.GetProperties())
	default:
		return false
	}
	return true
}

// decode reads a request or response, passing over what newer protocols dropped.
func decode[M proto.Message](t *testing.T, data []byte, message M) M {
	t.Helper()
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(data, message); err != nil {
		t.Fatal(err)
	}
	return message
}

// random is what differs from run to run, and what stands for it in comparisons.
var random = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "GUID"},
	{regexp.MustCompile(`_OsDisk_1_[0-9a-f]{32}`), "_OsDisk_1_HEX"},
	{regexp.MustCompile(`[0-9a-z]{26}\.xx\.internal`), "SUFFIX.xx.internal"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00`), "TIME"},
	{regexp.MustCompile(`"exactVersion":\s*"[^"]*"`), `"exactVersion":"VERSION"`},
}

func same(t *testing.T, what string, got, want *structpb.Struct) {
	t.Helper()
	g, w := normal(t, got), normal(t, want)
	if g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func normal(t *testing.T, properties *structpb.Struct) string {
	t.Helper()
	text, err := json.Marshal(properties.AsMap()) // sorts the keys
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range random {
		text = r.pattern.ReplaceAll(text, []byte(r.with))
	}
	return string(text)
}
