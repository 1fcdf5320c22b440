package docker

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// sshCommand is the ssh call that connects to the Docker daemon of an ssh:// host.
func sshCommand(host string, opts []string) ([]string, error) {
	address, err := url.Parse(host)
	if err != nil {
		return nil, fmt.Errorf("host %s of the docker provider: %w", host, err)
	}
	if address.Hostname() == "" || strings.Trim(address.Path, "/") != "" {
		return nil, fmt.Errorf("host %s of the docker provider: ssh://[user@]host[:port] is allowed", host)
	}
	command := []string{"ssh"}
	if user := address.User.Username(); user != "" {
		command = append(command, "-l", user)
	}
	if port := address.Port(); port != "" {
		command = append(command, "-p", port)
	}
	command = append(command, opts...)
	return append(command, "-o", "ConnectTimeout=30", "-T", "--", address.Hostname(), "docker", "system", "dial-stdio"), nil
}

// commandConn is a connection over the standard input and output of a command.
type commandConn struct {
	command []string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     io.ReadCloser
	stderr  lockedBuffer
	exited  chan struct{}
	result  error
}

// startCommand runs the command and connects to it.
func startCommand(command []string) (net.Conn, error) {
	c := &commandConn{command: command, cmd: exec.Command(command[0], command[1:]...), exited: make(chan struct{})}
	c.cmd.Stderr = &c.stderr
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	reader, writer := io.Pipe()
	c.out, c.cmd.Stdout = reader, writer
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		c.result = c.cmd.Wait()
		close(c.exited)
		_ = writer.CloseWithError(c.failure(io.EOF)) // never fails
	}()
	return c, nil
}

// failure says why the command ended, or returns err while it runs or if it ended well.
func (c *commandConn) failure(err error) error {
	<-c.exited
	if c.result == nil {
		return err
	}
	return fmt.Errorf("command %v has exited with %w, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=%s",
		c.command, c.result, c.stderr.String())
}

func (c *commandConn) Read(p []byte) (int, error) { return c.out.Read(p) }

func (c *commandConn) Write(p []byte) (int, error) {
	n, err := c.in.Write(p)
	if err != nil { // the command has closed its input: it is about to exit
		err = c.failure(err)
	}
	return n, err
}

func (c *commandConn) Close() error {
	_ = c.in.Close()  // ends the command
	_ = c.out.Close() // unblocks what it still writes
	return nil
}

func (c *commandConn) LocalAddr() net.Addr              { return commandAddr{} }
func (c *commandConn) RemoteAddr() net.Addr             { return commandAddr{} }
func (c *commandConn) SetDeadline(time.Time) error      { return nil }
func (c *commandConn) SetReadDeadline(time.Time) error  { return nil }
func (c *commandConn) SetWriteDeadline(time.Time) error { return nil }

type commandAddr struct{}

func (commandAddr) Network() string { return "command" }
func (commandAddr) String() string  { return "command" }

// lockedBuffer takes what the command writes while others read it.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
