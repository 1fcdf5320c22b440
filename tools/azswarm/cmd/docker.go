package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

func newDocker(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "docker [flags] ARGUMENT…",
		Short: "Run docker against the Swarm",
		Long: `docker runs the docker client of this machine against the Swarm's endpoint, with the client certificate of the stack's outputs.
Variables such as DOCKER_HOST are not looked at. The client's exit code is handed on.`,
		Example: `  azswarm docker node ls
  azswarm docker service ps web
  azswarm docker --stack prod stack deploy --compose-file app.yaml app`,
		Args: atLeastOne("say what docker is to do", "node ls"),
		RunE: func(c *cobra.Command, args []string) error {
			cluster, err := o.cluster(c.Context())
			if err != nil {
				return err
			}
			if !hasEndpoint(cluster.outputs) {
				return errors.New("the stack's outputs have no swarmEndpoint and swarmClient: there is no Swarm to ask")
			}
			client, err := exec.LookPath("docker")
			if err != nil {
				return fmt.Errorf("there is no docker client on this machine: install docker-cli, or use `azswarm ssh %s sudo docker …`", aManager(cluster.outputs))
			}
			return withFiles(cluster.outputs, func(dir string) error {
				cmd := exec.Command(client, append(endpointFlags(cluster.outputs, dir), args...)...)
				cmd.Env = withoutDocker(os.Environ())
				return runChild(cmd)
			})
		},
	}
	c.Flags().SetInterspersed(false) // the rest is docker's
	return c
}

// hasEndpoint tells whether the outputs say how to reach the Swarm's API.
func hasEndpoint(outputs access.Outputs) bool {
	return outputs.SwarmEndpoint != "" && outputs.SwarmClient.Key != ""
}

// endpointFlags have docker ask the Swarm, with the certificates that were saved.
func endpointFlags(outputs access.Outputs, dir string) []string {
	return []string{
		"--host", outputs.SwarmEndpoint, "--tlsverify",
		"--tlscacert", filepath.Join(dir, access.CAFile),
		"--tlscert", filepath.Join(dir, access.CertFile),
		"--tlskey", filepath.Join(dir, access.KeyFile),
	}
}

// withoutDocker leaves out what would lead docker elsewhere.
func withoutDocker(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains([]string{"DOCKER_HOST", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT"}, name)
	})
}

// listNodes is what docker is asked to see the machines.
func listNodes(outputs access.Outputs) string {
	if outputs.Orchestrator == access.Classic {
		return "info"
	}
	return "node ls"
}

// aManager names a machine to log in to.
func aManager(outputs access.Outputs) string {
	if managers := outputs.Tier(access.TierManagers); len(managers) > 0 {
		return managers[0].Name
	}
	return access.BastionName
}

// contextName is what docker calls a stack.
func contextName(name string) string { return "azswarm-" + name }

// putContext makes docker's context of a stack, or refreshes it. It says no where there is no docker client.
func putContext(ctx context.Context, name string, outputs access.Outputs, dir string) (bool, error) {
	client, err := exec.LookPath("docker")
	if err != nil || !hasEndpoint(outputs) {
		return false, nil
	}
	verb := "create"
	if hasContext(ctx, client, name) {
		verb = "update"
	}
	endpoint := fmt.Sprintf("host=%s,ca=%s,cert=%s,key=%s", outputs.SwarmEndpoint,
		filepath.Join(dir, access.CAFile), filepath.Join(dir, access.CertFile), filepath.Join(dir, access.KeyFile))
	err = docker(ctx, client, "context", verb, "--description", "Swarm of stack "+name, "--docker", endpoint, contextName(name))
	return err == nil, err
}

// removeContext takes it away, if it is there.
func removeContext(ctx context.Context, name string) error {
	client, err := exec.LookPath("docker")
	if err != nil || !hasContext(ctx, client, name) {
		return nil
	}
	// By force: it may be the one in use.
	return docker(ctx, client, "context", "rm", "--force", contextName(name))
}

func hasContext(ctx context.Context, client, name string) bool {
	return docker(ctx, client, "context", "inspect", contextName(name)) == nil
}

// docker runs docker for what it does to its own configuration.
func docker(ctx context.Context, client string, args ...string) error {
	cmd := exec.CommandContext(ctx, client, args...)
	cmd.Env = withoutDocker(os.Environ())
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("docker %s %s: %v: %s", args[0], args[1], err, strings.TrimSpace(string(output)))
	}
	return nil
}
