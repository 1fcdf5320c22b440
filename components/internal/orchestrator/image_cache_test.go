package orchestrator

import "testing"

func TestOnlyImagesOfDockerHubAreThere(t *testing.T) {
	const digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for image, want := range map[string]string{
		"nginx:1.28": "library/nginx/manifests/1.28", "hashicorp/consul:1.22": "hashicorp/consul/manifests/1.22",
		"docker.io/nginx:1.28": "library/nginx/manifests/1.28", "swarm:1.2.9@" + digest: "library/swarm/manifests/" + digest,
		"a/b/c@" + digest: "a/b/c/manifests/" + digest,
		"ghcr.io/x/y:1":   "", "cache:5000/y:1": "", "localhost/y:1": "",
	} {
		if got := hubManifest(image); got != want {
			t.Errorf("%s: %q, want %q", image, got, want)
		}
	}
}
