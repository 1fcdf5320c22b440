//go:build e2e

package e2e

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// host is this machine as it was before the shared cluster, and alone is whether no other lab was on it.
var (
	host  snapshot
	alone bool
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

func takeHost(t *testing.T) snapshot {
	t.Helper()
	taken := snapshot{}
	for what, command := range views {
		output, err := exec.Command(command[0], command[1:]...).Output()
		if err != nil {
			t.Fatalf("list %s: %v", what, err)
		}
		for line := range strings.Lines(string(output)) {
			if line = strings.TrimSpace(volatile.ReplaceAllString(strings.TrimSpace(line), "")); line != "" {
				taken[what] = append(taken[what], line)
			}
		}
	}
	return taken
}

// neighbours are the labs on this machine that are none of the tests'; what changes may be theirs.
func neighbours(t *testing.T) []string {
	t.Helper()
	output, err := exec.Command("docker", "ps", "--all", "--filter", "label=azswarm.lab", "--format", `{{.Label "azswarm.lab"}}`).Output()
	if err != nil {
		t.Fatalf("list labs: %v", err)
	}
	var found []string
	for name := range strings.FieldsSeq(string(output)) {
		if !slices.Contains(names, name) && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
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
