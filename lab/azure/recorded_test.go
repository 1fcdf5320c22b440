package azure

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

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
	dir := os.Getenv("AZSWARM_RECORDED")
	if dir == "" {
		dir = recordedDir
	}
	file, err := os.Open(filepath.Join(dir, "grpc.json"))
	if err != nil {
		t.Skipf("no recorded exchanges here: %v", err)
	}
	t.Cleanup(func() { _ = file.Close() })
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
	if replayed != 13 {
		t.Errorf("replayed %d exchanges, want 13: Configure, 6 Check, 6 Create", replayed)
	}
}

func replay(t *testing.T, p *Provider, e exchange) bool {
	ctx := context.Background()
	switch e.Method {
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
