package ports

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestRulesAreDistinctWithinTheirTier(t *testing.T) {
	for _, orchestrator := range []Orchestrator{Swarm, Classic} {
		t.Run(string(orchestrator), func(t *testing.T) { expectDistinct(t, orchestrator) })
	}
}

func expectDistinct(t *testing.T, orchestrator Orchestrator) {
	for _, tier := range Tiers() {
		names := map[string]bool{}
		for _, rule := range For(tier, orchestrator, ImageCache) {
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
	for orchestrator, want := range map[Orchestrator][]string{
		Swarm:   {"bastion 22", "managers 2376"},
		Classic: {"bastion 22", "managers 4000"},
	} {
		var open []string
		for _, rule := range Table(orchestrator) {
			if slices.Contains(rule.From, Admins) {
				open = append(open, fmt.Sprint(rule.To, " ", rule.Port))
			}
		}
		if !slices.Equal(open, want) {
			t.Errorf("%s: open to administrators: %v, want %v", orchestrator, open, want)
		}
	}
}

func TestNothingReachesTheBastionFromInside(t *testing.T) {
	for _, rule := range slices.Concat(For(Bastion, Swarm), For(Bastion, Classic)) {
		if !slices.Equal(rule.From, []Peer{Admins}) {
			t.Errorf("%s lets %v to the bastion", rule.Name, rule.From)
		}
	}
}

func TestPlatformKnowsItsPorts(t *testing.T) {
	for _, port := range []int{22, 53, 2376, 2377, 4000, 4789, 7946, 8300, 8301, 8500, 8600} {
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

func TestEachOrchestratorOpensItsOwnPortsOnly(t *testing.T) {
	for _, test := range []struct {
		with     Orchestrator
		to, from Peer
		want     []int
	}{
		{Swarm, Managers, Managers, []int{8301, 8301, 2377, 7946, 7946, 4789, 0}},
		{Swarm, Managers, Workers, []int{8301, 8301, 2377, 7946, 7946, 4789, 0}},
		{Swarm, Workers, Managers, []int{8301, 8301, 7946, 7946, 4789, 0}},
		{Swarm, Workers, Workers, []int{8301, 8301, 7946, 7946, 4789, 0}},
		{Classic, Managers, Managers, []int{8301, 8301, 4000}},
		{Classic, Managers, Workers, []int{8301, 8301}},
		{Classic, Workers, Managers, []int{8301, 8301, 2376}},
		{Classic, Workers, Workers, []int{8301, 8301, 7946, 7946, 4789}},
	} {
		var open []int
		for _, rule := range For(test.to, test.with) {
			if slices.Contains(rule.From, test.from) {
				open = append(open, rule.Port)
			}
		}
		if !slices.Equal(open, test.want) {
			t.Errorf("%s: %s open to %s: %v, want %v", test.with, test.to, test.from, open, test.want)
		}
	}
}

func TestImageCacheIsOpenToWorkersOnlyWhereItIsAskedFor(t *testing.T) {
	for _, orchestrator := range []Orchestrator{Swarm, Classic} {
		without, with := Table(orchestrator), Table(orchestrator, ImageCache)
		if len(with) != len(without)+1 {
			t.Fatalf("%s: %d rules with the cache, %d without", orchestrator, len(with), len(without))
		}
		last := with[len(without)]
		if last.To != Managers || last.Port != 5000 || last.Protocol != TCP || !slices.Equal(last.From, []Peer{Workers}) {
			t.Errorf("%s: the last rule is %+v, want port 5000 of the managers for workers", orchestrator, last)
		}
	}
	if why, taken := Platform(5000); taken {
		t.Errorf("without the cache, port 5000 is the platform's: %s", why)
	}
	if _, taken := Platform(5000, ImageCache); !taken {
		t.Error("with the cache, port 5000 is free to applications")
	}
}

func TestMarkdownListsEveryRule(t *testing.T) {
	text := Markdown()
	for _, rule := range all(ImageCache) {
		if !strings.Contains(text, rule.Why) {
			t.Errorf("no row says %q", rule.Why)
		}
	}
	if rows := strings.Count(text, "\n"); rows != len(all(ImageCache))+5 {
		t.Errorf("%d lines, want one a rule, two of heading, one for internal ports and two for applications", rows)
	}
}
