package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/diagnose/archivetest"
)

func TestDiagnoseArchivesWithoutSecrets(t *testing.T) {
	n := answering(t, map[string]string{
		"os": `PRETTY_NAME="Debian GNU/Linux 12"`, "boot": `{"v1":{"modules-final":{"errors":["no"],"finished":1},"stage":null}}`,
		"secrets":    "planted-token-of-a-machine",
		"cloud-init": "E: Failed to fetch planted-token-of-a-machine\nand planted-output-secret",
	}, bastion, worker)
	n.Stop(worker)
	outputs := map[string]any{
		"bastion":       n.Outputs.Bastion,
		"adminUser":     n.Outputs.AdminUser,
		"sshPrivateKey": n.Outputs.SSHPrivateKey,
		"knownHosts":    n.Outputs.KnownHosts,
		"nodes":         n.Outputs.Nodes,
		"consul":        map[string]string{"managementToken": "planted-output-secret", "datacenter": "dc1"},
	}
	d := newDesk(t, outputs)
	outputs["sshPrivateKey"] = "[secret]"
	outputs["consul"] = map[string]string{"managementToken": "[secret]", "datacenter": "dc1"}
	public, err := json.Marshal(outputs)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.bin, "public"), public, 0o600); err != nil {
		t.Fatal(err)
	}
	d.install(t, "pulumi", `case "$*" in
*--show-name*) echo dev ;;
*"stack output"*--show-secrets*) /bin/cat "${0%/*}/outputs" ;;
*"stack output"*) /bin/cat "${0%/*}/public" ;;
version*) echo v3.259.0 ;;
*"stack history"*) echo '[{"kind":"update","result":"failed","startTime":"t","config":{"x":"y"}}]' ;;
*) exit 9 ;;
esac`)
	said := filepath.Join(t.TempDir(), "up.log")
	if err := os.WriteFile(said, []byte("error: planted-output-secret: not so after 300s: web-0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "d.tar.gz")
	output, err := run(t, "diagnose", "--output", path, "--error", said)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1. a machine does not answer", "web-0: connect to web-0 (10.20.128.4)", "not so after 300s", "the machine's boot failed", path} {
		if !strings.Contains(output, want) {
			t.Errorf("%q is not said:\n%s", want, output)
		}
	}
	_, files := archivetest.Read(t, path)
	for name, want := range map[string]string{
		"reading.txt":      "1. a machine does not answer",
		"status.txt":       "2 problems",
		"status.json":      `"silent": "connect to web-0 (10.20.128.4)`,
		"about.json":       `"result": "failed"`,
		"outputs.json":     `"datacenter": "dc1"`,
		"update-error.txt": "[secret]: not so after 300s",
		"machines/azswarm-bastion/cloud-init.txt": "Failed to fetch [secret]\nand [secret]",
		"machines/web-0/no-answer.txt":            "connect to web-0",
	} {
		if !strings.Contains(files[name], want) {
			t.Errorf("%s lacks %q:\n%s", name, want, files[name])
		}
	}
	key := strings.Split(n.Outputs.SSHPrivateKey, "\n")[1]
	for name, text := range files {
		if strings.Contains(text, "planted") || strings.Contains(text, key) {
			t.Errorf("%s has a secret in it:\n%s", name, text)
		}
	}
	if _, err := run(t, "diagnose", "--output", path); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("an archive that is there: %v", err)
	}
}

func TestDiagnoseWorksWithoutTheBastion(t *testing.T) {
	n := answering(t, well, bastion)
	n.Outputs.Bastion.Port = 1 // nobody listens there
	newDesk(t, n.Outputs)
	path := filepath.Join(t.TempDir(), "d.tar.gz")
	output, err := run(t, "diagnose", "--output", path)
	if err != nil || !strings.Contains(output, "the bastion lets nobody in") {
		t.Errorf("diagnose: %v\n%s", err, output)
	}
	if _, files := archivetest.Read(t, path); !strings.Contains(files["machines/azswarm-bastion/no-answer.txt"], "connect to the bastion") || !strings.Contains(files["about.json"], "pulumi stack history") {
		t.Errorf("files %v", files)
	}
}
