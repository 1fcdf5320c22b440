// Package keys makes the random secrets of a cluster: SSH key pairs, Consul's
// gossip key and its ACL tokens. Nothing here is deterministic; callers keep
// what they get in the stack's state.
package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/crypto/ssh"
)

// gossipKeyBytes selects AES-256, the strongest cipher Consul's gossip offers.
const gossipKeyBytes = 32

// SSHKey is an ed25519 key pair as OpenSSH writes it. Azure accepts ed25519 and
// RSA of at least 2048 bits.
type SSHKey struct {
	Private string `json:"private"` // OpenSSH PEM, unencrypted
	Public  string `json:"public"`  // one authorized_keys line, without newline
}

// NewSSH makes a key pair. The comment ends the public line, where it tells an
// operator whose key it is; it must not contain a line break.
func NewSSH(comment string) (SSHKey, error) {
	if strings.ContainsAny(comment, "\r\n") {
		return SSHKey{}, fmt.Errorf("ssh key comment %q: must be a single line", comment)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return SSHKey{}, fmt.Errorf("generate ssh key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(private, comment)
	if err != nil {
		return SSHKey{}, fmt.Errorf("encode private ssh key: %w", err)
	}
	sshPublic, err := ssh.NewPublicKey(public)
	if err != nil {
		return SSHKey{}, fmt.Errorf("encode public ssh key: %w", err)
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(sshPublic)))
	if comment != "" {
		line += " " + comment
	}
	return SSHKey{Private: string(pem.EncodeToMemory(block)), Public: line}, nil
}

// NewGossip makes a key for Consul's `encrypt` setting: 32 random bytes in
// standard base64.
func NewGossip() (string, error) {
	key := make([]byte, gossipKeyBytes)
	if _, err := rand.Read(key); err != nil {
		return "", fmt.Errorf("generate gossip key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(key), nil
}

// NewToken makes a Consul ACL token secret, which Consul requires to be a UUID.
func NewToken() (string, error) {
	token, err := uuid.NewRandom()
	if err != nil {
		return "", fmt.Errorf("generate token: %w", err)
	}
	return token.String(), nil
}
