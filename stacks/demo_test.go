package stacks

import (
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

// The provider pins a digest itself where it is given none, and takes the tag for another image at the next update.
func TestServicesOfTheDemoHaveTheirImageByDigest(t *testing.T) {
	const command, service = "remote:Command", "docker:index/service:Service"
	configure(t, "dev")
	g := graphtest.MustRun(t, Deploy)
	for _, name := range []string{demoServer, demoClient} {
		if !g.DependsOn(t, service, name, command, "demo-image-"+demoImage) {
			t.Errorf("%s does not wait for the digest of its image", name)
		}
	}
	if call := graphtest.Text(t, g.Get(t, command, "demo-image-"+demoImage), "create"); !strings.Contains(call, "pin_image") || !strings.Contains(call, "IMAGE="+demoImage) {
		t.Errorf("asks for the digest with %q", call)
	}
}
