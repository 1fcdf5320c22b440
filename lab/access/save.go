package access

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Files that Save leaves in its directory.
const (
	// ConfigFile is the ssh client's configuration: `ssh -F FILE NODE` reaches any node.
	ConfigFile = "ssh_config"
	// DockerDir is what DOCKER_CERT_PATH wants: ca.pem, cert.pem and key.pem.
	DockerDir = "docker"

	outputsFile = "outputs.json"
	keyFile     = "key"
	hostsFile   = "known_hosts"
)

// BastionName is the bastion's name in the ssh client's configuration.
const BastionName = "bastion"

// Save replaces what an earlier call left in the directory, which nobody else may read: private keys are in it.
func Save(dir string, outputs Outputs) error {
	// Anew, so that nothing of machines and keys that are gone stays behind.
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("save how to reach the machines: %w", err)
	}
	encoded, err := json.MarshalIndent(outputs, "", "  ")
	if err != nil {
		return fmt.Errorf("save how to reach the machines: %w", err)
	}
	files := map[string]string{outputsFile: string(encoded)}
	if outputs.Reachable() == nil {
		// The ssh client refuses a key without its last newline.
		files[keyFile] = strings.TrimRight(outputs.SSHPrivateKey, "\n") + "\n"
		files[hostsFile] = outputs.KnownHosts
		files[ConfigFile] = clientConfig(outputs, filepath.Join(dir, keyFile), filepath.Join(dir, hostsFile))
	}
	if outputs.SwarmClient.Key != "" {
		files[filepath.Join(DockerDir, "ca.pem")] = outputs.SwarmClient.CA
		files[filepath.Join(DockerDir, "cert.pem")] = outputs.SwarmClient.Cert
		files[filepath.Join(DockerDir, "key.pem")] = outputs.SwarmClient.Key
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = os.WriteFile(path, []byte(content), 0o600)
		}
		if err != nil {
			return fmt.Errorf("save how to reach the machines: %w", err)
		}
	}
	return nil
}

// Load reads what Save kept; empty Outputs if it never was called.
func Load(dir string) (Outputs, error) {
	var outputs Outputs
	content, err := os.ReadFile(filepath.Join(dir, outputsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return outputs, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &outputs)
	}
	if err != nil {
		return Outputs{}, fmt.Errorf("read how to reach the machines: %w", err)
	}
	return outputs, nil
}

func clientConfig(outputs Outputs, key, hosts string) string {
	var text strings.Builder
	// No agent: its keys would be tried first, and a server allows few tries.
	fmt.Fprintf(&text, "Host *\n  IdentityFile %q\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile %q\n"+
		"  GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n\n", key, hosts)
	fmt.Fprintf(&text, "Host %s\n  HostName %s\n  User %s\n", BastionName, outputs.Bastion.Host, outputs.Bastion.User)
	for _, node := range outputs.Nodes {
		fmt.Fprintf(&text, "\nHost %s\n  HostName %s\n  User %s\n  ProxyJump %s\n", node.Name, node.Address, outputs.AdminUser, BastionName)
	}
	return text.String()
}
