package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHostIsChangedOnceAndServesFromThenOn(t *testing.T) {
	dir := t.TempDir()
	script := Script{Parameters: []Parameter{{"ETC", dir}, {"UNITS", dir}}, Files: []string{"host"}}
	const services = `systemctl() { say "$@"; }
`
	call := func() string {
		out, err := run(t, script, services+"ensure_host", "{}")
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return out
	}
	const first = "daemon-reload\nenable --quiet azswarm-platform.service\nrestart azswarm-platform.service\nstart azswarm-platform.service\n" +
		"try-reload-or-restart ssh.service\n"
	if out := call(); out != first {
		t.Errorf("a machine that is new: %q, want %q", out, first)
	}
	if out, want := call(), "start azswarm-platform.service\n"; out != want {
		t.Errorf("once more: %q, want %q", out, want)
	}
	for file, want := range map[string]string{
		"azswarm/platform.rules":                  "-d 169.254.169.254/32 -m conntrack --ctstate NEW -j DROP\nCOMMIT\n",
		"azswarm-platform.service":                "ExecStart=/usr/sbin/iptables-restore --wait 30 --noflush " + dir + "/azswarm/platform.rules\n",
		"apt/apt.conf.d/60azswarm":                `Package-Blacklist { "docker"; "containerd"; "runc"; "linux-image-"; };`,
		"ssh/sshd_config.d/20-azswarm-alive.conf": "ClientAliveInterval 60\n",
	} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s: %v, %q, want %q in it", file, err, content, want)
		}
	}
}
