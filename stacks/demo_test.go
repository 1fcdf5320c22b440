package stacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
)

// The provider takes the digest that it pinned itself for another image than the tag.
func TestServicesOfTheDemoFollowTheirImagesName(t *testing.T) {
	configure(t, "dev")
	g, found := graphtest.MustRun(t, Deploy), 0
	for _, r := range g.Resources {
		if !strings.HasSuffix(r.Token, ":Service") {
			continue
		}
		found++
		image := graphtest.Text(t, r.Inputs, "taskSpec.containerSpec.image")
		if !slices.Contains(r.Request.GetIgnoreChanges(), "taskSpec.containerSpec.image") {
			t.Errorf("%s: its image is another one at the second update", r.Name)
		}
		if got := r.Request.GetReplacementTrigger().GetStringValue(); got != image || !r.Request.GetDeleteBeforeReplace() {
			t.Errorf("%s: is replaced for %q (the old one first: %v), want its image, %s", r.Name, got, r.Request.GetDeleteBeforeReplace(), image)
		}
	}
	if found != 2 {
		t.Errorf("%d services, want 2", found)
	}
}
