package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEnvironmentHidesWhatLeadsElsewhere(t *testing.T) {
	lab := newLab(t)
	t.Setenv("DOCKER_HOST", "tcp://elsewhere:2375")
	t.Setenv("SSH_AUTH_SOCK", "/stale")
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", "other")
	t.Setenv("PULUMI_BACKEND_URL", "https://elsewhere")
	t.Setenv("PATH", "/usr/bin")
	session := &Session{Lab: lab, Stack: "dev", tools: "/tools", config: &stackFile{path: "/copy.yaml"}}
	session.Attach("PULUMI_DEBUG_PROVIDERS=azure-native:1")
	env := session.Environment()
	if _, err := os.Stat(filepath.Join(ownDir(), filepath.Base(os.Args[0]))); err != nil {
		t.Errorf("this program is not in its own directory: %v", err)
	}
	for _, name := range []string{"DOCKER_HOST", "SSH_AUTH_SOCK", "PULUMI_CONFIG_PASSPHRASE"} {
		if value := lookup(env, name); value != "" {
			t.Errorf("%s is %q, want it unset", name, value)
		}
	}
	for name, want := range map[string]string{
		"PATH":                      lab.path("bin") + ":/tools:" + ownDir() + ":/usr/bin",
		"PULUMI_BACKEND_URL":        "file://" + lab.backendDir(),
		"PULUMI_DEBUG_PROVIDERS":    "azure-native:1",
		"PULUMI_OPTION_STACK":       "dev",
		"PULUMI_OPTION_CONFIG_FILE": "/copy.yaml",
	} {
		if got := lookup(env, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for _, entry := range env {
		if strings.HasPrefix(entry, "PULUMI_SKIP_CHECKPOINTS=") {
			t.Error("checkpoints are skipped: a crash would lose what was created")
		}
	}
}
