package remote

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Defaults of a connection and of a proxy, as Check fills them in.
const (
	DefaultUser           = "root"
	DefaultPort           = 22
	DefaultDialErrorLimit = 10
	DefaultPerDialTimeout = 15 // seconds
)

func (c *Connection) address() string {
	return net.JoinHostPort(c.Host, strconv.Itoa(int(value(c.Port, DefaultPort))))
}

func (c *Connection) dialErrorLimit() int { return value(c.DialErrorLimit, DefaultDialErrorLimit) }

func (c *Connection) perDialTimeout() time.Duration {
	return time.Duration(value(c.PerDialTimeout, DefaultPerDialTimeout)) * time.Second
}

// credentials are a client configuration and the agent connection it may use, to be closed after the dial.
type credentials struct {
	config *ssh.ClientConfig
	agent  net.Conn
}

func (c *credentials) close() {
	if c.agent != nil {
		_ = c.agent.Close()
	}
}

// Check finds what is wrong with the connection, and its proxy, before anything is dialled: it parses the keys.
func (c *Connection) Check() error {
	alone := *c
	alone.AgentSocketPath = new("") // not even the agent is asked
	if _, err := alone.credentials(); err != nil {
		return err
	}
	if c.Proxy != nil {
		if err := c.Proxy.connection().Check(); err != nil {
			return fmt.Errorf("proxy: %w", err)
		}
	}
	return nil
}

// credentials reads the keys of the connection. What is wrong with them is wrong for good, so nothing was dialled yet.
func (c *Connection) credentials() (*credentials, error) {
	creds := &credentials{config: &ssh.ClientConfig{
		User:            value(c.User, DefaultUser),
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // without hostKey the plugin trusts any host
	}}
	if c.HostKey != nil {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*c.HostKey))
		if err != nil {
			return nil, fmt.Errorf("failed to parse host key: %w", err)
		}
		creds.config.HostKeyCallback = ssh.FixedHostKey(key)
		creds.config.HostKeyAlgorithms = []string{key.Type()}
	}
	if c.PrivateKey != nil {
		signer, err := parsePrivateKey(*c.PrivateKey, c.PrivateKeyPassword)
		if err != nil {
			return nil, err
		}
		creds.config.Auth = append(creds.config.Auth, ssh.PublicKeys(signer))
	}
	if c.Password != nil {
		creds.config.Auth = append(creds.config.Auth, ssh.Password(*c.Password),
			ssh.KeyboardInteractive(answerAll(*c.Password)))
	}
	socket := value(c.AgentSocketPath, os.Getenv("SSH_AUTH_SOCK"))
	if socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return nil, err
		}
		creds.agent = conn
		creds.config.Auth = append(creds.config.Auth, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	}
	return creds, nil
}

func parsePrivateKey(pem string, password *string) (ssh.Signer, error) {
	if password != nil {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(pem), []byte(*password))
	}
	return ssh.ParsePrivateKey([]byte(pem))
}

// answerAll answers every question of the server with the password.
func answerAll(password string) ssh.KeyboardInteractiveChallenge {
	return func(_, _ string, questions []string, _ []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i := range answers {
			answers[i] = password
		}
		return answers, nil
	}
}

func value[T any](p *T, otherwise T) T {
	if p != nil {
		return *p
	}
	return otherwise
}
