package fabric

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
)

// registryConfig makes of docker-registry (Debian's build of the distribution registry) a server of ready-made,
// read-only storage. Without the purging switched off it would try to write there.
const registryConfig = `version: 0.1
log:
  level: error
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: %s
  maintenance:
    uploadpurging:
      enabled: false
    readonly:
      enabled: true
http:
  addr: %s
  tls:
    certificate: %s
    key: %s
`

// serveRegistry runs the image registry until ctx ends.
func serveRegistry(ctx context.Context, address netip.Addr) error {
	const file = "/run/azswarm-registry.yml"
	text := fmt.Sprintf(registryConfig, RegistryStorage, netip.AddrPortFrom(address, 443), RegistryCertificate, RegistryKey)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return fmt.Errorf("registry: %w", err)
	}
	server := exec.CommandContext(ctx, "docker-registry", "serve", file)
	server.Stdout, server.Stderr = os.Stdout, os.Stderr
	if err := server.Run(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("registry: docker-registry: %w", err)
	}
	return nil
}
