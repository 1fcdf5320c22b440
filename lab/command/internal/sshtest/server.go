// Package sshtest is an SSH server for tests: it runs commands with bash on this machine, serves files below a
// directory over SFTP, and forwards connections as a bastion does. It behaves as Debian's OpenSSH where clients see it.
package sshtest

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
)

// Server is a running server.
type Server struct {
	// Address is where it listens.
	Address string
	// HostKey is its ed25519 host key, as connections pin it.
	HostKey string
	// Root is the directory that SFTP clients see as "/", and in it the home directory, "/root".
	Root string
	// Connections counts the connections ever accepted.
	Connections atomic.Int64

	config  *ssh.ServerConfig
	forward func(address string) (net.Conn, error)
}

// User is the only user a server lets in.
const User = "root"

// Key is a client's key pair.
type Key struct {
	PEM    string
	Public ssh.PublicKey
}

// NewKey makes a key pair.
func NewKey(t testing.TB) Key {
	t.Helper()
	signer, private := accesstest.Key(t)
	return Key{PEM: private, Public: signer.PublicKey()}
}

// Start starts a server that lets the key in and, if forward is not nil, forwards connections with it. It has the
// host keys given after its own ed25519 one, and ends with the test.
func Start(t testing.TB, authorized ssh.PublicKey, forward func(address string) (net.Conn, error), hostKeys ...ssh.Signer) *Server {
	t.Helper()
	own, err := ssh.ParsePrivateKey([]byte(NewKey(t).PEM))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{
		HostKey: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(own.PublicKey()))),
		Root:    t.TempDir(),
		forward: forward,
		config: &ssh.ServerConfig{
			MaxAuthTries: 6,
			PublicKeyCallback: func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
				if meta.User() != User || !bytes.Equal(key.Marshal(), authorized.Marshal()) {
					return nil, errors.New("unknown user or key")
				}
				return nil, nil
			},
		},
	}
	for _, key := range append(hostKeys, own) {
		s.config.AddHostKey(key)
	}
	if err := s.makeHome(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s.Address = listener.Addr().String()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.Connections.Add(1)
			go s.serve(conn)
		}
	}()
	return s
}

func (s *Server) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		switch offered.ChannelType() {
		case "session":
			go s.session(offered)
		case "direct-tcpip":
			go s.tunnel(offered)
		default:
			_ = offered.Reject(ssh.UnknownChannelType, offered.ChannelType())
		}
	}
}
