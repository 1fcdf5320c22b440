package components

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// withCache turns the cache of a cluster on.
func withCache(c *cluster) *cluster {
	c.network.ImageCache = ImageCache{
		Image:   pulumi.String("registry:2"),
		Preload: pulumi.ToStringArray([]string{"hashicorp/consul:1.22", "ghcr.io/x/y:1", "nginx:1.28"}),
	}
	return c
}

// ruleNames are the names of a tier's security rules.
func ruleNames(t *testing.T, g *graphtest.Graph, tier ports.Peer) []string {
	t.Helper()
	var names []string
	for _, rule := range graphtest.At(t, g.Get(t, ":NetworkSecurityGroup", "net-"+string(tier)), "securityRules").ArrayValue() {
		names = append(names, rule.ObjectValue()["name"].StringValue())
	}
	return names
}

func TestNothingOfTheImageCacheIsRegisteredByDefault(t *testing.T) {
	// The scripts have what removes a cache that was there: the search is for what makes one.
	traces := []string{"-image-cache", "image cache", "IMAGE_CACHE=", "IMAGE_MIRRORS=", "imageCacheCa\"", "imageCacheKey\"", "registry:2", "registry-1.docker.io"}
	for name, c := range map[Orchestrator]func() *cluster{SwarmMode: newCluster, Classic: newClassic} {
		found := map[string]bool{}
		for _, r := range graphtest.MustRun(t, withCache(c()).deploy).Resources {
			for _, trace := range traces {
				found[trace] = found[trace] || strings.Contains(r.Name, trace) || strings.Contains(parameters(t, r), trace)
			}
		}
		g := graphtest.MustRun(t, c().deploy)
		for _, trace := range traces {
			if !found[trace] {
				t.Errorf("%s: nothing has %q with the cache: it proves nothing that it is absent without", name, trace)
			}
			for _, r := range g.Resources {
				if strings.Contains(r.Name, trace) || strings.Contains(parameters(t, r), trace) {
					t.Errorf("%s: %s %s has %q", name, r.Token, r.Name, trace)
				}
			}
		}
		if got := ruleNames(t, g, ports.Managers); slices.Contains(got, "image-cache") {
			t.Errorf("%s: managers have the rules %v", name, got)
		}
	}
}

// parameters are all that a resource is made from, but for the texts of scripts.
func parameters(t *testing.T, r graphtest.Resource) string {
	t.Helper()
	return regexp.MustCompile(`(?s)# shellcheck shell=bash.*?\nexit\n}\n`).ReplaceAllString(everything(t, r), "")
}

func TestWorkersUseTheCacheOfEveryManager(t *testing.T) {
	for name, c := range map[Orchestrator]*cluster{SwarmMode: newCluster(), Classic: newClassic()} {
		g := graphtest.MustRun(t, withCache(c).deploy)
		for command, calls := range map[string]string{"web-1-join": "ensure_host; ensure_mirrors; ensure_consul", "managers-2-join": "join_as_manager; ensure_image_cache"} {
			if text := graphtest.Text(t, g.Get(t, "remote:Command", command), "create"); !strings.Contains(text, calls) {
				t.Errorf("%s: %s lacks %q:\n%s", name, command, calls, text)
			}
		}
		for parameter, want := range map[string]string{
			"web-1-join IMAGE_MIRRORS":       "https://10.20.2.4:5000/ https://10.20.2.5:5000/ https://10.20.2.6:5000/",
			"managers-2-join IMAGE_CACHE":    "registry:2",
			"managers-2-join IMAGE_UPSTREAM": "https://registry-1.docker.io",
			"managers-2-join IMAGE_PRELOAD":  "hashicorp/consul/manifests/1.22 library/nginx/manifests/1.28",
		} {
			command, of, _ := strings.Cut(parameter, " ")
			if got := graphtest.Parameter(t, g.Get(t, "remote:Command", command), of); got != want {
				t.Errorf("%s: %s is %q, want %q", name, parameter, got, want)
			}
		}
		if got := ruleNames(t, g, ports.Managers); got[len(got)-2] != "image-cache" {
			t.Errorf("%s: managers have the rules %v, want the cache's before the last", name, got)
		}
		for _, tier := range []ports.Peer{ports.Bastion, ports.Consul, ports.Workers} {
			if got := ruleNames(t, g, tier); slices.Contains(got, "image-cache") {
				t.Errorf("%s: %s have the rules %v", name, tier, got)
			}
		}
		expectSecretsOffCommands(t, g)
	}
}

func TestImageCacheHasACertificateOfItsOwn(t *testing.T) {
	g := graphtest.MustRun(t, withCache(newCluster()).deploy)
	secrets := func(name string) map[string]string {
		text := everything(t, graphtest.Resource{Inputs: g.Get(t, "remote:Command", name)})
		_, rest, _ := strings.Cut(text[strings.LastIndex(text, `{"agent"`):], "")
		var fields map[string]string
		if err := json.NewDecoder(strings.NewReader(rest)).Decode(&fields); err != nil {
			t.Fatalf("secrets of %s: %v", name, err)
		}
		return fields
	}
	manager, worker := secrets("managers-0-join"), secrets("web-0-join")
	if manager["imageCacheKey"] == "" || manager["imageCacheKey"] == manager["dockerKey"] {
		t.Error("the cache has the key of the Swarm API, or none")
	}
	if worker["imageCacheCa"] != manager["dockerCa"] {
		t.Error("workers don't trust the authority of the Swarm for the cache")
	}
	if worker["imageCacheKey"] != "" || worker["imageCacheCertificate"] != "" {
		t.Error("workers have the cache's certificate")
	}
}

func TestImageCachesAreRefusedWithTheReason(t *testing.T) {
	for _, test := range []struct {
		name string
		vary func(*cluster)
		want string
	}{
		{"no cache", func(c *cluster) { c.network.ImageCache.Image = nil }, "imageCache.image: is missing; upstream and preload need a cache"},
		{"no tag", func(c *cluster) { c.network.ImageCache.Image = pulumi.String("registry") }, `imageCache.image: "registry": must carry a tag`},
		{"preload without a tag", func(c *cluster) { c.network.ImageCache.Preload = pulumi.StringArray{pulumi.String("nginx")} }, `imageCache.preload[0]: "nginx"`},
		{"path", func(c *cluster) { c.network.ImageCache.Upstream = "https://example.com/hub" }, "imageCache.upstream: \"https://example.com/hub\": must be the https URL"},
		{"plain HTTP", func(c *cluster) { c.network.ImageCache.Upstream = "http://example.com" }, "must be the https URL of a registry"},
		{"port taken", func(c *cluster) {
			c.network.Applications = map[string]ApplicationPort{"a": {Port: 80, TargetPort: 5000}}
		}, "applications.a.targetPort: 5000: is the platform's"},
	} {
		c := withCache(newCluster())
		test.vary(c)
		if _, err := graphtest.Run(t, c.deploy); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want a refusal that says %q", test.name, err, test.want)
		}
	}
}
