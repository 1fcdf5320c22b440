package config

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// noResources is a mock engine for programs that register none.
type noResources struct{}

func (noResources) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return args.Name, args.Inputs, nil
}

func (noResources) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func load(t *testing.T, options ...pulumi.RunOption) (c *Config, err error) {
	t.Helper()
	options = append(options, pulumi.WithMocks("azswarm", "test", noResources{}))
	if runErr := pulumi.RunErr(func(ctx *pulumi.Context) error {
		c, err = Load(ctx)
		return nil
	}, options...); runErr != nil {
		t.Fatal(runErr)
	}
	return c, err
}

const minimalText = `{"azure-native:location": "westeurope", "azswarm:adminCidrs": "[\"198.51.100.0/24\"]"`

func TestLoadReadsWhatTheEnginePasses(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, minimalText+`, "azswarm:managers": "{\"count\": 5}"}`)
	c, err := load(t)
	if err != nil {
		t.Fatal(err)
	}
	if c.Managers.Count != 5 || c.Location != "westeurope" {
		t.Errorf("got %+v", c)
	}
}

func TestLoadReadsWhatATestPasses(t *testing.T) {
	c, err := load(t, func(info *pulumi.RunInfo) { info.Config = with("azswarm:spread", "Zones") })
	if err != nil {
		t.Fatal(err)
	}
	if c.Spread != SpreadZones {
		t.Errorf("got %+v", c)
	}
}

func TestLoadFindsMistypedKeys(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, minimalText+`, "azswarm:manager": "{}"}`)
	if _, err := load(t); err == nil || !strings.Contains(err.Error(), "azswarm:manager: is unknown") {
		t.Errorf("got %v", err)
	}
}

func TestLoadRefusesEncryptedKeysWithoutShowingThem(t *testing.T) {
	t.Setenv(pulumi.EnvConfig, minimalText+`, "azswarm:tags": "{\"owner\": \"hunter2\"}", "azswarm:spread": "hunter2"}`)
	t.Setenv(pulumi.EnvConfigSecretKeys, `["azswarm:tags", "azswarm:spread"]`)
	_, err := load(t)
	if err == nil || !strings.Contains(err.Error(), "azswarm:tags: is encrypted") || !strings.Contains(err.Error(), "azswarm:spread: is encrypted") {
		t.Errorf("got %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error shows a secret: %v", err)
	}
}

func TestLoadRefusesAnEnvironmentItCannotRead(t *testing.T) {
	// The SDK ignores what it cannot parse; so would the program, and deploy defaults.
	t.Setenv(pulumi.EnvConfig, `["hunter2"]`)
	if _, err := load(t); err == nil || !strings.Contains(err.Error(), pulumi.EnvConfig) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
