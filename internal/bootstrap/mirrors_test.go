package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mirrors runs the script with an engine that reads its configuration as dockerd does: a reload without a list keeps the one
// there is.
func mirrors(t *testing.T, dir, wanted string, more ...string) {
	t.Helper()
	script := Script{Parameters: []Parameter{
		{"NODE", "web-0"}, {"DIR", dir}, {"ENGINE_CONFIG", dir}, {"MIRRORS_STAMP", dir + "/stamp"}, {"IMAGE_MIRRORS", wanted},
	}, Files: append([]string{"image-mirrors"}, more...)}
	output, err := run(t, script, `docker() { cat "$DIR/running" 2>/dev/null || true; }
systemctl() { say "$*" >>"$DIR/log"; jq --raw-output 'select(has("registry-mirrors")) | ."registry-mirrors" | map("\(.) ") | add // ""' "$DIR/daemon.json" >"$DIR/new"
  [ ! -s "$DIR/new" ] || mv "$DIR/new" "$DIR/running"; }
ensure_mirrors`, `{"imageCacheCa":"authority"}`)
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

const (
	one = "https://10.0.2.4:5000/"
	two = one + " https://10.0.2.5:5000/"
)

func TestEngineAsksTheCachesAndThenNoMore(t *testing.T) {
	dir := t.TempDir()
	const own = `{"bip": "172.17.0.1/16"}`
	config := filepath.Join(dir, "daemon.json")
	if err := os.WriteFile(config, []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ wanted, config, running, trusted, log string }{
		{"", own, "", "", ""},
		{two, `{ "bip": "172.17.0.1/16", "registry-mirrors": [ "https://10.0.2.4:5000/", "https://10.0.2.5:5000/" ] }`, two, "10.0.2.4:5000 10.0.2.5:5000", "reload docker.service"},
		{two, `{ "bip": "172.17.0.1/16", "registry-mirrors": [ "https://10.0.2.4:5000/", "https://10.0.2.5:5000/" ] }`, two, "10.0.2.4:5000 10.0.2.5:5000", ""},
		{one, `{ "bip": "172.17.0.1/16", "registry-mirrors": [ "https://10.0.2.4:5000/" ] }`, one, "10.0.2.4:5000", "reload docker.service"},
		{"", `{ "bip": "172.17.0.1/16" }`, "", "", "reload docker.service"},
		{"", `{ "bip": "172.17.0.1/16" }`, "", "", ""},
	} {
		_ = os.Remove(filepath.Join(dir, "log"))
		mirrors(t, dir, step.wanted)
		var trusted []string
		files, err := filepath.Glob(filepath.Join(dir, "certs.d", "*", "azswarm.crt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			trusted = append(trusted, filepath.Base(filepath.Dir(file)))
			if got := read(t, file); got != "authority" {
				t.Errorf("%s has %q", file, got)
			}
		}
		if got := read(t, config); got != step.config {
			t.Errorf("wanted %q: configuration %s, want %s", step.wanted, got, step.config)
		}
		if got := read(t, filepath.Join(dir, "running")); got != step.running {
			t.Errorf("wanted %q: the engine asks %q", step.wanted, got)
		}
		if got := strings.Join(trusted, " "); got != step.trusted {
			t.Errorf("wanted %q: trusted are %q, want %q", step.wanted, got, step.trusted)
		}
		if got := read(t, filepath.Join(dir, "log")); got != step.log {
			t.Errorf("wanted %q: called %q, want %q", step.wanted, got, step.log)
		}
	}
}

func TestMirrorsOfOthersAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	const own = `{"registry-mirrors": ["https://mirror.example.com/"]}`
	if err := os.WriteFile(filepath.Join(dir, "daemon.json"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	mirrors(t, dir, "")
	if got := read(t, filepath.Join(dir, "daemon.json")); got != own {
		t.Errorf("configuration is %s", got)
	}
}

// A classic worker's engine would forget its cluster store.
func TestClassicEngineIsNotReloaded(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"daemon.json", "classic.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mirrors(t, dir, one, "classic-engine")
	if got := read(t, filepath.Join(dir, "log")); got != "" {
		t.Errorf("called %q", got)
	}
	if got := read(t, filepath.Join(dir, "daemon.json")); !strings.Contains(got, one) {
		t.Errorf("configuration is %s", got)
	}
}

func TestCacheFetchesAllOfAnImageForItsPlatform(t *testing.T) {
	script := Script{Parameters: []Parameter{{"NODE", "managers-0"}}, Files: []string{"image-cache"}}
	output, err := run(t, script, `from_cache() { say "$1" >&2; case $1 in
*/1.28) say '{"manifests": [{"digest": "sha256:arm", "platform": {"os": "linux", "architecture": "arm64"}}, {"digest": "sha256:amd", "platform": {"os": "linux", "architecture": "amd64"}}]}' ;;
*/sha256:amd) say '{"config": {"digest": "sha256:c"}, "layers": [{"digest": "sha256:1"}, {"digest": "sha256:2"}]}' ;;
*/sha256:2) return 22 ;;
esac; }
preload library/nginx/manifests/1.28 || say incomplete`, "{}")
	want := "library/nginx/manifests/1.28\nlibrary/nginx/manifests/sha256:amd\nlibrary/nginx/blobs/sha256:c\nlibrary/nginx/blobs/sha256:1\nlibrary/nginx/blobs/sha256:2\nincomplete\n"
	if err != nil || output != want {
		t.Errorf("script printed %q (%v), want %q", output, err, want)
	}
}
