package access_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// saved are the files of a cluster with everything.
var saved = []string{access.ConfigFile, "key", "known_hosts", "outputs.json", access.CAFile, access.CertFile, access.KeyFile}

// save saves how to reach a network, with client certificates.
func save(t *testing.T, dir string) access.Outputs {
	t.Helper()
	outputs := newNetwork(t).Outputs
	outputs.SwarmClient = access.TLS{CA: "ca", Cert: "cert", Key: "key"}
	if err := access.Save(dir, outputs); err != nil {
		t.Fatal(err)
	}
	return outputs
}

func TestSaveLeavesPrivateFilesThatLoadReads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "access")
	outputs := save(t, dir)
	for _, name := range saved {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o, want 600", name, info.Mode().Perm())
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v, want mode 700", info.Mode(), err)
	}
	loaded, err := access.Load(dir)
	if err != nil || loaded.Bastion != outputs.Bastion || len(loaded.Nodes) != 2 || loaded.SwarmClient.Key != "key" {
		t.Errorf("Load = %+v, %v", loaded, err)
	}
}

func TestSaveRefreshesAndTakesAwayWhatIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "access")
	first := save(t, dir)
	second := save(t, dir)
	if content, err := os.ReadFile(filepath.Join(dir, "key")); err != nil || string(content) != second.SSHPrivateKey || second.SSHPrivateKey == first.SSHPrivateKey {
		t.Errorf("the key was not refreshed: %v", err)
	}
	killed := filepath.Join(dir, ".key-123") // by a Save that was killed
	if err := os.WriteFile(killed, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := access.Save(dir, access.Outputs{}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "key"), killed} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s of machines that are gone is still there", filepath.Base(path))
		}
	}
}

func TestSaveLeavesOthersFilesAlone(t *testing.T) {
	dir := t.TempDir()
	letter := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(letter, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := access.Save(dir, access.Outputs{}); err == nil || !strings.Contains(err.Error(), "must be empty") {
		t.Errorf("Save into a directory of something else: %v", err)
	}
	if err := access.Remove(dir); err == nil {
		t.Error("Remove says that it removed a directory with a letter in it")
	}
	if _, err := os.Stat(letter); err != nil {
		t.Error(err)
	}
}

func TestRemoveLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "access")
	save(t, dir)
	for range 2 { // what isn't there is no error
		if err := access.Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory is still there")
	}
}

func TestTheSSHClientUnderstandsTheConfiguration(t *testing.T) {
	ssh, err := exec.LookPath("ssh")
	if err != nil {
		t.Fatalf("%v: azswarm needs an ssh client, such as Debian's openssh-client", err)
	}
	dir := filepath.Join(t.TempDir(), "with space")
	outputs := save(t, dir)
	for name, wants := range map[string][]string{
		"consul-0": {
			"hostname 10.20.1.4", "user admin", "proxyjump bastion", "stricthostkeychecking true", "identitiesonly yes",
			"identityfile " + filepath.Join(dir, "key"), "userknownhostsfile " + filepath.Join(dir, "known_hosts"),
		},
		"azswarm-bastion": {"hostname " + outputs.Bastion.Host, "user admin"},
		"bastion":         {"hostname " + outputs.Bastion.Host, "user admin"},
	} {
		output, err := exec.Command(ssh, "-G", "-F", filepath.Join(dir, access.ConfigFile), name).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		for _, want := range wants {
			if !strings.Contains(string(output), want+"\n") {
				t.Errorf("ssh -G %s lacks %q", name, want)
			}
		}
		if name != "consul-0" && strings.Contains(string(output), "proxyjump") {
			t.Errorf("ssh reaches %s through itself", name)
		}
	}
}

func TestParseTellsTheNameOfAnOutputAndNotItsValue(t *testing.T) {
	_, err := access.Parse(map[string]json.RawMessage{"sshPrivateKey": json.RawMessage(`{"secret":"hush"}`)})
	if err == nil || !strings.Contains(err.Error(), "sshPrivateKey") || strings.Contains(err.Error(), "hush") {
		t.Errorf("Parse: %v", err)
	}
}

func TestNodeNamesTheNodesThereAre(t *testing.T) {
	outputs := access.Outputs{Nodes: []access.Node{{Name: "a"}, {Name: "b"}}}
	if _, err := outputs.Node("c"); err == nil || !strings.Contains(err.Error(), "a, b") {
		t.Errorf("Node(c): %v", err)
	}
	if err := (access.Outputs{AdminUser: "x"}).Reachable(); err == nil || !strings.Contains(err.Error(), "bastion, knownHosts, sshPrivateKey") {
		t.Errorf("Reachable: %v", err)
	}
}
