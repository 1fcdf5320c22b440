// Command apps is a Pulumi program that runs applications on the Swarm of another stack. Kept apart from the
// infrastructure, it can be changed often, by others, and a preview of the infrastructure needs no Swarm to answer.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		swarm, err := connect(ctx, config.Require(ctx, "swarm"))
		if err != nil {
			return err
		}
		return deploy(ctx, swarm, config.Require(ctx, "image"))
	})
}
