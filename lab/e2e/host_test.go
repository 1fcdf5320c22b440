//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/lab/e2e/suites"
)

// snapshot is what of this machine a lab could change, by what it is.
type snapshot map[string][]string

// views are commands that list it, a thing a line.
var views = map[string][]string{
	"containers":     {"docker", "ps", "--all", "--format", "{{.ID}} {{.Names}}"},
	"volumes":        {"docker", "volume", "ls", "--format", "{{.Name}}"},
	"networks":       {"docker", "network", "ls", "--format", "{{.ID}} {{.Name}}"},
	"interfaces":     {"sh", "-c", "ip -brief link | awk '{print $1}'"},
	"addresses":      {"sh", "-c", "ip -brief address | awk '{$2=\"\"; print}'"},
	"routes":         {"ip", "route", "show", "table", "all"},
	"routing rules":  {"ip", "rule"},
	"firewall rules": {"sh", "-c", "iptables-save 2>/dev/null; nft list ruleset 2>/dev/null; true"},
	"mounts":         {"awk", "{print $2}", "/proc/mounts"},
}

// volatile is what changes by itself.
var volatile = regexp.MustCompile(`^#.*|counter packets \d+ bytes \d+|\[\d+:\d+\]|\blinkdown\b|^(inet6|fe80::).*|^local.*|^broadcast.*|^multicast.*|^anycast.*`)

func takeHost() (snapshot, error) {
	taken := snapshot{}
	for what, command := range views {
		output, err := exec.Command(command[0], command[1:]...).Output()
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", what, err)
		}
		for line := range strings.Lines(string(output)) {
			if line = strings.TrimSpace(volatile.ReplaceAllString(strings.TrimSpace(line), "")); line != "" {
				taken[what] = append(taken[what], line)
			}
		}
	}
	return taken, nil
}

// neighbours are the labs on this machine that are none of the tests'; what changes may be theirs.
func neighbours() ([]string, error) {
	output, err := exec.Command("docker", "ps", "--all", "--filter", "label=azswarm.lab", "--format", `{{.Label "azswarm.lab"}}`).Output()
	if err != nil {
		return nil, fmt.Errorf("list labs: %w", err)
	}
	var found []string
	for name := range strings.FieldsSeq(string(output)) {
		ours := slices.ContainsFunc(needs, func(n suites.Named) bool { return slices.Contains(n.Labs, name) })
		if !ours && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found, nil
}

// changes lists what a later snapshot has more or less of.
func (s snapshot) changes(later snapshot) []string {
	var changes []string
	for what := range views {
		for _, line := range later[what] {
			if !slices.Contains(s[what], line) {
				changes = append(changes, what+": new: "+line)
			}
		}
		for _, line := range s[what] {
			if !slices.Contains(later[what], line) {
				changes = append(changes, what+": gone: "+line)
			}
		}
	}
	slices.Sort(changes)
	return changes
}

// hostChanges lists what of this machine is other than before any suite began.
func hostChanges(t *testing.T) []string {
	t.Helper()
	now, err := takeHost()
	if err != nil {
		t.Fatal(err)
	}
	return readBefore(t).Host.changes(now)
}

// keepsHost expects all labs that were removed to have left this machine as it was.
func keepsHost(t *testing.T) {
	others, err := neighbours()
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case os.Getenv(leftVariable) != "":
		t.Log("labs of failed tests are still on this machine: what else has changed on it can't be told")
	case !readBefore(t).Alone || len(others) > 0:
		t.Logf("other labs are, or were, on this machine (%v): what has changed on it can't be told from theirs", others)
	default:
		if changes := hostChanges(t); len(changes) > 0 {
			t.Errorf("lab down leaves this machine other than it was:\n%s", strings.Join(changes, "\n"))
		}
	}
}
