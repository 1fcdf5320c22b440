// Package docgen writes the parts of the documentation that come from the code: the component reference, the table of
// ports and the table of settings. Its tests fail where one of them is stale, and where a document refers to what does
// not exist.
package docgen

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

//go:generate go run ./write ../..

// generated opens every file that nobody should edit.
const generated = "<!-- Written by `make docs`; edit the code it comes from instead. -->\n\n"

// Files returns what the generated files of the repository in root have to contain, by their paths in it.
func Files(root string) (map[string]string, error) {
	components, err := readComponents(root)
	if err != nil {
		return nil, fmt.Errorf("components: %w", err)
	}
	descriptions, err := packageReference(components)
	if err != nil {
		return nil, err
	}
	readme, err := readme(root)
	if err != nil {
		return nil, fmt.Errorf("README.md: %w", err)
	}
	return map[string]string{
		"README.md":          readme,
		"docs/components.md": generated + componentReference(components),
		"docs/ports.md":      generated + portReference(),

		"tools/provider/internal/azswarm/descriptions.json": descriptions,
	}, nil
}

// readme is the README with its generated sections renewed.
func readme(root string) (string, error) {
	content, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		return "", err
	}
	settings, err := settingsTable(filepath.Join(root, "Pulumi.yaml"))
	if err != nil {
		return "", err
	}
	example, err := exampleCode(filepath.Join(root, "examples", "imported", "cluster.go"), "newCluster")
	if err != nil {
		return "", err
	}
	text, err := replaceSection(string(content), "settings", settings)
	if err != nil {
		return "", err
	}
	return replaceSection(text, "example", example)
}

func portReference() string {
	return `# Ports

Each tier has a subnet and a network security group of its own. These are all the connections that the security groups
let in; their last rule denies everything else, traffic within the virtual network included. What a machine opens by
itself is not limited, and leaves through the NAT gateway (the bastion's through its own public address).

` + ports.Markdown() + `
"Admins" are the networks of ` + "`azswarm:adminCidrs`" + `. "Health probes" come from Azure's load balancers, which the
security groups know as the service tag AzureLoadBalancer.

"Orchestrator" is the one that needs the rule: a network has those of its own orchestrator and those that either needs. The
rule of the image cache is there only where ` + "`azswarm:images.cache`" + ` names one.

The Consul HTTP API (8500), its DNS (53, 8600) and, with the orchestrator "swarm", the Docker engines of workers have no rule:
they listen for the machine itself and its containers only.
`
}
