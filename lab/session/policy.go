package session

import "fmt"

// policyHost runs a policy pack for Node.js with what its own node_modules have. With an installed CLI, the language's host does; the
// one for Node.js that the lab can build is too old to.
const policyHost = `#!/bin/sh
set -eu
exec node "$(node -p 'require.resolve("@pulumi/pulumi/cmd/run-policy-pack")')" "$@"
`

// installPolicyHost puts it where the CLI looks for it if it has no host for Node.js.
func (l *Lab) installPolicyHost() error {
	if err := writeFile(l.path("bin", "pulumi-analyzer-policy-nodejs"), []byte(policyHost), 0o700); err != nil {
		return fmt.Errorf("install the host of policy packs: %w", err)
	}
	return nil
}
