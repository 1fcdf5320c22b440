package command

import (
	"reflect"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func secret(value any) map[string]any { return map[string]any{secretMark: value} }

func TestCheckCompletesConnections(t *testing.T) {
	w := newWorld(t)
	defaults := func(fields map[string]any) map[string]any {
		full := map[string]any{"user": "root", "port": 22.0, "dialErrorLimit": 10.0, "perDialTimeout": 15.0}
		for key, value := range fields {
			full[key] = value
		}
		return full
	}
	for name, test := range map[string]struct {
		connection, want any
	}{
		"defaults":       {map[string]any{"host": "h"}, secret(defaults(map[string]any{"host": "h"}))},
		"given values":   {map[string]any{"host": "h", "user": "u", "port": 1.0, "dialErrorLimit": 0.0, "perDialTimeout": 0.0}, secret(map[string]any{"host": "h", "user": "u", "port": 1.0, "dialErrorLimit": 0.0, "perDialTimeout": 0.0})},
		"null is absent": {map[string]any{"host": "h", "user": nil}, secret(defaults(map[string]any{"host": "h"}))},
		"every credential is secret": {
			map[string]any{"host": "h", "privateKey": "k", "password": "p", "privateKeyPassword": "q", "hostKey": "public"},
			secret(defaults(map[string]any{"host": "h", "privateKey": secret("k"), "password": secret("p"), "privateKeyPassword": secret("q"), "hostKey": "public"})),
		},
		"secret already": {
			secret(map[string]any{"host": "h", "privateKey": secret("k")}),
			secret(defaults(map[string]any{"host": "h", "privateKey": secret("k")})),
		},
		"proxy": {
			map[string]any{"host": "h", "proxy": map[string]any{"host": "b", "privateKey": "k"}},
			secret(defaults(map[string]any{"host": "h", "proxy": defaults(map[string]any{"host": "b", "privateKey": secret("k")})})),
		},
		"unknown host": {map[string]any{"host": unknownMark}, secret(defaults(map[string]any{"host": unknownMark}))},
		"unknown proxy": {
			map[string]any{"host": "h", "proxy": unknownMark},
			secret(defaults(map[string]any{"host": "h", "proxy": unknownMark})),
		},
		"unknown": {unknownMark, secret(unknownMark)},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := w.client.Check(t.Context(), &pulumirpc.CheckRequest{
				Urn: commandURN, News: toWire(t, map[string]any{"connection": test.connection}),
			})
			if err != nil || len(response.GetFailures()) > 0 {
				t.Fatalf("error %v, failures %v", err, response.GetFailures())
			}
			if got := recorded(response.GetInputs())["connection"]; !reflect.DeepEqual(got, test.want) {
				t.Errorf("connection\n got %s\nwant %s", asJSON(t, got), asJSON(t, test.want))
			}
		})
	}
}

func TestCheckFailures(t *testing.T) {
	w := newWorld(t)
	host := map[string]any{"host": "h"}
	for name, test := range map[string]struct {
		urn              string
		inputs           map[string]any
		property, reason string
	}{
		"no remotePath": {
			copyURN, map[string]any{"connection": host, "source": text("t")},
			"remotePath", "Missing required field 'remotePath' on 'remote.CopyToRemoteInputs'",
		},
		"proxy without host": {
			commandURN, map[string]any{"connection": map[string]any{"host": "h", "proxy": map[string]any{}}},
			"connection", "An error occurred decoding 'CommandInputs.connection': 1 failures decoding:\n\tproxy: An error occurred decoding 'Connection.proxy': 1 failures decoding:\n\thost: Missing required field 'host' on 'remote.ProxyConnection'",
		},
		"connection of a local command": {
			localURN, map[string]any{"connection": host},
			"connection", "Unrecognized field 'connection' on 'local.CommandInputs'",
		},
		"source is a string": {
			copyURN, map[string]any{"connection": host, "source": "s", "remotePath": "/r"},
			"asset", "either asset or archive must be set",
		},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := w.client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: test.urn, News: toWire(t, test.inputs)})
			if err != nil || len(response.GetFailures()) != 1 {
				t.Fatalf("error %v, failures %v; want one failure", err, response.GetFailures())
			}
			if got := response.GetFailures()[0]; got.GetProperty() != test.property || got.GetReason() != test.reason {
				t.Errorf("%s: %q\nwant %s: %q", got.GetProperty(), got.GetReason(), test.property, test.reason)
			}
		})
	}
}

func TestOtherTypesAreRefused(t *testing.T) {
	w := newWorld(t)
	_, err := w.client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: "urn:pulumi:s::p::command:remote:CopyFile::c"})
	want := `resource type "command:remote:CopyFile" is not simulated; there are ["command:local:Command" "command:remote:Command" "command:remote:CopyToRemote"]`
	if status.Code(err) != codes.NotFound || status.Convert(err).Message() != want {
		t.Errorf("error %v, want NotFound: %s", err, want)
	}
}
