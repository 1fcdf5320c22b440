package access

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

// Files of a client of the Swarm's API, as Docker calls them.
var (
	// CAFile, CertFile and KeyFile are relative to Save's directory.
	CAFile   = filepath.Join(DockerDir, "ca.pem")
	CertFile = filepath.Join(DockerDir, "cert.pem")
	KeyFile  = filepath.Join(DockerDir, "key.pem")
)

// BastionName is the bastion's name in the ssh client's configuration.
const BastionName = "bastion"

// files are all that Save writes, what it writes last being last.
var files = []string{keyFile, hostsFile, ConfigFile, CAFile, CertFile, KeyFile, outputsFile}

// Save leaves in the directory what gets an operator into the machines, for nobody else to read: private keys are in it. What an
// earlier call left is refreshed, each file in one step, and goes where it is of no use any more. A directory with other files
// in it, and none of Save's, is refused.
func Save(dir string, outputs Outputs) error {
	if err := save(dir, outputs); err != nil {
		return fmt.Errorf("save how to reach the machines: %w", err)
	}
	return nil
}

func save(dir string, outputs Outputs) error {
	if err := own(dir); err != nil {
		return err
	}
	contents, err := contents(dir, outputs)
	if err != nil {
		return err
	}
	for _, name := range files {
		path := filepath.Join(dir, name)
		if content, wanted := contents[name]; wanted {
			err = replace(path, content)
		} else {
			err = remove(path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// own makes the directory, or sees that it is one of Save's, and keeps others out.
func own(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 && !slices.ContainsFunc(entries, func(entry os.DirEntry) bool { return ours(entry.Name()) }) {
		return fmt.Errorf("%s has files of something else in it; it must be empty, or not be there", dir)
	}
	if err := os.MkdirAll(filepath.Join(dir, DockerDir), 0o700); err != nil {
		return err
	}
	return os.Chmod(dir, 0o700)
}

// ours tells whether Save makes files or directories of this name.
func ours(name string) bool {
	return name == DockerDir || slices.ContainsFunc(files, func(file string) bool {
		return name == file || strings.HasPrefix(name, temporaryPrefix(file))
	})
}

// contents are the files that these outputs make, by name.
func contents(dir string, outputs Outputs) (map[string]string, error) {
	encoded, err := json.MarshalIndent(outputs, "", "  ")
	if err != nil {
		return nil, err
	}
	contents := map[string]string{outputsFile: string(encoded)}
	if outputs.Reachable() == nil {
		// The ssh client refuses a key without its last newline.
		contents[keyFile] = strings.TrimRight(outputs.SSHPrivateKey, "\n") + "\n"
		contents[hostsFile] = outputs.KnownHosts
		contents[ConfigFile] = clientConfig(outputs, filepath.Join(dir, keyFile), filepath.Join(dir, hostsFile))
	}
	if outputs.SwarmClient.Key != "" {
		contents[CAFile] = outputs.SwarmClient.CA
		contents[CertFile] = outputs.SwarmClient.Cert
		contents[KeyFile] = outputs.SwarmClient.Key
	}
	return contents, nil
}

// replace writes a file in one step: a client that reads it meanwhile gets the old one or the new one.
func replace(path, content string) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), temporaryPrefix(path)) // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // gone already when all went well
	_, err = temporary.WriteString(content)
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// temporaryPrefix begins the name of a file until it takes its place.
func temporaryPrefix(path string) string { return "." + filepath.Base(path) + "-" }

// remove deletes a file, and what a replace of it that was killed left.
func remove(path string) error {
	var failures []error
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), temporaryPrefix(path)+"*")) // fails for bad patterns only
	for _, path := range append(left, path) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// Remove deletes what Save left in the directory, and the directory where nothing else is in it. One that isn't there is no error.
func Remove(dir string) error {
	var failures []error
	for _, name := range files {
		failures = append(failures, remove(filepath.Join(dir, name)))
	}
	failures = append(failures, remove(filepath.Join(dir, DockerDir)), remove(dir))
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("remove how to reach the machines: %w", err)
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
	// No agent: its keys would be tried first, and a server allows few tries. A silent connection lives: Azure forgets one after four
	// minutes.
	fmt.Fprintf(&text, "Host *\n  IdentityFile %q\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile %q\n"+
		"  GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  LogLevel ERROR\n"+
		"  ServerAliveInterval 60\n\n", key, hosts)
	names := BastionName
	for _, node := range outputs.Tier(TierBastion) {
		names += " " + node.Name
	}
	fmt.Fprintf(&text, "Host %s\n  HostName %s\n  Port %d\n  User %s\n",
		names, outputs.Bastion.Host, cmp.Or(outputs.Bastion.Port, sshPort), outputs.Bastion.User)
	for _, node := range outputs.Nodes {
		if node.Tier != TierBastion {
			fmt.Fprintf(&text, "\nHost %s\n  HostName %s\n  User %s\n  ProxyJump %s\n", node.Name, node.Address, outputs.AdminUser, BastionName)
		}
	}
	return text.String()
}
