package cmd

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/command"
	"github.com/seed-3bc5c20b/azswarm/lab/docker"
	"github.com/seed-3bc5c20b/azswarm/lab/plugin"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// replaceable are the plugins that can be real, as they reach machines over the network alone.
var replaceable = []string{"command", "docker"}

// serve starts the lab's providers and attaches the CLI to them.
func (a *attached) serve(o *options, notice io.Writer) error {
	providers := standIns(a.record.NoMachines)
	if err := a.choosePlugins(providers, o.realPlugins, notice); err != nil {
		return err
	}
	var err error
	if a.provider, err = a.openAzure(); err != nil {
		return err
	}
	providers["azure-native"] = a.provider
	if a.servers, err = plugin.Serve(providers); err != nil {
		return err
	}
	a.Attach(a.servers.Env())
	return nil
}

// standIns are the lab's own for the replaceable plugins.
func standIns(noMachines bool) map[string]pulumirpc.ResourceProviderServer {
	if noMachines {
		return map[string]pulumirpc.ResourceProviderServer{"command": command.NewPaper(), "docker": docker.NewPaper()}
	}
	return map[string]pulumirpc.ResourceProviderServer{"command": command.New(), "docker": docker.New()}
}

// choosePlugins takes those stand-ins away that installed plugins shall serve for, and says who serves.
func (a *attached) choosePlugins(providers map[string]pulumirpc.ResourceProviderServer, real bool, notice io.Writer) error {
	installed, err := session.InstalledPlugins(replaceable...)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(installed))
	if !real {
		if len(names) > 0 {
			fmt.Fprintf(notice, "plugins: the lab's own; %s installed too: --real-plugins uses what is installed\n", strings.Join(names, " and "))
		}
		return nil
	}
	for _, name := range replaceable {
		path, found := installed[name]
		if !found {
			return fmt.Errorf("--real-plugins: the %s plugin is not installed (`pulumi plugin install resource %s`)", name, name)
		}
		fmt.Fprintf(notice, "plugin %s: %s\n", name, path)
		delete(providers, name)
	}
	return a.Lab.UsePlugins()
}

// misleading are variables that the providers in this process must not see; the session package says why, where it
// keeps them from plugins.
var misleading = []string{"DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "SSH_AUTH_SOCK"}

// hideEnvironment unsets what would mislead the providers, until restored.
func hideEnvironment() (restore func() error, err error) {
	hidden := map[string]string{}
	for _, name := range misleading {
		if value, set := os.LookupEnv(name); set {
			hidden[name] = value
			err = errors.Join(err, os.Unsetenv(name))
		}
	}
	return func() error {
		var failures []error
		for name, value := range hidden {
			failures = append(failures, os.Setenv(name, value))
		}
		return errors.Join(failures...)
	}, err
}
