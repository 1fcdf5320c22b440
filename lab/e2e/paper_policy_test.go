//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// policies are the pack's, each with a configuration that the stack dev keeps, one that it doesn't, and what is then said.
var policies = map[string]struct {
	kept, broken map[string]any
	says         string
}{
	"no-public-address-on-nodes": {broken: map[string]any{"except": []string{}}, says: "The interface azswarm-bastion has a public address"},
	"operators-networks":         {broken: map[string]any{"networks": []string{"203.0.113.0/24"}}, says: "opens SSH to 198.51.100.0/24"},
	"machine-sizes":              {broken: map[string]any{"allowed": []string{"Standard_D4as_v5"}}, says: "The machine consul-0 is a Standard_"},
	"tags":                       {broken: map[string]any{"required": []string{"environment", "owner"}}, says: "web-0 has no tag owner"},
	"backup":                     {kept: map[string]any{"tag": "environment"}, broken: map[string]any{}, says: "The machine managers-0 has no tag backup"},
}

// enforcesPolicies previews a stack with the example's policy pack, by the policy engine of Pulumi: as it is, and where it breaks all.
func enforcesPolicies(t *testing.T) {
	pack := copied(t, "policy")
	install(t, "npm", "ci", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix", pack)
	l := &lab{name: "paper-policy", stack: "dev", paper: true}
	t.Cleanup(func() { l.run(t, "down") })
	output, err := l.underPolicies(t, pack, false)
	if err != nil || !strings.Contains(output, "azswarm@v0.1.0") || strings.Contains(output, "advisory") {
		t.Errorf("as the pack is configured for it, the stack has: %v\n%s", err, tail(output))
	}
	output, err = l.underPolicies(t, pack, true)
	if err == nil {
		t.Error("what breaks every policy is well")
	}
	for name, policy := range policies {
		if !strings.Contains(output, name) || !strings.Contains(output, policy.says) {
			t.Errorf("%s isn't said to be broken (%q)\n%s", name, policy.says, tail(output))
		}
	}
}

// underPolicies is a preview under a pack of policies, configured to be kept or broken.
func (l *lab) underPolicies(t *testing.T, pack string, broken bool) (string, error) {
	t.Helper()
	config := map[string]map[string]any{}
	for name, policy := range policies {
		config[name] = policy.kept
		if broken {
			config[name] = policy.broken
		}
		if config[name] == nil {
			delete(config, name)
		}
	}
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "policies.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, output, err := l.try(t, "exec", "--", "pulumi", "preview", "--non-interactive", "--policy-pack", pack, "--policy-pack-config", file)
	return output, err
}
