package access

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestSaveLeavesPrivateFilesThatLoadReads(t *testing.T) {
	outputs := newNetwork(t).outputs
	outputs.SwarmClient = TLS{CA: "ca", Cert: "cert", Key: "key"}
	dir := filepath.Join(t.TempDir(), "access")
	if err := Save(dir, outputs); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ConfigFile, keyFile, hostsFile, outputsFile, "docker/ca.pem", "docker/cert.pem", "docker/key.pem"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", name, info.Mode().Perm())
		}
	}
	loaded, err := Load(dir)
	if err != nil || loaded.Bastion != outputs.Bastion || len(loaded.Nodes) != 1 || loaded.SwarmClient.Key != "key" {
		t.Errorf("Load = %+v, %v", loaded, err)
	}
	if err := Save(dir, Outputs{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, keyFile)); err == nil {
		t.Error("the key of machines that are gone is still there")
	}
}

func TestTheSSHClientUnderstandsTheConfiguration(t *testing.T) {
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		t.Skip("no ssh client here")
	}
	dir := filepath.Join(t.TempDir(), "with space")
	if err := Save(dir, newNetwork(t).outputs); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(ssh, "-G", "-F", filepath.Join(dir, ConfigFile), "consul-0").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for _, want := range []string{
		"hostname 10.20.1.4", "user admin", "proxyjump bastion", "stricthostkeychecking true", "identitiesonly yes",
		"identityfile " + filepath.Join(dir, keyFile), "userknownhostsfile " + filepath.Join(dir, hostsFile),
	} {
		if !strings.Contains(string(output), want+"\n") {
			t.Errorf("ssh -G lacks %q", want)
		}
	}
}

func TestParseTellsTheNameOfAnOutputAndNotItsValue(t *testing.T) {
	_, err := Parse(map[string]json.RawMessage{"sshPrivateKey": json.RawMessage(`{"secret":"hush"}`)})
	if err == nil || !strings.Contains(err.Error(), "sshPrivateKey") || strings.Contains(err.Error(), "hush") {
		t.Errorf("Parse: %v", err)
	}
}

func TestNodeNamesTheNodesThereAre(t *testing.T) {
	outputs := Outputs{Nodes: []Node{{Name: "a"}, {Name: "b"}}}
	if _, err := outputs.Node("c"); err == nil || !strings.Contains(err.Error(), "a, b") {
		t.Errorf("Node(c): %v", err)
	}
	if err := (Outputs{AdminUser: "x"}).Reachable(); err == nil || !strings.Contains(err.Error(), "bastion, knownHosts, sshPrivateKey") {
		t.Errorf("Reachable: %v", err)
	}
}
