package cloudinit

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// decoded is what cloud-init makes of user data.
func decoded(t *testing.T, m Machine) config {
	t.Helper()
	text, err := UserData(m)
	if err != nil {
		t.Fatal(err)
	}
	body, ok := strings.CutPrefix(text, "#cloud-config\n")
	if !ok {
		t.Fatalf("user data starts with %.20q, want #cloud-config", text)
	}
	var c config
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c config) file(path string) (file, bool) {
	for _, f := range c.WriteFiles {
		if f.Path == path {
			return f, true
		}
	}
	return file{}, false
}

func TestUserDataPinsTheHostKeyAndClosesPasswords(t *testing.T) {
	c := decoded(t, Machine{HostPrivateKey: "PRIVATE", HostPublicKey: "PUBLIC"})
	if c.SSHKeys["ed25519_private"] != "PRIVATE" || c.SSHKeys["ed25519_public"] != "PUBLIC" || !c.SSHDeleteKeys {
		t.Errorf("host keys are %v, others deleted: %v", c.SSHKeys, c.SSHDeleteKeys)
	}
	if c.SSHPassword {
		t.Error("passwords are allowed")
	}
}

func TestUserDataIsStable(t *testing.T) {
	m := Machine{HostPrivateKey: "k", HostPublicKey: "p", Engine: true, ConsulDNS: true}
	first, err := UserData(m)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, _ := UserData(m); again != first {
			t.Fatal("the same machine got another text: it would be replaced")
		}
	}
}

func TestOnlyMachinesWithAnEngineConfigureOne(t *testing.T) {
	tests := []struct {
		name    string
		machine Machine
		daemon  bool
		dns     bool
	}{
		{"bastion", Machine{}, false, false},
		{"Consul server", Machine{Engine: true}, true, false},
		{"worker", Machine{Engine: true, ConsulDNS: true}, true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := decoded(t, test.machine)
			f, ok := c.file("/etc/docker/daemon.json")
			if ok != test.daemon {
				t.Fatalf("daemon.json: %v, want %v", ok, test.daemon)
			}
			if installs := strings.Contains(strings.Join(c.RunCommands[0], " "), "docker.io"); installs != test.daemon {
				t.Errorf("installs Docker: %v, want %v", installs, test.daemon)
			}
			if !ok {
				return
			}
			var daemon struct {
				Bip string   `json:"bip"`
				DNS []string `json:"dns"`
			}
			if err := json.Unmarshal([]byte(f.Content), &daemon); err != nil {
				t.Fatal(err)
			}
			if daemon.Bip != "172.17.0.1/16" || (len(daemon.DNS) == 1 && daemon.DNS[0] == "172.17.0.1") != test.dns {
				t.Errorf("daemon.json is %s", f.Content)
			}
		})
	}
}

// The installer runs with an apt-get that only says what it was asked for.
func TestInstallerAsksOnlyForWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	for name, body := range map[string]string{
		"install":   install,
		"apt-get":   "#!/bin/sh\necho apt-get \"$@\"\n",
		"here-tool": "#!/bin/sh\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	run := func(pairs ...string) string {
		t.Helper()
		command := exec.Command(filepath.Join(dir, "install"), pairs...)
		command.Env = []string{"PATH=" + dir + ":/usr/bin:/bin"}
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return string(out)
	}
	if out := run("here-tool:here"); out != "" {
		t.Errorf("nothing is missing, but it ran %q", out)
	}
	out := run("here-tool:here", "absent-tool:absent.pkg")
	if !strings.Contains(out, "install --yes --no-install-recommends absent.pkg") || strings.Contains(out, " here") {
		t.Errorf("it ran %q, want the one missing package installed", out)
	}
}
