package config

import (
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// Images says where container images come from.
type Images struct {
	Registry string // takes Docker Hub's place for azswarm's own: host and path, without a slash at the end; "" for Docker Hub itself
	Cache    string // image of the managers' cache of what workers pull from Docker Hub; "" for none
	Upstream string // with Cache: the URL of the registry that it fetches from; "" for Docker Hub
}

func decodeImages(c *Config, v value) {
	f, _ := v.object("registry", "cache", "upstream")
	registry, ok := f["registry"].text("")
	if ok && f["registry"].set {
		v.problems.Registry(f["registry"].path, registry)
	}
	c.Images.Registry = registry
	decodeImageCache(c, f["cache"], f["upstream"])
	if f["cache"].set && f["registry"].set {
		v.problems.CacheOrRegistry(f["cache"].path, c.Images.Cache, f["registry"].path)
	}
}

func decodeImageCache(c *Config, cache, upstream value) {
	if !cache.set {
		if upstream.set {
			upstream.problems.Add(upstream.path, "is for %s only", cache.path)
		}
		return
	}
	c.Images.Cache = decodeImage(cache, rules.ExampleCacheImage)
	text, ok := upstream.text("")
	if ok && upstream.set {
		upstream.problems.Upstream(upstream.path, text)
	}
	c.Images.Upstream = text
}

// options are the parts of a cluster that the configuration asks for.
func (c *Config) options() []ports.Option {
	if c.Images.Cache == "" {
		return nil
	}
	return []ports.Option{ports.ImageCache}
}

// Name is the name an image is pulled by.
func (i Images) Name(image string) string { return rules.ImageName(i.Registry, image) }
