package main

import (
	"fmt"

	"github.com/pulumi/pulumi-docker/sdk/v4/go/docker"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// connect returns the provider for Docker resources of another stack's Swarm.
func connect(ctx *pulumi.Context, stack string) (*docker.Provider, error) {
	infrastructure, err := pulumi.NewStackReference(ctx, stack, nil)
	if err != nil {
		return nil, err
	}
	return docker.NewProvider(ctx, "swarm", &docker.ProviderArgs{
		Host:         text(infrastructure, "swarmEndpoint"),
		CaMaterial:   credential(infrastructure, "ca"),
		CertMaterial: credential(infrastructure, "cert"),
		KeyMaterial:  credential(infrastructure, "key"),
	})
}

// text is an output that is a text. One that is missing, for instance because the other stack is not up yet, is an error:
// without a host, the provider would take the Docker of this machine.
func text(stack *pulumi.StackReference, output string) pulumi.StringOutput {
	return stack.GetOutput(pulumi.String(output)).ApplyT(func(value any) (string, error) {
		text, ok := value.(string)
		if !ok || text == "" {
			return "", fmt.Errorf("output %s of the referenced stack is a %T, must be a text (is the stack up?)", output, value)
		}
		return text, nil
	}).(pulumi.StringOutput)
}

// credential is a field of the swarmClient output. Secret.
func credential(stack *pulumi.StackReference, field string) pulumi.StringOutput {
	return pulumi.ToSecret(stack.GetOutput(pulumi.String("swarmClient")).ApplyT(func(value any) (string, error) {
		fields, _ := value.(map[string]any)
		text, ok := fields[field].(string)
		if !ok || text == "" {
			return "", fmt.Errorf("output swarmClient.%s of the referenced stack is a %T, must be a text (is the stack up?)", field, fields[field])
		}
		return text, nil
	})).(pulumi.StringOutput)
}
