package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/docker/docker/client"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// configPrefix is what the engine puts before every configuration key.
const configPrefix = "docker:config:"

// settings is the provider configuration.
type settings struct {
	host             string // "" means the environment's, then the local daemon
	ca, cert, key    string // PEM texts
	sshOpts          []string
	skipVersionCheck bool
}

// CheckConfig returns the inputs with everything that is not text turned into JSON text.
func (p *Provider) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	out := object{}
	for name, value := range decode(req.GetNews()) {
		if _, isText := value.(string); !isText && value != nil {
			encoded, err := json.Marshal(value)
			if err != nil {
				return nil, fmt.Errorf("provider property %q: %w", name, err)
			}
			value = string(encoded)
		}
		out[name] = value
	}
	inputs, err := encode(out)
	return &pulumirpc.CheckResponse{Inputs: inputs}, err
}

// DiffConfig reports a changed provider configuration as an update: resources stay where they are.
func (p *Provider) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, news := decode(req.GetOlds()), decode(req.GetNews())
	out := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	for _, name := range sortedKeys(merge(olds, news)) {
		if name != "version" && olds[name] != news[name] {
			out.Changes = pulumirpc.DiffResponse_DIFF_SOME
			out.Diffs = append(out.Diffs, name)
		}
	}
	return out, nil
}

// Configure connects to the Docker host, in previews too, and fails where it cannot be reached.
func (p *Provider) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	//lint:ignore SA1019 the arguments say the same, but wrap secrets; the plugin reads the variables too
	config, err := parseSettings(req.GetVariables())
	if err != nil {
		return nil, failure(err)
	}
	if p.paper {
		if err := config.check(); err != nil {
			return nil, failure(err)
		}
		return configured, nil
	}
	if err := config.nativeCheck(ctx, p.timing.connect); err != nil {
		return nil, status.Errorf(codes.Unknown, "Docker native provider returned an unexpected error from Configure: %s", err)
	}
	docker, err := config.connect()
	if err != nil {
		return nil, failure(err)
	}
	if !config.skipVersionCheck {
		if err := pingAndVersion(ctx, docker, config.endpoint()); err != nil {
			_ = docker.Close() // the error is what matters
			return nil, failure(err)
		}
	}
	p.sessions.set(connectionOf(ctx), docker)
	return configured, nil
}

// configured is the answer to every configuration that works.
var configured = &pulumirpc.ConfigureResponse{SupportsPreview: true, SupportsAutonamingConfiguration: true}

// errIncompleteMaterial refuses TLS by halves.
var errIncompleteMaterial = errors.New("certMaterial, keyMaterial, and caMaterial must all be specified")

// parseSettings reads the configuration as the engine hands it over: JSON text for what is not text.
func parseSettings(variables map[string]string) (settings, error) {
	var config settings
	texts := map[string]*string{"host": &config.host, "caMaterial": &config.ca, "certMaterial": &config.cert, "keyMaterial": &config.key}
	for _, key := range sortedKeys(variables) {
		name, value := strings.TrimPrefix(key, configPrefix), variables[key]
		if field, isText := texts[name]; isText {
			*field = value
			continue
		}
		switch name {
		case "sshOpts":
			if err := json.Unmarshal([]byte(value), &config.sshOpts); err != nil {
				return config, fmt.Errorf("provider property sshOpts is %s: a list of strings is allowed", value)
			}
		case "disableDockerDaemonCheck":
			if err := json.Unmarshal([]byte(value), &config.skipVersionCheck); err != nil {
				return config, fmt.Errorf("provider property disableDockerDaemonCheck is %s: true or false is allowed", value)
			}
		default:
			return config, fmt.Errorf("provider property %s is not supported by the lab's docker provider: host, caMaterial, certMaterial, keyMaterial, sshOpts and disableDockerDaemonCheck are", name)
		}
	}
	return config, nil
}

// endpoint is the host to connect to.
func (s settings) endpoint() string {
	if s.host != "" {
		return s.host
	}
	if host := os.Getenv(client.EnvOverrideHost); host != "" {
		return host
	}
	return client.DefaultDockerHost
}

// nativeCheck is the contact that the plugin's own part makes, besides that of the part taken over from
// Terraform. It is not made over SSH, and with TLS it prefers DOCKER_HOST to the configured host.
func (s settings) nativeCheck(ctx context.Context, bound time.Duration) error {
	if strings.HasPrefix(s.endpoint(), "ssh://") {
		return nil
	}
	given := 0
	for _, material := range []string{s.ca, s.cert, s.key} {
		if material != "" {
			given++
		}
	}
	if given != 0 && given != 3 {
		return errIncompleteMaterial
	}
	host := s.endpoint()
	if override := os.Getenv(client.EnvOverrideHost); given == 3 && override != "" {
		host = override
	}
	docker, err := s.dial(host)
	if err != nil {
		return err
	}
	defer func() { _ = docker.Close() }()
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	if _, err := docker.Ping(ctx); err != nil {
		return errors.New("failed to connect to any docker daemon")
	}
	return nil
}

func pingAndVersion(ctx context.Context, docker *client.Client, endpoint string) error {
	if _, err := docker.Ping(ctx); err != nil {
		return pluginError("Error pinging Docker server, please make sure that %s is reachable and has a  '_ping' endpoint. Error: %w", endpoint, err)
	}
	if _, err := docker.ServerVersion(ctx); err != nil {
		return pluginError("Error connecting to Docker server %s: %w", endpoint, err)
	}
	return nil
}

func merge(a, b object) object {
	out := object{}
	for _, source := range []object{a, b} {
		for key, value := range source {
			out[key] = value
		}
	}
	return out
}
