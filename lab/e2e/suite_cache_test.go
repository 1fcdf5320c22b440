//go:build e2e

package e2e

import "testing"

// The image cache, with many workers.

func TestImageCacheCostsOneUpstreamPull(t *testing.T) { cachesImages(t) }
