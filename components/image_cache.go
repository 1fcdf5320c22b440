package components

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
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

// imageCacheParameters are what a manager's script needs to run the cache: secrets gets a certificate for the manager's private
// address. It is not the one of the Swarm API, which is worth more.
func (s *SwarmManagerSet) imageCacheParameters(ctx *pulumi.Context, m *machine.Machine, secrets pulumi.Map) (pulumi.StringMap, error) {
	cache := s.network().args.ImageCache
	if cache.Image == nil {
		return nil, nil
	}
	certificate, err := stash.FromOutput(ctx, m.Name+"-image-cache", s.args.RotateCA, issue(s.ca, pki.Request{
		CommonName: m.Name + " image cache", IPs: []netip.Addr{m.Address}, Server: true,
	}), pulumi.Parent(m.Set))
	if err != nil {
		return nil, err
	}
	secrets["imageCacheCa"] = s.ca.MapIndex(pulumi.String("certificate"))
	secrets["imageCacheCertificate"] = certificate.MapIndex(pulumi.String("certificate"))
	secrets["imageCacheKey"] = certificate.MapIndex(pulumi.String("key"))
	preload := pulumi.StringArray{}
	for _, image := range cache.Preload {
		preload = append(preload, inputs.MapText(image, hubManifest))
	}
	return pulumi.StringMap{
		"IMAGE_CACHE":    cache.Image,
		"IMAGE_UPSTREAM": pulumi.String(cache.Upstream),
		"IMAGE_PRELOAD":  joinWords(preload),
	}, nil
}

// joinWords joins the texts that are not empty.
func joinWords(texts pulumi.StringArray) pulumi.StringInput {
	words := []string{}
	for _, text := range texts {
		plain, ok := text.(pulumi.String)
		if !ok {
			return texts.ToStringArrayOutput().ApplyT(joined).(pulumi.StringOutput)
		}
		words = append(words, string(plain))
	}
	return pulumi.String(joined(words))
}

func joined(texts []string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), " ")
}

// imageMirrorParameters are what a worker's script needs to use the caches. All workers have the managers in the same order, so
// that what one asked for is there for the others; the other managers are in reserve.
func (s *SwarmManagerSet) imageMirrorParameters(secrets pulumi.Map) []bootstrap.Parameter {
	if s.network().args.ImageCache.Image == nil {
		return nil
	}
	secrets["imageCacheCa"] = s.ca.MapIndex(pulumi.String("certificate"))
	var mirrors []string
	for _, address := range s.planned {
		mirrors = append(mirrors, fmt.Sprintf("https://%s:%d/", address, ports.ImageCachePort)) // as engines spell them
	}
	return []bootstrap.Parameter{{Name: "IMAGE_MIRRORS", Value: strings.Join(mirrors, " ")}}
}

// hubManifest is where registries have the manifest of an image of Docker Hub, such as "library/nginx/manifests/1.28". Images of
// other registries have none, "".
func hubManifest(image string) string {
	host, rest, qualified := strings.Cut(image, "/")
	switch {
	case !qualified:
		image = "library/" + image
	case host == "docker.io":
		return hubManifest(rest)
	case strings.ContainsAny(host, ".:") || host == "localhost":
		return ""
	}
	repository, digest, pinned := strings.Cut(image, "@")
	repository, tag, _ := strings.Cut(repository, ":")
	if pinned {
		tag = digest
	}
	return repository + "/manifests/" + tag
}
