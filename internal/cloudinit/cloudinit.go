// Package cloudinit renders the user data of azswarm's machines.
//
// Only what may change together with the machine itself is in it: any edit replaces the machine. Everything else is
// the bootstrap scripts' business.
package cloudinit

import (
	"encoding/json"
	"net/netip"
)

// Docker's own networks on every node. They lie in 172.16.0.0/12, which the virtual network therefore may not use.
const (
	// BridgeAddress is the node's address on Docker's default bridge, with the bridge's prefix length. The node's Consul
	// agent answers containers' DNS questions there.
	BridgeAddress = "172.17.0.1/16"
	// localPool is where the other bridges of a node (docker_gwbridge, Compose networks) come from.
	localPool = "172.18.0.0/15"
	// OverlayPool is where the subnets of overlay networks come from, 24 bits each.
	OverlayPool = "172.20.0.0/14"
)

// Machine is what the user data depends on.
type Machine struct {
	HostPrivateKey string // OpenSSH PEM of the pinned ed25519 host key
	HostPublicKey  string // its authorized_keys form
	Engine         bool   // whether the machine runs Docker
	ConsulDNS      bool   // whether its containers resolve names through the node's Consul agent
}

type file struct {
	Path        string `json:"path"`
	Permissions string `json:"permissions"`
	Content     string `json:"content"`
}

type config struct {
	SSHDeleteKeys bool              `json:"ssh_deletekeys"`
	SSHKeys       map[string]string `json:"ssh_keys"`
	SSHPassword   bool              `json:"ssh_pwauth"`
	WriteFiles    []file            `json:"write_files"`
	RunCommands   [][]string        `json:"runcmd"`
}

// sshd lets a bastion carry the connections to many machines at once: OpenSSH's default drops some beyond ten
// that are still authenticating, and refuses more than ten commands over one connection (MaxStartups, MaxSessions in
// sshd_config(5)).
const sshd = `MaxStartups 200:30:400
MaxSessions 200
PasswordAuthentication no
PermitRootLogin no
`

// sysctl raises the limits on neighbours, which a large overlay network exceeds.
const sysctl = `net.ipv4.neigh.default.gc_thresh1 = 4096
net.ipv4.neigh.default.gc_thresh2 = 8192
net.ipv4.neigh.default.gc_thresh3 = 16384
`

// install adds the packages of the commands that are missing, so an image that has them needs no package mirror.
const install = `#!/bin/sh
# usage: install COMMAND:PACKAGE...
set -eu
missing=
# Where the kernel confines by AppArmor, Docker starts no container without its parser.
[ ! -d /sys/kernel/security/apparmor ] || set -- "$@" apparmor_parser:apparmor
for pair in "$@"; do
  command -v "${pair%%:*}" >/dev/null || missing="$missing ${pair##*:}"
done
[ -n "$missing" ] || exit 0
export DEBIAN_FRONTEND=noninteractive
for attempt in 1 2 3 4 5; do
  # shellcheck disable=SC2086 # a list
  apt-get -qq update && apt-get -qq install --yes --no-install-recommends $missing && exit 0
  echo "attempt $attempt to install$missing failed" >&2
  sleep 10
done
exit 1
`

const installer = "/usr/local/lib/azswarm/install"

// UserData renders the machine's user data. It holds the host's private key, so it is a secret. The same machine
// always gives the same text.
func UserData(m Machine) (string, error) {
	data := config{
		SSHDeleteKeys: true,
		SSHKeys:       map[string]string{"ed25519_private": m.HostPrivateKey, "ed25519_public": m.HostPublicKey},
		WriteFiles: []file{
			{"/etc/ssh/sshd_config.d/10-azswarm.conf", "0644", sshd},
			{"/etc/sysctl.d/60-azswarm.conf", "0644", sysctl},
			{installer, "0755", install},
		},
	}
	packages := []string{"jq:jq", "curl:curl"}
	if m.Engine {
		daemon, err := daemonJSON(m.ConsulDNS)
		if err != nil {
			return "", err
		}
		data.WriteFiles = append(data.WriteFiles, file{"/etc/docker/daemon.json", "0644", daemon})
		packages = append(packages, "dockerd:docker.io")
	}
	data.RunCommands = [][]string{
		append([]string{installer}, packages...),
		// -e: a kernel that lacks one of the settings still boots a usable node.
		{"sysctl", "--quiet", "-e", "--system"},
		// A socket-activated or earlier started sshd has not read the file above yet.
		{"systemctl", "try-reload-or-restart", "ssh.service"},
	}
	text, err := json.MarshalIndent(data, "", " ")
	if err != nil {
		return "", err
	}
	return "#cloud-config\n" + string(text) + "\n", nil // JSON is YAML
}

func daemonJSON(consulDNS bool) (string, error) {
	daemon := map[string]any{
		"bip":                   BridgeAddress,
		"default-address-pools": []map[string]any{{"base": localPool, "size": 20}},
		"log-driver":            "json-file",
		"log-opts":              map[string]string{"max-size": "10m", "max-file": "3"},
	}
	if consulDNS {
		daemon["dns"] = []string{netip.MustParsePrefix(BridgeAddress).Addr().String()}
	}
	text, err := json.MarshalIndent(daemon, "", " ")
	return string(text) + "\n", err
}
