// Command lab runs azswarm against a simulated Azure on this machine; see package cmd.
package main

import (
	"os"

	"github.com/seed-3bc5c20b/azswarm/lab/cmd"
)

func main() {
	os.Exit(cmd.Execute())
}
