package config

import (
	"regexp"
	"strings"
)

// dockerHubLibrary is where Docker Hub keeps the images whose names have one part.
const dockerHubLibrary = "library/"

// registryPattern is a host, perhaps with a port, and a path. A host is told from a path by its dot or port.
var registryPattern = regexp.MustCompile(`^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?|[A-Za-z0-9-]+:[0-9]{1,5})` +
	`(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$`)

// Images says where the images of azswarm's own containers come from.
type Images struct {
	Registry string // takes Docker Hub's place: host and path, without a slash at the end; "" for Docker Hub itself
}

func decodeImages(c *Config, v value) {
	f, _ := v.object("registry")
	registry, ok := f["registry"].text("")
	if ok && f["registry"].set && !registryPattern.MatchString(registry) {
		f["registry"].refuse("must be a registry and a path in it, such as example.azurecr.io/hub, without a scheme and a slash at the end")
	}
	c.Images.Registry = registry
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
