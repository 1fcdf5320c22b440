package components

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// ImageCache is a cache on every manager of the container images that workers pull from Docker Hub. All machines of a network
// leave by one public address, and Docker Hub lets that pull a number of images in some hours: with the cache, an image counts
// once, whatever the number of workers.
//
// Workers ask the managers in their order, over TLS with a certificate of the Swarm's own authority, and Docker Hub itself where
// no manager answers. Images of other registries don't go through the cache: engines know no mirrors for these.
type ImageCache struct {
	// Image of the cache, with a tag: CNCF Distribution, "registry:2". Default none, which means no cache.
	Image pulumi.StringInput `pulumi:"image,optional"`
	// Upstream is the https URL of the registry that the images come from, without a path: Docker Hub, or a mirror of it that
	// wants no credentials. Default Docker Hub.
	Upstream string `pulumi:"upstream,optional"`
	// Preload are images that every cache fetches before workers ask: what all of them need at the same time. Images of other
	// registries among them are left out.
	Preload pulumi.StringArray `pulumi:"preload,optional"`
}

// validate fills in defaults and reports everything wrong.
func (c *ImageCache) validate(p *rules.Problems, heading, path string) {
	image, upstream := rules.Field(path, "image"), rules.Field(path, "upstream")
	if c.Image == nil {
		if c.Upstream != "" || len(c.Preload) > 0 {
			p.Add(image, "is missing; upstream and preload need a cache")
		}
		return
	}
	c.Upstream = cmp.Or(c.Upstream, rules.DefaultUpstream)
	c.Image = inputs.CheckedImage(p, heading, image, c.Image, rules.ExampleCacheImage)
	p.Upstream(upstream, c.Upstream)
	preload := pulumi.StringArray{}
	for i, named := range c.Preload {
		preload = append(preload, inputs.CheckedImage(p, heading, rules.Item(rules.Field(path, "preload"), i), named, "nginx:1.28"))
	}
	c.Preload = preload
}
