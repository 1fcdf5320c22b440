//go:build e2e

package artifacts

import (
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestEnsure makes the real artifacts, in the user's cache, from two callers at once. It needs Docker and what
// setup.sh installs; the first run takes a quarter of an hour.
func TestEnsure(t *testing.T) {
	var group sync.WaitGroup
	var sets [2]*Set
	for i := range sets {
		group.Go(func() {
			set, err := Ensure(t.Context(), Options{Build: true, Hub: HubNever})
			if err != nil {
				t.Error(err)
				return
			}
			sets[i] = set
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	set := sets[0]
	if other := sets[1]; set.Pulumi != other.Pulumi || set.NodeImage != other.NodeImage || set.Registry != other.Registry {
		t.Errorf("two callers got %+v and %+v", set, other)
	}
	version, err := exec.Command(filepath.Join(set.Pulumi, "pulumi"), "version").Output()
	if err != nil || !pulumiUsable(strings.TrimSpace(string(version))) {
		t.Errorf("pulumi version is %q, %v", version, err)
	}
	hosts, err := filepath.Glob(filepath.Join(set.Pulumi, "pulumi-language-*"))
	if err != nil || len(hosts) != 1 || filepath.Base(hosts[0]) != "pulumi-language-go" {
		t.Errorf("language hosts are %q, %v; want pulumi-language-go alone", hosts, err)
	}
	if out, err := exec.Command("docker", "image", "inspect", set.NodeImage).CombinedOutput(); err != nil {
		t.Errorf("Docker has no %s: %s", set.NodeImage, out)
	}
	repositories := filepath.Join(set.Registry, "docker/registry/v2/repositories")
	for _, tag := range []string{"hashicorp/consul/_manifests/tags/1.22", "library/nginx/_manifests/tags/1.28", "gliderlabs/registrator/_manifests/tags/v7", "library/swarm/_manifests/tags/1.2.9", "library/registry/_manifests/tags/2"} {
		if !exists(filepath.Join(repositories, tag, "current", "link")) {
			t.Errorf("the registry lacks %s", tag)
		}
	}
	if len(set.Substituted) == 0 || set.Upstream {
		t.Errorf("substituted are %q, upstream is %v", set.Substituted, set.Upstream)
	}
}
