package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// dialTimeout bounds one connection, handshake included; machines that run answer in well under a second.
const dialTimeout = 15 * time.Second

// Client is a connection to the bastion, through which it reaches the nodes.
type Client struct {
	bastion *ssh.Client
	outputs Outputs
	signer  ssh.Signer
	hosts   ssh.HostKeyCallback
	// algorithms returns the host key types known for an address: asking for another fails, even where the
	// host has a pinned key as well.
	algorithms func(address string) []string
}

// Dial connects to the stack's bastion. Only host keys from the stack's outputs are accepted.
func Dial(ctx context.Context, outputs Outputs) (*Client, error) {
	return dial(ctx, outputs, net.JoinHostPort(outputs.Bastion.Host, "22"))
}

func dial(ctx context.Context, outputs Outputs, address string) (*Client, error) {
	if err := outputs.Reachable(); err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKey([]byte(outputs.SSHPrivateKey))
	if err != nil {
		return nil, errors.New("stack output sshPrivateKey is no private key that SSH understands")
	}
	c := &Client{outputs: outputs, signer: signer}
	if err := c.pin(outputs.KnownHosts); err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to the bastion: %w", err)
	}
	if c.bastion, err = c.handshake(conn, address, outputs.Bastion.User); err != nil {
		return nil, fmt.Errorf("log in to the bastion %s@%s: %w", outputs.Bastion.User, outputs.Bastion.Host, err)
	}
	return c, nil
}

// Close ends all connections through the bastion.
func (c *Client) Close() error { return c.bastion.Close() }

// Run runs a shell command on a node and returns its standard output.
func (c *Client) Run(ctx context.Context, node Node, command string) (string, error) {
	address := net.JoinHostPort(node.Address.String(), "22")
	dialContext, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := c.bastion.DialContext(dialContext, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("connect to %s (%s) through the bastion: %w", node.Name, node.Address, err)
	}
	client, err := c.handshake(conn, address, c.outputs.AdminUser)
	if err != nil {
		return "", fmt.Errorf("log in to %s@%s (%s): %w", c.outputs.AdminUser, node.Name, node.Address, err)
	}
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	if err != nil {
		return "", fmt.Errorf("open a session on %s: %w", node.Name, err)
	}
	var stdout, stderr bytes.Buffer
	session.Stdout, session.Stderr = &stdout, &stderr
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer stop()
	if err := session.Run(command); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return stdout.String(), fmt.Errorf("on %s: %s: %w: %s", node.Name, command, err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}

func (c *Client) handshake(conn net.Conn, address, user string) (*ssh.Client, error) {
	// The handshake itself knows no time limit, and neither does a channel of the bastion: closing does it.
	expired := time.AfterFunc(dialTimeout, func() { _ = conn.Close() })
	defer expired.Stop()
	transport, channels, requests, err := ssh.NewClientConn(conn, address, &ssh.ClientConfig{
		User:              user,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(c.signer)},
		HostKeyCallback:   c.hosts,
		HostKeyAlgorithms: c.algorithms(address),
	})
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return ssh.NewClient(transport, channels, requests), nil
}

// pin makes the host keys of the known_hosts text the only ones accepted.
func (c *Client) pin(text string) error {
	// The parser reads files only.
	file, err := os.CreateTemp("", "azswarm-known-hosts-")
	if err != nil {
		return fmt.Errorf("read known hosts: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(text)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("read known hosts: %w", err)
	}
	if c.hosts, err = knownhosts.New(file.Name()); err != nil {
		return fmt.Errorf("stack output knownHosts: %w", err)
	}
	c.algorithms = func(address string) []string { return knownAlgorithms(c.hosts, address) }
	return nil
}

// knownAlgorithms asks the callback about a key that no host has; its refusal lists the keys it knows.
func knownAlgorithms(hosts ssh.HostKeyCallback, address string) []string {
	var mismatch *knownhosts.KeyError
	if !errors.As(hosts(address, &net.TCPAddr{IP: net.IPv4zero}, noKey{}), &mismatch) {
		return nil
	}
	var algorithms []string
	for _, known := range mismatch.Want {
		if kind := known.Key.Type(); kind == ssh.KeyAlgoRSA {
			algorithms = append(algorithms, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		} else {
			algorithms = append(algorithms, kind)
		}
	}
	return algorithms
}

// noKey is a public key that equals no other.
type noKey struct{}

func (noKey) Type() string                        { return "none" }
func (noKey) Marshal() []byte                     { return nil }
func (noKey) Verify([]byte, *ssh.Signature) error { return errors.New("no key") }
