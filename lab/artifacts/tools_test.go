package artifacts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRequiredVersion(t *testing.T) {
	const gomod = `module example.test/tools

tool example.test/cmd

require example.test/alone v1.0.0

require (
	example.test/cmd v0.3.1
	example.test/cmd/sub v0.9.0 // indirect
)

replace example.test/cmd => example.test/fork v9.9.9
`
	tests := map[string]string{
		"example.test/cmd": "v0.3.1", "example.test/cmd/sub": "v0.9.0", "example.test/alone": "v1.0.0", "example.test/tools": "",
	}
	for module, want := range tests {
		t.Run(module, func(t *testing.T) {
			got, err := requiredVersion([]byte(gomod), module)
			if got != want || (err == nil) != (want != "") {
				t.Errorf("version is %q, %v; want %q", got, err, want)
			}
		})
	}
}

func TestToolsArePinned(t *testing.T) {
	root, err := findRoot("", "")
	if err != nil {
		t.Fatal(err)
	}
	for dir, module := range map[string]string{
		"pulumi":                 "github.com/pulumi/pulumi/pkg/v3",
		"pulumi-language-go":     "github.com/pulumi/pulumi/sdk/v3",
		"pulumi-language-yaml":   hosts["yaml"].module,
		"pulumi-language-nodejs": hosts["nodejs"].module,
		"consul":                 "github.com/hashicorp/consul",
		"swarm":                  swarmPatch.module,
		"dockerd":                "github.com/docker/docker",
	} {
		tool := goTool{dir: filepath.Join(root, "tools", dir), module: module}
		version, err := tool.version()
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		sums, err := os.ReadFile(filepath.Join(tool.dir, "go.sum"))
		if err != nil {
			t.Error(err)
		}
		if !strings.Contains(string(sums), module+" "+version+" h1:") {
			t.Errorf("%s: go.sum lacks %s %s", dir, module, version)
		}
	}
}

func TestPatchedModulesArePinned(t *testing.T) {
	root, err := findRoot("", "")
	if err != nil {
		t.Fatal(err)
	}
	for dir, p := range map[string]patch{"swarm": swarmPatch, "dockerd": swarmkitPatch} {
		gomod, err := os.ReadFile(filepath.Join(root, "tools", dir, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		version, err := requiredVersion(gomod, p.module)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		sums, err := os.ReadFile(filepath.Join(root, "tools", dir, "go.sum"))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(sums), p.module+" "+version+" h1:") {
			t.Errorf("%s: go.sum lacks %s %s, whose source is copied", dir, p.module, version)
		}
	}
}

func TestImageVersion(t *testing.T) {
	for version, want := range map[string]string{
		"v1.22.7": "1.22.7", "v20.10.24+incompatible": "20.10.24", "1.22.7": "", "v1.22": "", "": "",
	} {
		if got, err := imageVersion(version); got != want || (err == nil) != (want != "") {
			t.Errorf("imageVersion(%q) = %q, %v; want %q", version, got, err, want)
		}
	}
}

func TestFindRootRefusesOtherDirectories(t *testing.T) {
	t.Chdir(t.TempDir())
	if root, err := findRoot("", ""); err == nil || !strings.Contains(err.Error(), "clone of azswarm") {
		t.Errorf("root is %q, %v; want an error that asks for a clone", root, err)
	}
}

func TestFindRootLooksNearWhatItIsToldOf(t *testing.T) {
	want, err := findRoot("", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if root, err := findRoot("", filepath.Join(want, "examples", "imported")); err != nil || root != want {
		t.Errorf("root is %q, %v; want %q", root, err, want)
	}
}

func TestPulumiUsable(t *testing.T) {
	for version, want := range map[string]bool{
		"v3.259.0": true, "v3.217.0": true, "3.300.1-alpha.1": true, "v3.216.9": false, "v2.999.0": false, "v4.0.0": false, "": false, "v3": false,
	} {
		if got := pulumiUsable(version); got != want {
			t.Errorf("pulumiUsable(%q) = %v, want %v", version, got, want)
		}
	}
}

func TestInstalledPulumiNeedsItsLanguageHost(t *testing.T) {
	tests := map[string]struct {
		version string
		host    bool
		found   bool
	}{
		"both":         {version: "v3.260.0", host: true, found: true},
		"no host":      {version: "v3.260.0"},
		"too old":      {version: "v3.100.0", host: true},
		"says nothing": {version: "", host: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir, path := t.TempDir(), t.TempDir()
			script := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			script("pulumi", "echo "+test.version)
			if test.host {
				script("pulumi-language-go", "")
			}
			if err := os.Symlink(filepath.Join(dir, "pulumi"), filepath.Join(path, "pulumi")); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", path)
			found, version := installedPulumi(t.Context())
			if test.found && (found != dir || version != test.version) || !test.found && found != "" {
				t.Errorf("found %q in %q, want it found: %v", version, found, test.found)
			}
		})
	}
}
