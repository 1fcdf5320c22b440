package docker

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	images "github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

const sleeper = `package main

import ("os"; "time")

func main() {
	if len(os.Args) > 1 { os.Exit(3) }
	time.Sleep(time.Hour)
}
`

// TestWithRealDaemon runs a network, an image and containers on this machine's Docker, where there is one. It
// leaves Swarm alone.
func TestWithRealDaemon(t *testing.T) {
	docker, err := client.NewClientWithOpts(client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := docker.Ping(t.Context()); err != nil {
		t.Skipf("no Docker daemon on this machine: %v", err)
	}
	t.Setenv("DOCKER_HOST", "")
	image := importImage(t, docker)
	provider := New()
	if _, err := provider.Configure(t.Context(), &pulumirpc.ConfigureRequest{}); err != nil {
		t.Fatal(err)
	}
	name := strings.ReplaceAll(image, ":", "-")

	pinned := mustCreate(t, provider, imageToken, object{"name": image})
	if !strings.HasPrefix(pinned.id, "sha256:") || !strings.HasSuffix(pinned.id, image) {
		t.Errorf("image id %q", pinned.id)
	}
	network := mustCreate(t, provider, networkToken, object{"name": name})
	t.Cleanup(func() { _ = network.delete(t) })
	inputs := object{
		"name": name, "image": image, "command": []any{"/sleeper"}, "envs": []any{"A=1"}, "restart": "always",
		"networksAdvanced": []any{object{"name": network.id, "aliases": []any{"sleeper"}}},
		"ports":            []any{object{"internal": 80.0, "ip": "127.0.0.1"}},
	}
	made := mustCreate(t, provider, containerToken, inputs)
	t.Cleanup(func() { _ = made.delete(t) })

	if got := made.diff(t, inputs); len(got) > 0 {
		t.Errorf("after up: %v", got)
	}
	if !made.refresh(t) {
		t.Fatal("refresh dropped the container")
	}
	if got := made.diff(t, inputs); len(got) > 0 {
		t.Errorf("after refresh: %v", got)
	}
	inputs["restart"] = "no"
	if err := made.update(t, inputs); err != nil {
		t.Errorf("update: %v", err)
	}
	if _, err := create(t, provider, containerToken, inputs); err == nil || !strings.Contains(err.Error(), "Unable to create container: Error response from daemon: Conflict.") {
		t.Errorf("the name is taken, but: %v", err)
	}
	short := merge(inputs, object{"name": name + "-short", "command": []any{"/sleeper", "not"}, "ports": nil})
	if _, err := create(t, provider, containerToken, short); err == nil || !strings.Contains(err.Error(), "* container exited immediately\n") {
		t.Errorf("the container exits at once, but: %v", err)
	}
	ended := mustCreate(t, provider, containerToken, merge(short, object{"mustRun": false}))
	if ended.state["exitCode"] != 3.0 {
		t.Errorf("exit code %v, want 3", ended.state["exitCode"])
	}
	for _, m := range []*managed{ended, made, network, pinned} {
		if err := m.delete(t); err != nil {
			t.Errorf("delete %s: %v", m.urn, err)
		}
		if m.refresh(t) {
			t.Errorf("%s is still there", m.urn)
		}
	}
}

// importImage makes an image of one static program and returns its name.
func importImage(t *testing.T, docker *client.Client) string {
	t.Helper()
	folder := t.TempDir()
	source, program := filepath.Join(folder, "main.go"), filepath.Join(folder, "sleeper")
	if err := os.WriteFile(source, []byte(sleeper), 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", program, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	data, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	writer := tar.NewWriter(&archive)
	if err := writer.WriteHeader(&tar.Header{Name: "sleeper", Mode: 0o755, Size: int64(len(data))}); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	image := "azswarm-test-docker:" + time.Now().Format("150405.000000")
	answer, err := docker.ImageImport(t.Context(), images.ImportSource{Source: &archive, SourceName: "-"}, image, images.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Close() }()
	if _, err := (&bytes.Buffer{}).ReadFrom(answer); err != nil {
		t.Fatal(err)
	}
	return image
}
