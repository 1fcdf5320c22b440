//go:build e2e

package e2e

import "testing"

// Programs that import the library.

func TestImportedExampleDeploys(t *testing.T) { deploysImported(t) }

func TestAppsExampleDeploys(t *testing.T) { deploysApps(t) }
