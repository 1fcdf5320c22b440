package keys

import "strings"

// HostKey says which public key a machine must present.
type HostKey struct {
	Hosts     []string // names or addresses, "[host]:port" where the port is not 22
	PublicKey string   // authorized_keys line; its comment is left out
}

// KnownHosts renders an OpenSSH known_hosts file, one line per entry in the
// order given. Entries without a host or a key are left out: OpenSSH would
// refuse the whole file for them.
func KnownHosts(entries ...HostKey) string {
	var b strings.Builder
	for _, e := range entries {
		key := strings.Fields(e.PublicKey)
		if len(e.Hosts) == 0 || len(key) < 2 {
			continue
		}
		b.WriteString(strings.Join(e.Hosts, ",") + " " + key[0] + " " + key[1] + "\n")
	}
	return b.String()
}
