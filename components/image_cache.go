package components

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/kept"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// dockerHub is where Docker Hub has its images.
const dockerHub = "https://registry-1.docker.io"

// ImageCache is a cache on every manager of the container images that workers pull from Docker Hub. All machines of a network
// leave by one public address, and Docker Hub lets that pull a number of images in some hours: with the cache, an image counts
// once, whatever the number of workers.
//
// Workers ask the managers in their order, over TLS with a certificate of the Swarm's own authority, and Docker Hub itself where
// no manager answers. Images of other registries don't go through the cache: engines know no mirrors for these.
type ImageCache struct {
	// Image of the cache, with a tag: CNCF Distribution, "registry:2". Default none, which means no cache.
	Image string
	// Upstream is the https URL of the registry that the images come from, without a path: Docker Hub, or a mirror of it that
	// wants no credentials. Default Docker Hub.
	Upstream string
	// Preload are images that every cache fetches before workers ask: what all of them need at the same time. Images of other
	// registries among them are left out.
	Preload []string
}

// validate fills in defaults and reports everything wrong. The network has opened the cache's port or not.
func (c *ImageCache) validate(open bool) error {
	if (c.Image != "") != open {
		return refused("ImageCache.Image", "%q, but NetworkArgs.ImageCache is %t; must be an image with true, and empty with false", c.Image, open)
	}
	if c.Image == "" {
		if c.Upstream != "" || len(c.Preload) > 0 {
			return refused("ImageCache.Image", "empty; Upstream and Preload need a cache")
		}
		return nil
	}
	if c.Upstream == "" {
		c.Upstream = dockerHub
	}
	errs := []error{validateImage("ImageCache.Image", c.Image)}
	if address, err := url.Parse(c.Upstream); err != nil || address.Hostname() == "" || c.Upstream != "https://"+address.Host {
		errs = append(errs, refused("ImageCache.Upstream", "%q; must be the https URL of a registry, without a path", c.Upstream))
	}
	for i, image := range c.Preload {
		errs = append(errs, validateImage(fmt.Sprintf("ImageCache.Preload[%d]", i), image))
	}
	return errors.Join(errs...)
}

// options are the parts of the port table that are there on request.
func (a *NetworkArgs) options() []ports.Option {
	if !a.ImageCache {
		return nil
	}
	return []ports.Option{ports.ImageCache}
}

// imageCacheParameters are what a manager's script needs to run the cache: secrets gets a certificate for the manager's private
// address. It is not the one of the Swarm API, which is worth more.
func (s *SwarmManagerSet) imageCacheParameters(ctx *pulumi.Context, m *Machine, secrets pulumi.Map) ([]bootstrap.Parameter, error) {
	cache := s.args.ImageCache
	if cache.Image == "" {
		return nil, nil
	}
	certificate, err := kept.FromOutput(ctx, m.Name+"-image-cache", s.args.RotateCA, issue(s.ca, pki.Request{
		CommonName: m.Name + " image cache", IPs: []netip.Addr{m.Address}, Server: true,
	}), pulumi.Parent(m.set))
	if err != nil {
		return nil, err
	}
	secrets["imageCacheCa"] = s.ca.MapIndex(pulumi.String("certificate"))
	secrets["imageCacheCertificate"] = certificate.MapIndex(pulumi.String("certificate"))
	secrets["imageCacheKey"] = certificate.MapIndex(pulumi.String("key"))
	var preload []string
	for _, image := range cache.Preload {
		if manifest, ok := hubManifest(image); ok {
			preload = append(preload, manifest)
		}
	}
	return []bootstrap.Parameter{
		{Name: "IMAGE_CACHE", Value: cache.Image}, {Name: "IMAGE_UPSTREAM", Value: cache.Upstream},
		{Name: "IMAGE_PRELOAD", Value: strings.Join(preload, " ")},
	}, nil
}

// imageMirrorParameters are what a worker's script needs to use the caches. All workers have the managers in the same order, so
// that what one asked for is there for the others; the other managers are in reserve.
func (s *SwarmManagerSet) imageMirrorParameters(secrets pulumi.Map) []bootstrap.Parameter {
	if s.args.ImageCache.Image == "" {
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
// other registries have none.
func hubManifest(image string) (path string, ok bool) {
	host, rest, qualified := strings.Cut(image, "/")
	switch {
	case !qualified:
		image = "library/" + image
	case host == "docker.io":
		return hubManifest(rest)
	case strings.ContainsAny(host, ".:") || host == "localhost":
		return "", false
	}
	repository, digest, pinned := strings.Cut(image, "@")
	repository, tag, _ := strings.Cut(repository, ":")
	if pinned {
		tag = digest
	}
	return repository + "/manifests/" + tag, true
}
