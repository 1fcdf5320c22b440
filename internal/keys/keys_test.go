package keys

import (
	"bytes"
	"encoding/base64"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func newSSH(t *testing.T, comment string) SSHKey {
	t.Helper()
	key, err := NewSSH(comment)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func parsePublic(t *testing.T, line string) (ssh.PublicKey, string) {
	t.Helper()
	public, comment, _, rest, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil || len(rest) > 0 {
		t.Fatalf("%q: %v, rest %q", line, err, rest)
	}
	return public, comment
}

func TestNewSSHMakesAMatchingEd25519Pair(t *testing.T) {
	for _, comment := range []string{"", "azswarm", "azswarm prod operator"} {
		key := newSSH(t, comment)
		signer, err := ssh.ParsePrivateKey([]byte(key.Private))
		if err != nil {
			t.Fatal(err)
		}
		public, got := parsePublic(t, key.Public)
		if got != comment {
			t.Errorf("comment %q, want %q", got, comment)
		}
		if public.Type() != ssh.KeyAlgoED25519 || !bytes.Equal(public.Marshal(), signer.PublicKey().Marshal()) {
			t.Errorf("public key %s does not belong to the private one", key.Public)
		}
		if strings.ContainsAny(key.Public, "\r\n") {
			t.Errorf("public key %q is not one line", key.Public)
		}
		if !strings.HasPrefix(key.Private, "-----BEGIN OPENSSH PRIVATE KEY-----\n") {
			t.Error("the private key is not in OpenSSH's format")
		}
	}
}

func TestNewSSHRefusesCommentsThatWouldAddLines(t *testing.T) {
	for _, comment := range []string{"a\nssh-rsa AAAA", "a\r"} {
		if key, err := NewSSH(comment); err == nil {
			t.Errorf("NewSSH(%q) = %q", comment, key.Public)
		}
	}
}

func TestSecretsAreNeverMadeTwice(t *testing.T) {
	gossipA, errA := NewGossip()
	gossipB, errB := NewGossip()
	if errA != nil || errB != nil || gossipA == gossipB {
		t.Errorf("gossip keys %v, %v: same: %t", errA, errB, gossipA == gossipB)
	}
	tokenA, errA := NewToken()
	tokenB, errB := NewToken()
	if errA != nil || errB != nil || tokenA == tokenB {
		t.Errorf("tokens %v, %v: same: %t", errA, errB, tokenA == tokenB)
	}
	if sshA, sshB := newSSH(t, ""), newSSH(t, ""); sshA.Public == sshB.Public {
		t.Error("two SSH keys are the same")
	}
}

func TestNewGossipIsAnAES256Key(t *testing.T) {
	text, err := NewGossip()
	if err != nil {
		t.Fatal(err)
	}
	if key, err := base64.StdEncoding.DecodeString(text); err != nil || len(key) != 32 {
		t.Errorf("%d bytes, %v, want 32", len(key), err)
	}
}

func TestNewTokenIsARandomUUID(t *testing.T) {
	token, err := NewToken()
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(token) {
		t.Error("the token is not a version 4 UUID")
	}
}

func TestKnownHostsIsWhatOpenSSHReads(t *testing.T) {
	bastion, node := newSSH(t, "bastion host key"), newSSH(t, "")
	text := KnownHosts(
		HostKey{Hosts: []string{"203.0.113.7", "bastion"}, PublicKey: bastion.Public},
		HostKey{Hosts: []string{"[10.20.1.4]:2222"}, PublicKey: node.Public},
		HostKey{Hosts: nil, PublicKey: node.Public},
		HostKey{Hosts: []string{"10.20.1.5"}, PublicKey: ""},
	)
	if lines := strings.Count(text, "\n"); lines != 2 {
		t.Fatalf("%d lines, want 2:\n%s", lines, text)
	}
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	check, err := knownhosts.New(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		address string
		key     SSHKey
		ok      bool
	}{
		{"203.0.113.7:22", bastion, true},
		{"bastion:22", bastion, true},
		{"10.20.1.4:2222", node, true},
		{"10.20.1.4:2222", bastion, false},
		{"10.20.1.4:22", node, false},
		{"10.20.1.5:22", node, false},
	} {
		public, _ := parsePublic(t, c.key.Public)
		remote := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 22}
		if err := check(c.address, remote, public); (err == nil) != c.ok {
			t.Errorf("%s: %v, want accepted %t", c.address, err, c.ok)
		}
	}
}
