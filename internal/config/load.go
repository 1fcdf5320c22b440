package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Load decodes the configuration of the stack being deployed. On top of
// what [Decode] refuses, it refuses keys set with --secret: no setting is
// one, and values such as CIDRs end in plain text in previews and the state.
func Load(ctx *pulumi.Context) (*Config, error) {
	raw, err := environmentConfig()
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, key := range append(configKeys(), locationKey) {
		// The context wins over the environment: tests with mocks fill only the former.
		if text, ok := ctx.GetConfig(key); ok {
			raw[key] = text
		}
		if ctx.IsConfigSecret(key) {
			problems = append(problems, fmt.Errorf("%s: is encrypted: no azswarm setting is a secret, and its value would show in previews; set it with --plaintext", key))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return Decode(raw)
}

// environmentConfig reads every key the engine passes. The SDK's context can
// only look up keys by name, which would let mistyped ones go unnoticed.
func environmentConfig() (map[string]string, error) {
	raw := map[string]string{}
	text := os.Getenv(pulumi.EnvConfig)
	if text == "" {
		return raw, nil
	}
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, fmt.Errorf("%s, set by the Pulumi engine: is not a JSON object of texts", pulumi.EnvConfig)
	}
	return raw, nil
}
