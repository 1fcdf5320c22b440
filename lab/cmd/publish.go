package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// publish reads the stack's outputs and leaves in the lab's directory what gets an operator into the machines, for
// commands (and people) that don't run Pulumi.
func (a *attached) publish(ctx context.Context) (access.Outputs, error) {
	raw, err := a.Outputs(ctx)
	if err != nil {
		return access.Outputs{}, err
	}
	outputs, err := access.Parse(raw)
	if err != nil {
		return access.Outputs{}, err
	}
	return outputs, access.Save(a.Lab.AccessDir(), outputs)
}

// explain says how to get in and how to end it.
func (a *attached) explain(w io.Writer, outputs access.Outputs) {
	name, lab := a.options.nameFlag(), invocation()
	if a.record.NoMachines {
		heading(w, "how to go on")
		fmt.Fprintf(w, "pulumi     %s exec%s%s -- pulumi preview\n", lab, name, a.options.programFlags())
		fmt.Fprintf(w, "tear down  %s down%s\n", lab, name)
		return
	}
	heading(w, "how to get in")
	if outputs.Reachable() == nil && len(outputs.Nodes) > 0 {
		node := outputs.Nodes[0].Name
		if managers := outputs.Tier(access.TierManagers); len(managers) > 0 {
			node = managers[0].Name
		}
		fmt.Fprintf(w, "ssh        %s ssh%s %s\n", lab, name, node)
		fmt.Fprintf(w, "           ssh -F %s %s\n", filepath.Join(a.Lab.AccessDir(), access.ConfigFile), node)
	}
	if outputs.SwarmEndpoint != "" && outputs.SwarmClient.Key != "" {
		list := "node ls"
		if outputs.Orchestrator == access.Classic {
			list = "ps"
		}
		fmt.Fprintf(w, "docker     DOCKER_HOST=%s DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=%s docker %s\n",
			outputs.SwarmEndpoint, filepath.Join(a.Lab.AccessDir(), access.DockerDir), list)
	}
	fmt.Fprintf(w, "machines   %s status%s\n", lab, name)
	fmt.Fprintf(w, "pulumi     %s exec%s%s -- pulumi preview\n", lab, name, a.options.programFlags())
	fmt.Fprintf(w, "tear down  %s down%s\n", lab, name)
}

// invocation is what to type for this program: a clone has it off the PATH.
func invocation() string {
	if found, err := exec.LookPath(filepath.Base(os.Args[0])); err == nil {
		if self, err := os.Executable(); err == nil && found == self {
			return filepath.Base(self)
		}
	}
	return os.Args[0]
}
