//go:build e2e

package e2e

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/seed-3bc5c20b/azswarm/lab/preview"
)

// commandsOf are the commands that belong to machines, by the operation on each.
func commandsOf(operation preview.Operation, commands []string, machines ...string) (changes []string) {
	for _, machine := range machines {
		for _, command := range commands {
			changes = append(changes, fmt.Sprintf("%s Command %s-%s", operation, machine, command))
		}
	}
	return changes
}

// replaced are the changes of machines that become others, with all that makes them members.
func replaced(machines ...string) (changes []string) {
	for _, machine := range machines {
		changes = append(changes, "replace VirtualMachine "+machine)
	}
	return append(changes, commandsOf(preview.Replace, []string{"booted", "join", "member"}, machines...)...)
}

// tellsTheTruth previews changes of every kind on a stack that exists, makes them, and compares what was announced with what
// was to be expected and with what happened.
func tellsTheTruth(t *testing.T) {
	l := &lab{name: "e2e-truth", stack: "dev", paper: true}
	l.run(t, "up")
	t.Cleanup(func() { l.run(t, "down") })
	l.pulumi(t, "refresh", "--yes", "--non-interactive") // sees who refers to whom
	const bastion = "azswarm-bastion"
	consul, workers := []string{"consul-0", "consul-1", "consul-2"}, []string{"web-0", "web-1"}
	all := slices.Concat(consul, []string{"managers-0"}, workers)
	for _, change := range []struct {
		name string
		make func()
		want func() []string
	}{
		{"nothing", func() {}, func() []string { return nil }},
		{"size", func() { l.configure(t, `pulumi config set --path 'azswarm:workers[0].vmSize' Standard_D2as_v5`) }, func() []string {
			return append(commandsOf(preview.Update, []string{"drained", "booted", "member"}, workers...),
				"update VirtualMachine web-0", "update VirtualMachine web-1")
		}},
		{"tag", func() { l.configure(t, `pulumi config set --path azswarm:tags.owner tests`) }, func() (want []string) {
			for _, r := range l.state(t).Deployment.Resources {
				if strings.HasPrefix(r.Type, "azure-native:") && !strings.HasSuffix(r.Type, ":Subnet") {
					want = append(want, fmt.Sprintf("update %s %s", r.Type[strings.LastIndex(r.Type, ":")+1:], r.URN[strings.LastIndex(r.URN, ":")+1:]))
				}
			}
			return want
		}},
		{"disk", func() { l.editMachines(t, "replacementTrigger.diskSizeGB", 32., workers...) },
			func() []string { return append(replaced(workers...), "replace Command web-ready") }},
		{"disk in Azure", func() { l.editMachines(t, "inputs.storageProfile.osDisk.diskSizeGB", 128., workers...) }, func() []string { return nil }},
		{"image", func() { l.editMachines(t, "inputs.storageProfile.imageReference.offer", "debian-11", consul...) },
			func() []string {
				return append(replaced(consul...), "replace Command consul-ready", "update Command managers-ready", "update Command web-ready")
			}},
		{"customData", func() { l.editMachines(t, "inputs.osProfile.customData.plaintext", `"b2xkZXI="`, "web-1") },
			func() []string { return append(replaced("web-1"), "replace Command web-ready") }},
		{"admin key", func() {
			public, _, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			key, err := ssh.NewPublicKey(public)
			if err != nil {
				t.Fatal(err)
			}
			l.edit(t, func(kind, name string, r map[string]any) {
				if kind != "pulumi:index:Stash" || name != "azswarm-ssh" {
					return
				}
				output := r["outputs"].(map[string]any)["output"].(map[string]any)
				var fields map[string]string
				if err := json.Unmarshal([]byte(output["plaintext"].(string)), &fields); err != nil {
					t.Fatal(err)
				}
				fields["public"] = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key)))
				text, err := json.Marshal(fields)
				if err != nil {
					t.Fatal(err)
				}
				output["plaintext"] = string(text)
			})
		}, func() []string {
			return append(replaced(all...), "replace VirtualMachine "+bastion, "replace Command "+bastion+"-booted",
				"replace Command consul-ready", "replace Command managers-ready", "replace Command web-ready",
				"replace Command managers-0-carried", "replace Stash managers-swarm")
		}},
	} {
		t.Run(change.name, func(t *testing.T) {
			change.make()
			want := change.want()
			l.rehearse(t, append([]string{}, want...)) // none is an expectation, too
			t.Logf("%d changes, announced and made", len(want))
		})
	}
}

// editMachines makes the state say that machines were created from something else, as an older program would have, or that Azure
// was found to have something else.
func (l *lab) editMachines(t *testing.T, path string, value any, machines ...string) {
	t.Helper()
	edited := 0
	l.edit(t, func(kind, name string, r map[string]any) {
		if !strings.HasSuffix(kind, ":VirtualMachine") || !slices.Contains(machines, name) {
			return
		}
		object, keys := r, strings.Split(path, ".")
		for _, key := range keys[:len(keys)-1] {
			object = object[key].(map[string]any)
		}
		if _, exists := object[keys[len(keys)-1]]; exists {
			object[keys[len(keys)-1]] = value
			edited++
		}
	})
	if edited != len(machines) {
		t.Fatalf("%d machines have a %s, want %d", edited, path, len(machines))
	}
}

// edit changes the resources of the state.
func (l *lab) edit(t *testing.T, change func(kind, name string, resource map[string]any)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "state.json")
	l.query(t, "pulumi", "stack", "export", "--show-secrets", "--file", file)
	var state struct {
		Version    int            `json:"version"`
		Deployment map[string]any `json:"deployment"`
	}
	if err := json.Unmarshal(readFile(t, file), &state); err != nil {
		t.Fatal(err)
	}
	for _, element := range state.Deployment["resources"].([]any) {
		resource := element.(map[string]any)
		kind, urn := resource["type"].(string), resource["urn"].(string)
		change(kind, urn[strings.LastIndex(urn, ":")+1:], resource)
	}
	text, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	l.query(t, "pulumi", "stack", "import", "--file", file)
}
