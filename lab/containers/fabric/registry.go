package fabric

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
)

// registryConfig configures docker-registry (Debian's build of the distribution registry): a server of ready-made storage
// that it does not write to, or a cache of another registry. JSON is YAML.
func registryConfig(c Config) ([]byte, error) {
	config := map[string]any{
		"version": "0.1",
		"log":     map[string]any{"level": "error"}, // and every request, on standard output
		"storage": map[string]any{"filesystem": map[string]any{"rootdirectory": RegistryStorage}},
		"http": map[string]any{
			"addr": netip.AddrPortFrom(c.Registry, 443).String(),
			"tls":  map[string]any{"certificate": Certificate, "key": Key},
		},
	}
	if c.RegistryUpstream != "" {
		config["proxy"] = map[string]any{"remoteurl": c.RegistryUpstream}
	} else {
		config["storage"].(map[string]any)["maintenance"] = map[string]any{
			"uploadpurging": map[string]any{"enabled": false}, // it would try to write
			"readonly":      map[string]any{"enabled": true},
		}
	}
	return json.MarshalIndent(config, "", " ")
}

// serveRegistry runs the image registry until ctx ends.
func serveRegistry(ctx context.Context, c Config) error {
	const file = "/run/azswarm-registry.yml"
	text, err := registryConfig(c)
	if err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	requests, err := os.Create(RegistryLog)
	if err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	defer func() { _ = requests.Close() }()
	server := exec.CommandContext(ctx, "docker-registry", "serve", file)
	server.Stdout, server.Stderr = requests, os.Stderr
	if err := server.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("registry: docker-registry: %w", err)
	}
	return nil
}
