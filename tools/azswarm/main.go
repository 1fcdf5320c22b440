// Command azswarm gets operators into a cluster that azswarm made, and shows how it is; see package cmd.
package main

import (
	"os"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/cmd"
)

func main() {
	os.Exit(cmd.Execute())
}
