package sshtest

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// home is the home directory of User as SFTP shows it.
const home = "/root"

func (s *Server) makeHome() error { return os.MkdirAll(s.homeDir(), 0o755) }

func (s *Server) homeDir() string { return filepath.Join(s.Root, home) }

func (s *Server) session(offered ssh.NewChannel) {
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	defer func() { _ = channel.Close() }()
	var env []string
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			ok := ssh.Unmarshal(request.Payload, &variable) == nil && acceptEnv(variable.Name)
			if ok {
				env = append(env, variable.Name+"="+variable.Value)
			}
			_ = request.Reply(ok, nil)
		case "exec":
			var command struct{ Text string }
			if ssh.Unmarshal(request.Payload, &command) != nil {
				_ = request.Reply(false, nil)
				return
			}
			_ = request.Reply(true, nil)
			s.exec(channel, command.Text, env)
			return
		case "subsystem":
			_ = request.Reply(true, nil)
			server := sftp.NewRequestServer(channel, handlers(s.Root), sftp.WithStartDirectory(home))
			_ = server.Serve()
			return
		default:
			_ = request.Reply(false, nil)
		}
	}
}

// acceptEnv is Debian's AcceptEnv.
func acceptEnv(name string) bool { return name == "LANG" || strings.HasPrefix(name, "LC_") }

func (s *Server) exec(channel ssh.Channel, text string, env []string) {
	command := exec.Command("bash", "-c", text)
	command.Dir = s.homeDir()
	command.Env = append([]string{"HOME=" + s.homeDir(), "PATH=" + os.Getenv("PATH"), "USER=" + User}, env...)
	command.Stdin, command.Stdout, command.Stderr = channel, channel, channel.Stderr()
	err := command.Run()
	var failed *exec.ExitError
	switch {
	case err == nil:
		exit(channel, 0)
	case errors.As(err, &failed) && failed.Sys().(syscall.WaitStatus).Signaled():
		name := signalName(failed.Sys().(syscall.WaitStatus).Signal())
		_, _ = channel.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Signal       string
			Core         bool
			Message, Tag string
		}{Signal: name}))
	case errors.As(err, &failed):
		exit(channel, failed.ExitCode())
	default:
		exit(channel, 255)
	}
}

func exit(channel ssh.Channel, code int) {
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(code)}))
}

func signalName(signal syscall.Signal) string {
	switch signal {
	case syscall.SIGKILL:
		return "KILL"
	case syscall.SIGTERM:
		return "TERM"
	default:
		return strconv.Itoa(int(signal))
	}
}

// tunnel forwards a connection, or says why not with the words of OpenSSH.
func (s *Server) tunnel(offered ssh.NewChannel) {
	var target struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if s.forward == nil || ssh.Unmarshal(offered.ExtraData(), &target) != nil {
		_ = offered.Reject(ssh.Prohibited, "open failed")
		return
	}
	conn, err := s.forward(net.JoinHostPort(target.Host, strconv.Itoa(int(target.Port))))
	if err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := offered.Accept()
	if err != nil {
		_ = conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(conn, channel); _ = conn.Close() })
	both.Go(func() { _, _ = io.Copy(channel, conn); _ = channel.Close() })
	both.Wait()
}
