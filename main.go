// Command azswarm is the Pulumi program that deploys a Docker Swarm on Azure from a stack's configuration.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/stacks"
)

func main() {
	pulumi.Run(stacks.Deploy)
}
