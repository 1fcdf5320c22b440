// Command print prints the version, for the release workflow.
package main

import (
	"fmt"

	"github.com/seed-3bc5c20b/azswarm/internal/version"
)

func main() { fmt.Println(version.Version) }
