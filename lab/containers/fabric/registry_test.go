package fabric

import (
	"encoding/json"
	"net/netip"
	"testing"
)

func TestRegistryServesReadOnlyStorageUnlessItIsACache(t *testing.T) {
	for upstream, readOnly := range map[string]bool{"": true, "https://registry.example": false} {
		text, err := registryConfig(Config{Registry: netip.MustParseAddr("10.20.0.3"), RegistryUpstream: upstream})
		if err != nil {
			t.Fatal(err)
		}
		var config struct {
			Storage struct {
				Maintenance struct {
					ReadOnly struct {
						Enabled bool `json:"enabled"`
					} `json:"readonly"`
				} `json:"maintenance"`
			} `json:"storage"`
			Proxy struct {
				URL string `json:"remoteurl"`
			} `json:"proxy"`
			HTTP struct {
				Address string `json:"addr"`
			} `json:"http"`
		}
		if err := json.Unmarshal(text, &config); err != nil {
			t.Fatal(err)
		}
		if config.Storage.Maintenance.ReadOnly.Enabled != readOnly || config.Proxy.URL != upstream || config.HTTP.Address != "10.20.0.3:443" {
			t.Errorf("upstream %q: %s", upstream, text)
		}
	}
}
