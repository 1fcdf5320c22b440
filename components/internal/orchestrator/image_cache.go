package orchestrator

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/authority"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
	"github.com/seed-3bc5c20b/azswarm/components/internal/machine"
	"github.com/seed-3bc5c20b/azswarm/components/internal/stash"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/internal/pki"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// Cache is a cache of images on every manager; none without an image.
type Cache struct {
	Image    pulumi.StringInput
	Upstream string
	Preload  pulumi.StringArray
}

// cacheValues are what a manager's script needs to run the cache: secrets gets a certificate for the manager's private
// address. It is not the one of the Swarm API, which is worth more.
func (s *Swarm) cacheValues(ctx *pulumi.Context, m *machine.Machine, secrets pulumi.Map) (pulumi.StringMap, error) {
	cache := s.Cache
	if cache.Image == nil {
		return nil, nil
	}
	certificate, err := stash.FromOutput(ctx, m.Name+"-image-cache", s.RotateCA, authority.Issue(s.CA, pki.Request{
		CommonName: m.Name + " image cache", IPs: []netip.Addr{m.Address}, Server: true,
	}), pulumi.Parent(m.Set))
	if err != nil {
		return nil, err
	}
	secrets["imageCacheCa"] = s.CA.MapIndex(pulumi.String("certificate"))
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

// mirrorParameters are what a worker's script needs to use the caches. All workers have the managers in the same order, so
// that what one asked for is there for the others; the other managers are in reserve.
func (s *Swarm) mirrorParameters(secrets pulumi.Map) []bootstrap.Parameter {
	if s.Cache.Image == nil {
		return nil
	}
	secrets["imageCacheCa"] = s.CA.MapIndex(pulumi.String("certificate"))
	var mirrors []string
	for _, address := range s.Planned {
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
