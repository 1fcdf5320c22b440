package stackstate

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
)

type object = map[string]any

func sealed(ciphertext string) object { return object{sig.Key: sig.Secret, "ciphertext": ciphertext} }

func readable(t *testing.T, value any) object {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return object{sig.Key: sig.Secret, "plaintext": string(encoded)}
}

// export is a stack with these resources below itself.
func export(t *testing.T, resources ...object) *State {
	t.Helper()
	all := append([]object{{"urn": "urn:pulumi:prod::azswarm::pulumi:pulumi:Stack::azswarm-prod", "type": "pulumi:pulumi:Stack"}}, resources...)
	content, err := json.Marshal(object{"version": 3, "deployment": object{
		"secrets_providers": object{"type": "cloud"}, "pending_operations": []any{object{"type": "creating"}}, "resources": all,
	}})
	if err != nil {
		t.Fatal(err)
	}
	state, err := Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func importOf(t *testing.T, state *State) string {
	t.Helper()
	imported, err := state.Import([]byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return string(imported)
}

func TestStateKnowsItsStack(t *testing.T) {
	state := export(t)
	if state.Stack() != "prod" || state.Project() != "azswarm" {
		t.Errorf("stack %q of project %q", state.Stack(), state.Project())
	}
}

func TestWhatIsNoExportIsRefused(t *testing.T) {
	for _, content := range []string{"", "{}", `{"deployment":{"resources":[]}}`, `{"deployment":{"resources":[1]}}`} {
		if _, err := Parse([]byte(content)); err == nil || !strings.Contains(err.Error(), "exported state") {
			t.Errorf("%s: %v", content, err)
		}
	}
}

func TestPublicKeysFollowTheirPrivateKeys(t *testing.T) {
	const (
		stash, vm, command = "urn:pulumi:prod::azswarm::pulumi:index:Stash::key", "urn:pulumi:prod::azswarm::v::vm", "urn:pulumi:prod::azswarm::c::command"
		ours, theirs       = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIours", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAtheirs"
		foreign            = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAforeign"
	)
	state := export(t,
		object{"urn": stash, "outputs": object{"output": sealed("v1:AAAA")}},
		object{"urn": vm, "inputs": object{"keyData": ours, "other": foreign, "size": "Standard_B2as_v2", "group": "/resourceGroups/group0000001"}},
		// Its text has changed since: what was where is known from elsewhere.
		object{"urn": command, "inputs": object{"create": "KNOWN='10.0.0.4 " + ours + "' old"}})
	donor := export(t,
		object{"urn": stash, "outputs": object{"output": readable(t, object{"private": "a private key, long enough", "public": theirs})}},
		object{"urn": vm, "inputs": object{"keyData": theirs, "other": "another key, which is none of the secrets", "size": "Standard_B4as_v2", "group": "/resourceGroups/group0000002"},
			"outputs": object{"__inputs": readable(t, object{"group": "/resourceGroups/group0000002"})}},
		object{"urn": command, "inputs": object{"create": "KNOWN='10.0.0.4 " + theirs + "' new"}})
	state.Fill(donor)
	resources := state.Resources()
	if want := (object{"keyData": theirs, "other": foreign, "size": "Standard_B2as_v2", "group": "/resourceGroups/group0000001"}); !reflect.DeepEqual(resources[2].Inputs, want) {
		t.Errorf("inputs %v, want %v", resources[2].Inputs, want)
	}
	if got, want := resources[3].Inputs["create"], "KNOWN='10.0.0.4 "+theirs+"' old"; got != want {
		t.Errorf("create is %q, want %q", got, want)
	}
}

func TestSealedSecretsKeepTheStacksOwnAddresses(t *testing.T) {
	const address, command = "urn:pulumi:prod::azswarm::a::address", "urn:pulumi:prod::azswarm::c::command"
	state := export(t,
		object{"urn": address, "id": "/ours", "outputs": object{"ipAddress": "20.1.2.3"}},
		object{"urn": command, "inputs": object{"connection": sealed("v1:AAAA")}})
	donor := export(t,
		object{"urn": address, "id": "/theirs", "outputs": object{"ipAddress": "198.18.0.4"}},
		object{"urn": command, "inputs": object{"connection": readable(t, object{"host": "198.18.0.4", "proxy": object{"host": "198.18.0.40"}, "id": "/theirs"})}})
	state.Fill(donor)
	want := object{"connection": object{"host": "20.1.2.3", "proxy": object{"host": "198.18.0.40"}, "id": "/ours"}}
	if got := state.Resources()[2].Inputs; !reflect.DeepEqual(got, want) {
		t.Errorf("inputs %v, want %v", got, want)
	}
}

func TestSealedSecretsKeepTheStacksOwnIDs(t *testing.T) {
	const ready, command = "urn:pulumi:prod::azswarm::c::ready", "urn:pulumi:prod::azswarm::c::command"
	state := export(t,
		object{"urn": ready, "id": "ready0123456789abcdef"},
		object{"urn": command, "inputs": object{"stdin": sealed("v1:AAAA")}})
	donor := export(t,
		object{"urn": ready, "id": "readyfedcba9876543210"},
		object{"urn": command, "inputs": object{"stdin": readable(t, `script {"consul":"readyfedcba9876543210"}`)}})
	state.Fill(donor)
	want := object{"stdin": `script {"consul":"ready0123456789abcdef"}`}
	if got := state.Resources()[2].Inputs; !reflect.DeepEqual(got, want) {
		t.Errorf("inputs %v, want %v", got, want)
	}
}

func TestSealedSecretsGetTheDonorsValues(t *testing.T) {
	const urn = "urn:pulumi:prod::azswarm::pulumi:index:Stash::key"
	state := export(t,
		object{"urn": urn, "outputs": object{
			"output": sealed("v1:AAAA"), "known": readable(t, "mine"), "list": []any{object{"password": sealed("v1:BBBB")}}, "plain": "p",
		}},
		object{"urn": urn + "-gone", "inputs": object{"stdin": sealed("v1:CCCC")}})
	donor := export(t, object{"urn": urn, "outputs": object{
		"output": readable(t, object{"private": "K", "inner": readable(t, "I")}), "known": readable(t, "theirs"), "list": []any{object{"password": "W"}}, "plain": "q",
	}})
	if !state.IsSealed() || donor.IsSealed() {
		t.Errorf("sealed: %v and %v, want true and false", state.IsSealed(), donor.IsSealed())
	}
	state.Fill(donor)
	if state.IsSealed() {
		t.Error("it is sealed still")
	}
	resources := state.Resources()
	want := object{"output": object{"private": "K", "inner": "I"}, "known": "mine", "list": []any{object{"password": "W"}}, "plain": "p"}
	if got := resources[1].Outputs; !reflect.DeepEqual(got, want) {
		t.Errorf("outputs %v, want %v", got, want)
	}
	if got := resources[2].Inputs["stdin"]; got != Sealed {
		t.Errorf("what the donor lacks is %v, want the mark", got)
	}
	if mark := `\"plaintext\":\"\\\"I\\\"\"`; !strings.Contains(importOf(t, state), mark) {
		t.Errorf("the secret within the secret is none any more: no %s in %s", mark, importOf(t, state))
	}
	imported, err := state.Import([]byte(`{"deployment":{"secrets_providers":{"type":"passphrase"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, unwanted := range []string{"AAAA", "BBBB", "CCCC", "ciphertext", `"cloud"`, "pending_operations"} {
		if strings.Contains(string(imported), unwanted) {
			t.Errorf("the import has %s: %s", unwanted, imported)
		}
	}
	if !strings.Contains(string(imported), `"secrets_providers":{"type":"passphrase"}`) {
		t.Errorf("the import doesn't encrypt as the stack does: %s", imported)
	}
}
