//go:build e2e

package e2e

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/lab/e2e/suites"
)

// unchangedStacks are those that the suites of the same name bring up unchanged, with the address spaces that their files say.
var unchangedStacks = []string{"dev", "prod"}

var stackNetwork = regexp.MustCompile(`(?m)^ +azswarm:network: (\S+)$`)

// refuseNeighbours finds out at once what a suite would otherwise fail of after minutes: another lab on this machine that has its
// address space.
func refuseNeighbours(selected []suites.Suite) error {
	for _, stack := range unchangedStacks {
		if !slices.ContainsFunc(selected, func(s suites.Suite) bool { return s.Name == stack }) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(repository, "Pulumi."+stack+".yaml"))
		if err != nil {
			return err
		}
		match := stackNetwork.FindSubmatch(text)
		if match == nil {
			return fmt.Errorf("no azswarm:network in Pulumi.%s.yaml", stack)
		}
		space, err := netip.ParsePrefix(string(match[1]))
		if err != nil {
			return err
		}
		lab, err := labWith(space)
		if err != nil {
			return err
		}
		if lab != "" {
			return fmt.Errorf("the tests of the stack %s need %s, which the lab %q on this machine has: take that down first (`make lab-down NAME=%[3]s`)",
				stack, space, lab)
		}
	}
	return nil
}

// labWith is the lab, other than those of tests, that has a network in these addresses; "" for none.
func labWith(space netip.Prefix) (string, error) {
	output, err := exec.Command("docker", "network", "ls", "--filter", "label=azswarm.lab", "--format", "{{.ID}}").Output()
	ids := strings.Fields(string(output))
	if err != nil || len(ids) == 0 {
		return "", err
	}
	const format = `{{index .Labels "azswarm.lab"}}{{range .IPAM.Config}} {{.Subnet}}{{end}}`
	output, err = exec.Command("docker", append([]string{"network", "inspect", "--format", format}, ids...)...).Output()
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(output)) {
		lab, subnets, _ := strings.Cut(strings.TrimSpace(line), " ")
		for subnet := range strings.FieldsSeq(subnets) {
			if prefix, err := netip.ParsePrefix(subnet); err == nil && prefix.Overlaps(space) && !strings.HasPrefix(lab, "e2e-") {
				return lab, nil
			}
		}
	}
	return "", nil
}
