package config

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// dockerHubLibrary is where Docker Hub keeps the images whose names have one part.
const dockerHubLibrary = "library/"

// registryPattern is a host, perhaps with a port, and a path. A host is told from a path by its dot or port.
var registryPattern = regexp.MustCompile(`^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?|[A-Za-z0-9-]+:[0-9]{1,5})` +
	`(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$`)

// Images says where container images come from.
type Images struct {
	Registry string // takes Docker Hub's place for azswarm's own: host and path, without a slash at the end; "" for Docker Hub itself
	Cache    string // image of the managers' cache of what workers pull from Docker Hub; "" for none
	Upstream string // with Cache: the URL of the registry that it fetches from; "" for Docker Hub
}

func decodeImages(c *Config, v value) {
	f, _ := v.object("registry", "cache", "upstream")
	registry, ok := f["registry"].text("")
	if ok && f["registry"].set && !registryPattern.MatchString(registry) {
		f["registry"].refuse("must be a registry and a path in it, such as example.azurecr.io/hub, without a scheme and a slash at the end")
	}
	c.Images.Registry = registry
	decodeImageCache(c, f["cache"], f["upstream"])
	if f["cache"].set && f["registry"].set {
		f["cache"].refuse("caches what is named as an image of Docker Hub, and with %s nothing is; must be one of the two", f["registry"].path)
	}
}

func decodeImageCache(c *Config, cache, upstream value) {
	if !cache.set {
		if upstream.set {
			upstream.problems.add(upstream.path, "is for %s only", cache.path)
		}
		return
	}
	c.Images.Cache = decodeImage(c, cache, "registry:2")
	text, ok := upstream.text("")
	if ok && upstream.set && !isOrigin(text) {
		upstream.refuse("must be the https URL of a registry with Docker Hub's images, without a path, such as https://mirror.example.com")
	}
	c.Images.Upstream = text
}

// isOrigin tells an https URL of a host and nothing else.
func isOrigin(text string) bool {
	address, err := url.Parse(text)
	return err == nil && address.Hostname() != "" && text == "https://"+address.Host
}

// options are the parts of a cluster that the configuration asks for.
func (c *Config) options() []ports.Option {
	if c.Images.Cache == "" {
		return nil
	}
	return []ports.Option{ports.ImageCache}
}

// Name is the name an image is pulled by. An image that names a registry of its own comes from there.
func (i Images) Name(image string) string {
	host, _, qualified := strings.Cut(image, "/")
	switch {
	case i.Registry == "" || qualified && (strings.ContainsAny(host, ".:") || host == "localhost"):
		return image
	case !qualified:
		image = dockerHubLibrary + image
	}
	return i.Registry + "/" + image
}
