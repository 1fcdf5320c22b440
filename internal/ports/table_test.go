package ports

import (
	"slices"
	"strings"
	"testing"
)

func TestRulesAreDistinctWithinTheirTier(t *testing.T) {
	for _, tier := range Tiers() {
		names := map[string]bool{}
		for _, rule := range For(tier) {
			if names[rule.Name] {
				t.Errorf("%s has two rules named %s", tier, rule.Name)
			}
			names[rule.Name] = true
			if len(rule.Name) > 80 { // Azure's limit
				t.Errorf("%s: %d characters in %s", tier, len(rule.Name), rule.Name)
			}
			if (rule.Port == 0) != (rule.Protocol == ESP) {
				t.Errorf("%s: %s opens port %d of %s", tier, rule.Name, rule.Port, rule.Protocol)
			}
			if len(rule.From) == 0 || rule.Why == "" {
				t.Errorf("%s: %s says nobody or no reason", tier, rule.Name)
			}
		}
	}
}

func TestOnlySSHAndTheSwarmAPIAreOpenToAdmins(t *testing.T) {
	var open []string
	for _, rule := range Table() {
		if slices.Contains(rule.From, Admins) {
			open = append(open, string(rule.To)+" "+rule.Name)
		}
	}
	if want := []string{"bastion ssh-from-admins", "managers swarm-api-from-admins"}; !slices.Equal(open, want) {
		t.Errorf("open to administrators: %v, want %v", open, want)
	}
}

func TestNothingReachesTheBastionFromInside(t *testing.T) {
	for _, rule := range For(Bastion) {
		if !slices.Equal(rule.From, []Peer{Admins}) {
			t.Errorf("%s lets %v to the bastion", rule.Name, rule.From)
		}
	}
}

func TestPlatformKnowsItsPorts(t *testing.T) {
	for _, port := range []int{22, 53, 2376, 2377, 4789, 7946, 8300, 8301, 8500, 8600} {
		if why, taken := Platform(port); !taken || why == "" {
			t.Errorf("port %d is free to applications", port)
		}
	}
	for _, port := range []int{80, 443, 8080} {
		if why, taken := Platform(port); taken {
			t.Errorf("port %d is the platform's: %s", port, why)
		}
	}
}

func TestMarkdownListsEveryRule(t *testing.T) {
	text := Markdown()
	for _, rule := range Table() {
		if !strings.Contains(text, rule.Why) {
			t.Errorf("no row says %q", rule.Why)
		}
	}
	if rows := strings.Count(text, "\n"); rows != len(Table())+5 {
		t.Errorf("%d lines, want one a rule, two of heading, one for internal ports and two for applications", rows)
	}
}
