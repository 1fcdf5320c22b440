package config

import (
	"strings"
	"testing"
)

func TestImagesComeFromTheRegistry(t *testing.T) {
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, test := range []struct{ registry, image, want string }{
		{"", "hashicorp/consul:1.22", "hashicorp/consul:1.22"},
		{"example.azurecr.io/hub", "hashicorp/consul:1.22", "example.azurecr.io/hub/hashicorp/consul:1.22"},
		{"example.azurecr.io", "nginx:1.28", "example.azurecr.io/library/nginx:1.28"},
		{"cache:5000", "swarm" + digest, "cache:5000/library/swarm" + digest},
		{"example.azurecr.io/hub", "ghcr.io/x/y:1", "ghcr.io/x/y:1"},
		{"example.azurecr.io/hub", "cache:5000/y:1", "cache:5000/y:1"},
		{"example.azurecr.io/hub", "localhost/y:1", "localhost/y:1"},
	} {
		if got := (Images{Registry: test.registry}).Name(test.image); got != test.want {
			t.Errorf("%s from %q: %s, want %s", test.image, test.registry, got, test.want)
		}
	}
}

func TestRegistriesAreChecked(t *testing.T) {
	for _, registry := range []string{"", "hub", "https://example.azurecr.io", "example.azurecr.io/", "example.azurecr.io/Hub", "example.azurecr.io/hub:1", "a b.c"} {
		_, err := Decode(with("azswarm:images", `{"registry": "`+registry+`"}`))
		if err == nil || !strings.Contains(err.Error(), "azswarm:images.registry") || !strings.Contains(err.Error(), "such as example.azurecr.io/hub") {
			t.Errorf("registry %q: %v, want a refusal with an example", registry, err)
		}
	}
	for _, registry := range []string{"example.azurecr.io", "10.0.0.1:5000", "cache:5000/a/b-c", "registry.example.com:443/x_y/z.1"} {
		decode(t, with("azswarm:images", `{"registry": "`+registry+`"}`))
	}
}

func TestImageCacheIsOffUnlessNamed(t *testing.T) {
	if got := decode(t, with("azswarm:images", `{}`)).Images; got != (Images{}) {
		t.Errorf("by default: %+v", got)
	}
	raw := with("azswarm:images", `{"cache": "registry:2", "upstream": "https://mirror.example.com:8443"}`)
	if got, want := decode(t, raw).Images, (Images{Cache: "registry:2", Upstream: "https://mirror.example.com:8443"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := decode(t, with("azswarm:images", `{"cache": "ghcr.io/x/registry:2.8.3"}`)).Images.Name("nginx:1.28"); got != "nginx:1.28" {
		t.Errorf("with a cache, images are called %s: mirrors know no other name than Docker Hub's", got)
	}
}

func TestImageCacheTakesItsPort(t *testing.T) {
	raw := with("azswarm:workers", `[{"name": "web", "count": 1, "ports": [{"port": 80, "targetPort": 5000}]}]`)
	decode(t, raw)
	raw["azswarm:images"] = `{"cache": "registry:2"}`
	if _, err := Decode(raw); err == nil || !strings.Contains(err.Error(), "azswarm:workers[0].ports[0].targetPort: 5000: is the platform's") {
		t.Errorf("port 5000 beside the cache: %v", err)
	}
}
