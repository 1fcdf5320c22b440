package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/config/mistakes"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

func port(fields string) string {
	return `[{"name": "web", "count": 1, "ports": [{` + fields + `}]}]`
}

func TestMistakes(t *testing.T) {
	for _, c := range mistakes.All() {
		t.Run(c.Rule, func(t *testing.T) {
			_, err := Decode(with(c.Key, c.Text))
			if err == nil || !strings.Contains(err.Error(), c.Want) {
				t.Errorf("%s = %s:\n%v\nwant an error with %q", c.Key, c.Text, err, c.Want)
			}
		})
	}
}

func TestClassicNeedsAnEngineWithItsChecksum(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	for _, c := range []struct {
		name, engine, classic, network string
		want                           []string // none: accepted
	}{
		{"both", `{"url": "https://example.com/docker-20.10.24.tgz", "sha256": "` + sum + `"}`, "", "", nil},
		{"nothing", "", "", "", []string{"azswarm:engine.url: is missing; azswarm:orchestrator classic needs the https URL", "azswarm:engine.sha256: is missing"}},
		{"no checksum", `{"url": "https://example.com/docker.tgz"}`, "", "", []string{"azswarm:engine.sha256: is missing; an archive is used only if"}},
		{"another checksum", `{"url": "https://example.com/docker.tgz", "sha256": "` + sum[:32] + `"}`, "", "", []string{"must be a SHA-256, 64 lower-case"}},
		{"not encrypted", `{"url": "http://example.com/docker.tgz", "sha256": "` + sum + `"}`, "", "", []string{`azswarm:engine.url: "http://example.com/docker.tgz": must be the https URL`}},
		{"several at once", `{"url": "docker.tgz", "sha256": "?"}`, `{"image": "swarm"}`, "10.0.0.0/20",
			[]string{"azswarm:engine.url", "azswarm:engine.sha256", `azswarm:classic.image: "swarm": must carry a tag`, "azswarm:network must lie elsewhere than at 10.0.0.0/20"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := with("azswarm:orchestrator", "classic")
			for key, text := range map[string]string{"azswarm:engine": c.engine, "azswarm:classic": c.classic, "azswarm:network": c.network} {
				if text != "" {
					raw[key] = text
				}
			}
			decoded, err := Decode(raw)
			if len(c.want) == 0 {
				if err != nil || decoded.Engine.SHA256 != sum || decoded.Classic.Image != rules.DefaultSwarmImage {
					t.Errorf("%+v, %v", decoded, err)
				}
				return
			}
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v\nwant an error with %q", err, want)
				}
			}
		})
	}
}

func TestOneMistakeIsOneLine(t *testing.T) {
	for key, text := range map[string]string{
		"azswarm:adminCidrs": `[7]`,
		"azswarm:network":    "fd00::/16",
		"azswarm:consul":     `{"servers": "many", "vmSize": "Standard_B2as_v2"}`,
		"azswarm:managers":   `[]`,
		"azswarm:workers":    `[{"name": "a", "count": 1, "ports": [{"port": 80}, {"port": 80}]}]`,
		"azswarm:tags":       `{"a": null}`,
	} {
		_, err := Decode(with(key, text))
		if err == nil || strings.Count(err.Error(), "\n") != 1 {
			t.Errorf("%s = %s: want one heading and one line, got:\n%v", key, text, err)
		}
	}
}

func TestPlatformPortsAreRefusedInEitherProtocol(t *testing.T) {
	for _, number := range []int{22, 53, 2376, 2377, 4000, 7946, 4789, 8300, 8301, 8500, 8600} {
		for _, protocol := range []string{"tcp", "udp"} {
			text := port(fmt.Sprintf(`"port": %d, "protocol": %q`, number, protocol))
			if _, err := Decode(with("azswarm:workers", text)); err == nil || !strings.Contains(err.Error(), "is the platform's on every worker") {
				t.Errorf("%d/%s: %v", number, protocol, err)
			}
		}
	}
}

func TestAPlatformPortMayBeServedFromAnother(t *testing.T) {
	decode(t, with("azswarm:workers", port(`"port": 22, "targetPort": 2222`)))
}

func TestPoolsMayShareAPortWithTheSameSources(t *testing.T) {
	decode(t, with("azswarm:workers", `[
		{"name": "a", "count": 1, "ports": [{"port": 80, "sources": ["10.0.0.0/8", "192.168.0.0/16"]}]},
		{"name": "b", "count": 1, "ports": [{"port": 80, "sources": ["192.168.0.0/16", "10.0.0.0/8"]}]}]`))
}

func TestThePlainestMistakeOfAllIsExplained(t *testing.T) {
	_, err := Decode(nil)
	for _, want := range []string{"azure-native:location: is missing; set it to an Azure region such as westeurope", "azswarm:adminCidrs: is missing; list the networks"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("an empty configuration: %v, want %q", err, want)
		}
	}
}
