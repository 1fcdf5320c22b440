package containers

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

func TestSeedGivesCloudInitWhatAzureWould(t *testing.T) {
	machine := cloud.Machine{
		VMID: "4f0c", ComputerName: "consul-0", AdminUser: "azswarm",
		AuthorizedKeys: []string{"ssh-ed25519 AAAA operator"}, CustomData: []byte("#cloud-config\nruncmd: ['true']\n"),
	}
	files, err := seed(machine)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(files["seed/user-data"]); got != string(machine.CustomData) {
		t.Errorf("user data %q, want it unchanged", got)
	}
	tests := []struct {
		file string
		want any
	}{
		{"seed/meta-data", map[string]any{
			"instance-id": "4f0c", "local-hostname": "consul-0", "public-keys": []any{"ssh-ed25519 AAAA operator"},
		}},
		{"cloud.cfg", map[string]any{"system_info": map[string]any{"default_user": map[string]any{
			"name": "azswarm", "gecos": "azswarm", "groups": []any{"adm", "sudo"}, "shell": "/bin/bash",
			"sudo": []any{"ALL=(ALL) NOPASSWD:ALL"}, "lock_passwd": true,
		}}}},
	}
	for _, test := range tests {
		var got any
		if err := json.Unmarshal(files[test.file], &got); err != nil {
			t.Errorf("%s: %v", test.file, err)
		} else if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.file, got, test.want)
		}
	}
}

func TestSeedIsWrittenForItsOwnerOnly(t *testing.T) {
	s := store{t.TempDir()}
	machine := cloud.Machine{ID: "/vm", CustomData: nil}
	if err := s.writeSeed(machine); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{
		"":               0o700 | os.ModeDir,
		"seed":           0o700 | os.ModeDir,
		"seed/user-data": 0o600, // there even without custom data
		"seed/meta-data": 0o600,
		"cloud.cfg":      0o600,
	} {
		info, err := os.Stat(filepath.Join(s.machineDir("/VM"), path))
		if err != nil {
			t.Error(err)
		} else if info.Mode() != want {
			t.Errorf("%q has mode %s, want %s", path, info.Mode(), want)
		}
	}
}
