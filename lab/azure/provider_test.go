package azure

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

func TestProviderProtocol(t *testing.T) {
	l, ctx := newLab(t), context.Background()
	if info, err := l.GetPluginInfo(ctx, nil); err != nil || info.GetVersion() != Version {
		t.Errorf("plugin info %v, %v", info, err)
	}
	news := wire(t, props{"location": "westeurope"})
	if answer, err := l.CheckConfig(ctx, &pulumirpc.CheckRequest{News: news}); err != nil || !proto.Equal(answer.GetInputs(), news) {
		t.Errorf("checked configuration %v, %v", answer, err)
	}
	if answer, err := l.DiffConfig(ctx, &pulumirpc.DiffRequest{News: news}); err != nil || answer.GetChanges() == pulumirpc.DiffResponse_DIFF_SOME {
		t.Errorf("configuration diff %v, %v", answer, err)
	}
	if answer, err := l.GetSchema(ctx, nil); err != nil || answer.GetSchema() != "{}" {
		t.Errorf("schema %v, %v", answer, err)
	}
	if _, err := l.Invoke(ctx, &pulumirpc.InvokeRequest{Tok: "azure-native:network:getSubnet"}); err == nil || !strings.Contains(err.Error(), "azure-native:network:getSubnet is not supported") {
		t.Errorf("invoke: %v", err)
	}
	if _, err := l.Attach(ctx, nil); err != nil {
		t.Error(err)
	}
	if _, err := l.Cancel(ctx, nil); err != nil {
		t.Error(err)
	}
}

func TestSubscriptionAndAddressesComeFromOptionsAndConfiguration(t *testing.T) {
	p, err := New(Options{
		StateDir: t.TempDir(), Cloud: cloud.NewPaper(), SubscriptionID: "from-options", PublicAddresses: netip.MustParsePrefix("127.9.0.0/28"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: wire(t, props{"location": "westeurope"})}); err != nil {
		t.Fatal(err)
	}
	l := &lab{T: t, Provider: p}
	if s := l.group(); s.id != "/subscriptions/from-options/resourceGroups/rg" {
		t.Errorf("id %s", s.id)
	}
	if ip := l.create(pipToken, "ip", standardIP("ip")); ip.body().Text("ipAddress") != "127.9.0.4" {
		t.Errorf("address %s, want the fifth of the range", ip.body().Text("ipAddress"))
	}
	configured := wire(t, props{"subscriptionId": "from-configuration", "location": "westeurope"})
	if _, err := p.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: configured}); err != nil {
		t.Fatal(err)
	}
	if s := l.group(); s.id != "/subscriptions/from-configuration/resourceGroups/rg" {
		t.Errorf("id %s", s.id)
	}
}

func TestTypesTheLabDoesNotHave(t *testing.T) {
	l := newLab(t)
	l.group()
	_, err := l.manager.Put(context.Background(), groupID+"/providers/Microsoft.Storage/storageAccounts/x", props{"location": "westeurope"})
	wantRefusal(t, err, "InvalidResourceType", "Status=404", "Microsoft.Storage/storageAccounts")
}

func TestNewRefusesIncompleteOptions(t *testing.T) {
	for what, options := range map[string]Options{"no cloud": {StateDir: t.TempDir()}, "no directory": {Cloud: cloud.NewPaper()}} {
		if _, err := New(options); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}
