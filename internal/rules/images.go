package rules

import "strings"

// dockerHubLibrary is where Docker Hub keeps the images whose names have one part.
const dockerHubLibrary = "library/"

// ImageName is the name an image is pulled by, where a registry takes Docker Hub's place; "" for Docker Hub itself. An image
// that names a registry of its own comes from there.
func ImageName(registry, image string) string {
	host, _, qualified := strings.Cut(image, "/")
	switch {
	case registry == "" || qualified && (strings.ContainsAny(host, ".:") || host == "localhost"):
		return image
	case !qualified:
		image = dockerHubLibrary + image
	}
	return registry + "/" + image
}

// CacheOrRegistry refuses both at once; the path of the registry is named.
func (p *Problems) CacheOrRegistry(path string, cache any, registryPath string) {
	p.Refuse(path, cache, "caches what is named as an image of Docker Hub, and with %s nothing is; must be one of the two", registryPath)
}
