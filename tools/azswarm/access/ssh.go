package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// dialTimeout bounds one connection, handshake included; machines that run answer in well under a second.
const dialTimeout = 15 * time.Second

// aliveTimeout bounds the question whether a connection still leads to its machine, which may be busy.
const aliveTimeout = 5 * time.Second

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
	if c.bastion, err = c.toBastion(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Close ends all connections through the bastion.
func (c *Client) Close() error { return c.bastion.Close() }

// Run runs a shell command on a node and returns its standard output.
func (c *Client) Run(ctx context.Context, node Node, command string) (string, error) {
	var stdout, stderr bytes.Buffer
	err := c.Exec(ctx, node, command, Streams{Stdout: &stdout, Stderr: &stderr})
	if exit := new(CommandError); errors.As(err, &exit) {
		err = fmt.Errorf("on %s: %s: %w: %s", node.Name, command, exit.Err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), err
}

// Streams are a command's; what is nil is empty, or goes nowhere.
type Streams struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
}

// CommandError is of a command that began, and failed or was ended.
type CommandError struct {
	Node string
	Err  error // *[ssh.ExitError], or the context's
}

func (e *CommandError) Error() string { return fmt.Sprintf("on %s: %v", e.Node, e.Err) }

// Unwrap returns the reason.
func (e *CommandError) Unwrap() error { return e.Err }

// Exec runs a shell command on a node, over a connection of its own, until it ends or the context does. The error is a
// *[CommandError] where the command began.
func (c *Client) Exec(ctx context.Context, node Node, command string, streams Streams) error {
	shell, err := c.Connect(ctx, node)
	if err != nil {
		return err
	}
	defer func() { _ = shell.Close() }()
	return shell.Exec(ctx, command, streams)
}

// Shell is a connection to a node, for any number of commands.
type Shell struct {
	node   string
	client *ssh.Client
}

// Connect logs in to a node.
func (c *Client) Connect(ctx context.Context, node Node) (*Shell, error) {
	client, err := c.connect(ctx, node)
	if err != nil {
		return nil, err
	}
	return &Shell{node: node.Name, client: client}, nil
}

// Close ends the connection, and the commands that run over it.
func (s *Shell) Close() error { return s.client.Close() }

// Dial connects to a TCP address as the node sees it, within 15 seconds.
func (s *Shell) Dial(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := s.client.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s on %s: %w", address, s.node, err)
	}
	return conn, nil
}

// Alive says whether the node answers within 5 seconds, before the context ends. A connection whose node does not is of no more use, and
// is closed.
func (s *Shell) Alive(ctx context.Context) bool { return alive(ctx, s.client) }

// Alive is [Shell.Alive] of the bastion.
func (c *Client) Alive(ctx context.Context) bool { return alive(ctx, c.bastion) }

func alive(ctx context.Context, client *ssh.Client) bool {
	ctx, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = client.Close() })
	_, _, err := client.SendRequest("keepalive@openssh.com", true, nil)
	return stop() && err == nil
}

// Exec is [Client.Exec] over this connection, which the context's end ends, too: a command may run on otherwise.
func (s *Shell) Exec(ctx context.Context, command string, streams Streams) error {
	stop := context.AfterFunc(ctx, func() { _ = s.client.Close() })
	defer stop()
	session, err := s.client.NewSession()
	if err != nil {
		return fmt.Errorf("open a session on %s: %w", s.node, err)
	}
	defer func() { _ = session.Close() }()
	session.Stdout, session.Stderr = streams.Stdout, streams.Stderr
	if streams.Stdin != nil {
		// Not Session.Stdin: a command that has ended would be waited for until the next line of a terminal.
		stdin, err := session.StdinPipe()
		if err != nil {
			return fmt.Errorf("open a session on %s: %w", s.node, err)
		}
		go func() {
			_, _ = io.Copy(stdin, streams.Stdin)
			_ = stdin.Close()
		}()
	}
	err = session.Run(command)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return &CommandError{
			Node: s.node,
			Err:  err,
		}
	}
	return nil
}

// connect logs in to a node. The bastion has a public address, where it is reached as at first.
func (c *Client) connect(ctx context.Context, node Node) (*ssh.Client, error) {
	if node.Tier == TierBastion {
		return c.toBastion(ctx)
	}
	address := net.JoinHostPort(node.Address.String(), strconv.Itoa(sshPort))
	dialContext, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := c.bastion.DialContext(dialContext, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s (%s) through the bastion: %w", node.Name, node.Address, err)
	}
	client, err := c.handshake(ctx, conn, address, c.outputs.AdminUser)
	if err != nil {
		return nil, fmt.Errorf("log in to %s@%s (%s): %w", c.outputs.AdminUser, node.Name, node.Address, err)
	}
	return client, nil
}

func (c *Client) toBastion(ctx context.Context) (*ssh.Client, error) {
	bastion := c.outputs.Bastion
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", bastion.endpoint())
	if err != nil {
		return nil, fmt.Errorf("connect to the bastion: %w", err)
	}
	client, err := c.handshake(ctx, conn, bastion.endpoint(), bastion.User)
	if err != nil {
		return nil, fmt.Errorf("log in to the bastion %s@%s: %w", bastion.User, bastion.Host, err)
	}
	return client, nil
}

func (c *Client) handshake(ctx context.Context, conn net.Conn, address, user string) (*ssh.Client, error) {
	// The handshake itself knows no time limit, and neither does a channel of the bastion: closing does it.
	limited, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	stop := context.AfterFunc(limited, func() { _ = conn.Close() })
	defer stop()
	transport, channels, requests, err := ssh.NewClientConn(conn, address, &ssh.ClientConfig{
		User:              user,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(c.signer)},
		HostKeyCallback:   c.hosts,
		HostKeyAlgorithms: c.algorithms(address),
	})
	if err != nil {
		_ = conn.Close()
		if limited.Err() != nil {
			err = fmt.Errorf("no answer: %w", limited.Err())
		}
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
