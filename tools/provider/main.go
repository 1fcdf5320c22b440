// Command pulumi-resource-azswarm is the provider of the package azswarm, which gives Pulumi programs in any language the
// component Cluster.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/seed-3bc5c20b/azswarm/internal/version"
	"github.com/seed-3bc5c20b/azswarm/tools/provider/internal/azswarm"
)

func main() {
	provider, err := azswarm.New()
	if err == nil {
		err = provider.Run(context.Background(), azswarm.Name, version.Version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-azswarm:", err)
		os.Exit(1)
	}
}
