package cmd

import (
	"strings"
	"testing"
)

func TestDrainAsksAndRefuses(t *testing.T) {
	newDesk(t, answering(t, well, bastion, worker).Outputs)
	for want, arguments := range map[string][]string{
		"there is no terminal to ask on: say --yes": {"drain", "web-0"},
		`no node "web-9"`:  {"drain", "--yes", "web-9"},
		"name a worker":    {"drain"},
		"is no worker":     {"drain", "--yes", "azswarm-bastion"},
		"have no managers": {"drain", "--yes", "web-0"},
	} {
		if _, err := run(t, arguments...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("azswarm %v: %v, want %q", arguments, err, want)
		}
	}
}
