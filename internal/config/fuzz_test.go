package config

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// encode is the inverse of Decode.
func encode(t *testing.T, c *Config) map[string]string {
	t.Helper()
	text := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	type fields = map[string]any
	workers := []fields{}
	for _, p := range c.Workers {
		ports := []fields{}
		for _, port := range p.Ports {
			ports = append(ports, fields{"port": port.Port, "targetPort": port.TargetPort, "protocol": port.Protocol, "sources": port.Sources})
		}
		workers = append(workers, fields{"name": p.Name, "count": p.Count, "vmSize": p.VMSize, "labels": p.Labels, "block": p.Block, "ports": ports})
	}
	raw := map[string]string{
		"azure-native:location": c.Location,
		"azswarm:adminCidrs":    text(c.AdminCIDRs),
		"azswarm:network":       c.Network.String(),
		"azswarm:orchestrator":  c.Orchestrator,
		"azswarm:spread":        c.Spread,
		"azswarm:consul":        text(fields{"servers": c.Consul.Servers, "allowSingleServer": c.Consul.AllowSingleServer, "vmSize": c.Consul.VMSize, "image": c.Consul.Image}),
		"azswarm:managers":      text(fields{"count": c.Managers.Count, "vmSize": c.Managers.VMSize, "autolock": c.Managers.Autolock}),
		"azswarm:workers":       text(workers),
		"azswarm:registrator":   text(fields{"image": c.Registrator.Image}),
		"azswarm:demo":          text(c.Demo),
		"azswarm:tags":          text(c.Tags),
		"azswarm:rotate":        text(c.Rotate),
	}
	if c.Orchestrator == OrchestratorClassic {
		raw["azswarm:engine"] = text(fields{"url": c.Engine.URL, "sha256": c.Engine.SHA256})
		raw["azswarm:classic"] = text(fields{"image": c.Classic.Image})
	}
	return raw
}

func FuzzDecode(f *testing.F) {
	f.Add(`{}`)
	f.Add(`null`)
	f.Add(`{"azure-native:location": "westeurope", "azswarm:adminCidrs": "[\"198.51.100.0/24\"]"}`)
	f.Add(`{"azure-native:location": "westeurope", "azswarm:adminCidrs": "[\"10.0.0.0/8\"]", "azswarm:network": "192.168.0.0/24",
		"azswarm:spread": "Zones", "azswarm:consul": "{\"servers\": 5, \"image\": \"consul:1\"}", "azswarm:managers": "{\"count\": 7}",
		"azswarm:workers": "[{\"name\": \"web\", \"count\": 4, \"labels\": {\"a\": 1}, \"ports\": [{\"port\": 80, \"sources\": [\"0.0.0.0/0\"]}]}, {\"name\": \"b\", \"count\": 7, \"block\": 15}]",
		"azswarm:demo": "true", "azswarm:tags": "{\"a\": \"b\"}", "azswarm:rotate": "{\"dockerCa\": 3}"}`)
	f.Add(`{"azure-native:location": "westeurope", "azswarm:adminCidrs": "[\"198.51.100.0/24\"]", "azswarm:orchestrator": "classic",
		"azswarm:engine": "{\"url\": \"https://example.com/docker.tgz\", \"sha256\": \"` + strings.Repeat("0a", 32) + `\"}"}`)
	f.Add(`{"azswarm:workers": "[{}, 1, null, {\"ports\": [{}, {\"port\": 1e9}]}]", "azswarm:tags": "[[[[", "azswarm:rotate": "1", "azswarm:x\ny": "z"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var raw map[string]string
		if json.Unmarshal([]byte(text), &raw) != nil {
			t.Skip("not what the engine passes")
		}
		c, err := Decode(raw)
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n")[1:] {
				if !strings.HasPrefix(line, "az") {
					t.Fatalf("the line %q does not name a key in:\n%v", line, err)
				}
			}
			return
		}
		again, err := Decode(encode(t, c))
		if err != nil {
			t.Fatalf("a configuration that decoded is refused when written out in full: %v", err)
		}
		if !reflect.DeepEqual(c, again) {
			t.Fatalf("decoded  %+v\nand again %+v", c, again)
		}
	})
}
