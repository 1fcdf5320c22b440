//go:build e2e

package containers

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"golang.org/x/crypto/ssh"
)

// lab is a Cloud under test with what it takes to look into its machines.
type lab struct {
	t      *testing.T
	cloud  *Cloud
	signer ssh.Signer
	key    string
}

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// step runs one part of the life; the next ones need it.
func (l *lab) step(name string, do func()) {
	start := time.Now()
	do()
	l.t.Logf("%6.1fs %s", time.Since(start).Seconds(), name)
}

func (l *lab) newKey() {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	l.must(err)
	l.signer, err = ssh.NewSignerFromKey(private)
	l.must(err)
	l.key = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(l.signer.PublicKey())))
}

func (l *lab) machine(name, vmid string, addresses ...netip.Addr) cloud.Machine {
	return cloud.Machine{
		ID: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/" + name, VMID: vmid,
		ComputerName: name, NetworkID: vnetID, Addresses: addresses,
		AdminUser: "azswarm", AuthorizedKeys: []string{l.key}, CustomData: []byte(webserver),
	}
}

// ssh connects to a machine, waiting until it lets the administrator in.
func (l *lab) ssh(address netip.Addr) *ssh.Client {
	l.t.Helper()
	config := &ssh.ClientConfig{
		User: "azswarm", Auth: []ssh.AuthMethod{ssh.PublicKeys(l.signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: time.Second,
	}
	deadline := time.Now().Add(3 * time.Minute)
	for {
		client, err := ssh.Dial("tcp", netip.AddrPortFrom(address, 22).String(), config)
		if err == nil {
			l.t.Cleanup(func() { _ = client.Close() })
			return client
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("ssh %s: %v", address, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (l *lab) output(client *ssh.Client, command string) string {
	l.t.Helper()
	session, err := client.NewSession()
	l.must(err)
	out, err := session.CombinedOutput(command)
	if err != nil {
		l.t.Errorf("%s: %v", command, err)
	}
	return string(out)
}

func (l *lab) expect(address netip.Addr, command, want string) {
	l.t.Helper()
	if got := l.output(l.ssh(address), command); got != want {
		l.t.Errorf("on %s: %s\ngot  %q\nwant %q", address, command, got, want)
	}
}

// runThrough runs a command on a machine behind a.
func (l *lab) runThrough(address netip.Addr, command string) string {
	l.t.Helper()
	conn, err := l.ssh(publicA).Dial("tcp", netip.AddrPortFrom(address, 22).String())
	l.must(err)
	config := &ssh.ClientConfig{
		User: "azswarm", Auth: []ssh.AuthMethod{ssh.PublicKeys(l.signer)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	}
	inner, channels, requests, err := ssh.NewClientConn(conn, address.String(), config)
	l.must(err)
	return l.output(ssh.NewClient(inner, channels, requests), command)
}

func (l *lab) expectThrough(address netip.Addr, command, want string) {
	l.t.Helper()
	if got := l.runThrough(address, command); got != want {
		l.t.Errorf("on %s: %s\ngot  %q\nwant %q", address, command, got, want)
	}
}

// observer serves, on the internet, the address each caller comes from.
func (l *lab) observer() string {
	listener, err := net.Listen("tcp", "198.18.7.1:0")
	l.must(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		_, _ = fmt.Fprint(w, host)
	})}
	go func() { _ = server.Serve(listener) }()
	l.t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// awaitAnswers waits until the load balancer answers from exactly these machines, over 30 connections in a row.
func (l *lab) awaitAnswers(machines ...string) {
	l.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		seen := map[string]int{}
		for range 30 {
			response, err := client.Get("http://" + publicLB.String() + "/")
			if err != nil {
				seen["error"]++
				break
			}
			var body bytes.Buffer
			_, err = body.ReadFrom(response.Body)
			l.must(err)
			l.must(response.Body.Close())
			seen[strings.TrimSpace(body.String())]++
		}
		complete := len(seen) == len(machines)
		for _, machine := range machines {
			complete = complete && seen[machine] > 0
		}
		if complete {
			return
		}
		if time.Now().After(deadline) {
			l.t.Fatalf("the load balancer answers from %v, want %v", seen, machines)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// fillRegistry puts a tiny hashicorp/consul:1.22 into the registry's storage.
func (l *lab) fillRegistry() {
	l.t.Helper()
	const address = "127.0.0.1:5077"
	config := filepath.Join(l.t.TempDir(), "registry.yml")
	l.must(os.WriteFile(config, []byte(fmt.Sprintf("version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %s}\n",
		l.cloud.options.RegistryStorage, address)), 0o600))
	registry := exec.Command("docker-registry", "serve", config)
	l.must(registry.Start())
	defer func() { _ = registry.Process.Kill(); _ = registry.Wait() }()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			break
		} else if time.Now().After(deadline) {
			l.t.Fatal(err)
		}
	}
	image := address + "/hashicorp/consul:1.22"
	for _, command := range []string{
		"tar -c -C /etc hostname | docker import - " + image, "docker push -q " + image, "docker rmi " + image,
	} {
		if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
			l.t.Fatalf("%s: %v: %s", command, err, out)
		}
	}
}

func (l *lab) expectNothing() {
	l.t.Helper()
	ctx := context.Background()
	containers, err := l.cloud.containers(ctx, "")
	l.must(err)
	networks, err := l.cloud.docker.NetworkList(ctx, network.ListOptions{Filters: l.cloud.filter("")})
	l.must(err)
	volumes, err := l.cloud.docker.VolumeList(ctx, volume.ListOptions{Filters: l.cloud.filter("")})
	l.must(err)
	if len(containers)+len(networks)+len(volumes.Volumes) > 0 {
		l.t.Errorf("left behind: %d containers, %d networks, %d volumes", len(containers), len(networks), len(volumes.Volumes))
	}
}
