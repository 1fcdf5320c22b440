package bootstrap

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// store is what an engine with the Consul cluster store has in its text.
const store = "github.com/docker/docker/vendor/github.com/docker/libkv/store/consul.New"

// engineArchive makes an archive with a dockerd that says its version, and returns its path and checksum.
func engineArchive(t *testing.T, name, dockerd string) (path, sum string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "engine.tgz")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	compressed := gzip.NewWriter(file)
	archive := tar.NewWriter(compressed)
	if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(dockerd))}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write([]byte(dockerd)); err != nil {
		t.Fatal(err)
	}
	for _, end := range []func() error{archive.Close, compressed.Close, file.Close} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(content)
	return path, hex.EncodeToString(digest[:])
}

func dockerd(version string, marks ...string) string {
	return "#!/bin/sh\n# " + strings.Join(marks, " ") + "\necho '" + version + "'\n"
}

// installEngine runs the script with a curl that has the archive at hand.
func installEngine(t *testing.T, archive, sum string, times int) (output, engines string, err error) {
	t.Helper()
	engines = filepath.Join(t.TempDir(), "engines")
	script := Script{Parameters: []Parameter{
		{"NODE", "web-0"}, {"ENGINES", engines}, {"ARCHIVE", archive}, {"ENGINE_SHA256", sum}, {"ENGINE_URL", "https://example.com/docker.tgz"},
	}, Files: []string{"classic-engine"}}
	call := `curl() { while [ "$1" != --output ]; do shift; done; say downloaded >>"$ENGINES.log"; cp "$ARCHIVE" "$2"; }` +
		strings.Repeat("\nensure_archive \"$ENGINES/installed\"", times) + "\ncat \"$ENGINES.log\""
	output, err = run(t, script, call, "{}")
	return output, engines, err
}

func TestClassicEngineIsInstalledOnce(t *testing.T) {
	archive, sum := engineArchive(t, "docker/dockerd", dockerd("Docker version 20.10.24, build 5d6db84", store))
	output, engines, err := installEngine(t, archive, sum, 2)
	if err != nil || output != "downloaded\n" {
		t.Fatalf("script printed %q (%v)", output, err)
	}
	left, err := os.ReadDir(engines)
	if err != nil || len(left) != 1 || left[0].Name() != "installed" {
		t.Errorf("%s has %v (%v), want the engine alone", engines, left, err)
	}
}

func TestUnfitEnginesAreRefusedWithTheReason(t *testing.T) {
	for _, test := range []struct{ name, file, dockerd, sum, want string }{
		{"another checksum", "docker/dockerd", dockerd("Docker version 20.10.24, build x", store), strings.Repeat("0a", 32),
			"has the SHA-256 "},
		{"removed store", "docker/dockerd", dockerd("Docker version 23.0.1, build x", store), "",
			"is Docker version 23.0.1, build x; must be 20.10 or older: Docker removed the cluster store in 23.0"},
		{"next major", "docker/dockerd", dockerd("Docker version 28.2.2, build x"), "", "must be 20.10 or older"},
		{"distribution's", "docker/dockerd", dockerd("Docker version 20.10.24+dfsg1, build x"), "",
			"is Docker version 20.10.24+dfsg1, build x without the Consul cluster store, as distributions build it"},
		{"no Docker", "docker/dockerd", dockerd("podman version 4.3.1", store), "", "its dockerd calls itself podman version 4.3.1"},
		{"no engine", "docker/docker", dockerd("Docker version 20.10.24"), "", "it has no docker/dockerd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			archive, sum := engineArchive(t, test.file, test.dockerd)
			if test.sum != "" {
				sum = test.sum
			}
			output, engines, err := installEngine(t, archive, sum, 1)
			if err == nil || !strings.Contains(output, "error: https://example.com/docker.tgz: ") || !strings.Contains(output, test.want) {
				t.Errorf("script printed %q (%v), want %q", output, err, test.want)
			}
			if _, err := os.Stat(filepath.Join(engines, "installed")); err == nil {
				t.Error("the engine was installed nevertheless")
			}
			if unpacked, _ := filepath.Glob(filepath.Join(engines, "unfinished.*", "docker")); test.sum != "" && len(unpacked) > 0 {
				t.Errorf("an archive with another checksum was unpacked: %v", unpacked)
			}
		})
	}
}

// The status is as the standalone Swarm gives it: a line for each node, and lines of what it knows of that.
const swarmStatus = `{"SystemStatus": [["Role","replica"],["Primary","10.50.2.4:4000"],["Strategy","spread"],["Nodes","3"],
 [" web-0","10.50.128.4:2376"],["  └ ID","A"],["  └ Status","Healthy"],["  └ Labels","tier=web"],
 [" web-1","10.50.128.5:2376"],["  └ ID","B"],["  └ Status","Unhealthy"],
 [" (unknown)","10.50.128.6:2376"],["  └ ID",""],["  └ Status","Pending"]]}`

func TestClassicManagersStatusIsUnderstood(t *testing.T) {
	script := Script{Parameters: []Parameter{{"STATUS", swarmStatus}}, Files: []string{"classic-member"}}
	none := strings.Replace(swarmStatus, "10.50.2.4:4000", "", 1)
	for _, test := range []struct{ name, status, call, want string }{
		{"healthy", swarmStatus, "not_healthy 10.50.2.5 web-0", ""},
		{"others", swarmStatus, "not_healthy 10.50.2.5 'web-0 web-1 web-2'", "error: web-1: Unhealthy\nweb-2: not in the Swarm\n"},
		{"no answer", "", "not_healthy 10.50.2.5 web-0", "error: 10.50.2.5: no answer\n"},
		{"forwards", swarmStatus, "knows_primary 10.50.2.5", ""},
		{"no primary", none, "knows_primary 10.50.2.5", "error: 10.50.2.5: no primary is elected\n"},
		{"is the primary", strings.Replace(none, "replica", "primary", 1), "knows_primary 10.50.2.5", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			script.Parameters[0].Value = test.status
			output, err := run(t, script, `curl() { [ -n "$STATUS" ] && cat <<<"$STATUS"; }`+"\nsaid=$("+test.call+`) || die "$said"`, "{}")
			if output != test.want || (err == nil) != (test.want == "") {
				t.Errorf("script printed %q (%v), want %q", output, err, test.want)
			}
		})
	}
}
