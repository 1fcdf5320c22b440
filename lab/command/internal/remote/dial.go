package remote

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
)

// The pause after a failed dial: first, then longer by the factor each time, up to the longest.
const (
	firstPause  = 100 * time.Millisecond
	pauseFactor = 1.5
	maxPause    = 5 * time.Second
)

// Dialer opens SSH connections, trying again when a dial fails.
type Dialer struct {
	// Pause waits between dials; nil waits for real. It returns early, with the context's error, on cancellation.
	Pause func(ctx context.Context, d time.Duration) error
	// Connect opens the TCP connection to a host or proxy; nil uses the network of this machine.
	Connect func(ctx context.Context, address string, timeout time.Duration) (net.Conn, error)
}

// tunnel is an SSH connection and the proxy it goes through, if any.
type tunnel struct {
	*ssh.Client
	proxy *ssh.Client
}

// Close ends the connection and then the one it goes through.
func (t *tunnel) Close() error {
	err := t.Client.Close()
	if t.proxy != nil {
		_ = t.proxy.Close()
	}
	return err
}

// dial connects to the host, through its proxy if it has one.
func (d Dialer) dial(ctx context.Context, c *Connection, log output.Log) (*tunnel, error) {
	creds, err := c.credentials()
	if err != nil {
		return nil, err
	}
	defer creds.close()
	if c.Proxy != nil {
		t, err := d.dialThrough(ctx, c, creds.config, log)
		if err != nil {
			return nil, fmt.Errorf("proxy: %w", err)
		}
		return t, nil
	}
	client, err := d.dialDirect(ctx, "Dial", c, creds.config, log)
	if err != nil {
		return nil, err
	}
	return &tunnel{Client: client}, nil
}

func (d Dialer) dialDirect(ctx context.Context, phase string, c *Connection, config *ssh.ClientConfig, log output.Log) (*ssh.Client, error) {
	return retry(ctx, d, phase, c.dialErrorLimit(), log, func() (*ssh.Client, error) {
		conn, err := d.connect(ctx, c.address(), c.perDialTimeout())
		if err != nil {
			return nil, err
		}
		return handshake(ctx, conn, c.address(), config)
	})
}

func (d Dialer) dialThrough(ctx context.Context, c *Connection, config *ssh.ClientConfig, log output.Log) (*tunnel, error) {
	bastion := c.Proxy.connection()
	creds, err := bastion.credentials()
	if err != nil {
		return nil, err
	}
	defer creds.close()
	proxy, err := d.dialDirect(ctx, "Dial proxy", bastion, creds.config, log)
	if err != nil {
		return nil, err
	}
	conn, err := retry(ctx, d, "Dial from proxy", c.dialErrorLimit(), log, func() (net.Conn, error) {
		return proxy.DialContext(ctx, "tcp", c.address())
	})
	if err != nil {
		_ = proxy.Close()
		return nil, err
	}
	// As in the plugin, the handshake is tried again on the same channel, which the first failure has closed: that
	// hides the reason behind "EOF", and users of the real plugin have to read that.
	client, err := retry(ctx, d, "Dial", c.dialErrorLimit(), log, func() (*ssh.Client, error) {
		return handshake(ctx, conn, c.address(), config)
	})
	if err != nil {
		_ = proxy.Close()
		return nil, err
	}
	return &tunnel{Client: client, proxy: proxy}, nil
}

// handshake makes an SSH connection of conn. Only cancellation bounds its time.
func handshake(ctx context.Context, conn net.Conn, address string, config *ssh.ClientConfig) (*ssh.Client, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	sshConn, channels, requests, err := ssh.NewClientConn(conn, address, config)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return ssh.NewClient(sshConn, channels, requests), nil
}

// retry calls try until it succeeds, at most limit+1 times, for ever if limit is negative. Every error counts alike.
func retry[T any](ctx context.Context, d Dialer, phase string, limit int, log output.Log, try func() (T, error)) (T, error) {
	of := "inf"
	if limit >= 0 {
		of = strconv.Itoa(limit)
	}
	var none T
	pause := firstPause
	for dial := 1; ; dial++ {
		result, err := try()
		switch {
		case err == nil:
			return result, nil
		case ctx.Err() != nil:
			return none, ctx.Err()
		case limit >= 0 && dial > limit:
			return none, fmt.Errorf("after %d failed attempts: %w", limit, inOldWords(err))
		}
		log.Status(fmt.Sprintf("%s %d/%s failed: retrying", phase, dial, of))
		if err := d.pause(ctx, pause); err != nil {
			return none, err
		}
		pause = min(time.Duration(float64(pause)*pauseFactor), maxPause)
	}
}

func (d Dialer) pause(ctx context.Context, length time.Duration) error {
	if d.Pause != nil {
		return d.Pause(ctx, length)
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d Dialer) connect(ctx context.Context, address string, timeout time.Duration) (net.Conn, error) {
	if d.Connect != nil {
		return d.Connect(ctx, address, timeout)
	}
	return (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", address)
}
