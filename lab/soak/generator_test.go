package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

var twoImages = []string{"consul:1", "consul:2"}

// draw draws operations, as text.
func draw(seed uint64, images []string, count int) []string {
	var drawn []string
	for g := newGenerator(seed, images); len(drawn) < count; {
		drawn = append(drawn, g.next().String())
	}
	return drawn
}

func TestTheSameSeedGivesTheSameOperations(t *testing.T) {
	for seed := range uint64(20) {
		if one, two := draw(seed, twoImages, 200), draw(seed, twoImages, 200); !slices.Equal(one, two) {
			t.Fatalf("seed %d gives %v, then %v", seed, one, two)
		}
		if one, other := draw(seed, twoImages, 20), draw(seed+1, twoImages, 20); slices.Equal(one, other) {
			t.Errorf("seeds %d and %d give the same", seed, seed+1)
		}
	}
}

// A seed in a report is of use only as long as it means the same.
func TestSeedsMeanWhatTheyMeant(t *testing.T) {
	want := []string{
		"freeze managers-1 for 4 s; SIGKILL all of Pulumi after 5.2 s of an update",
		"cut consul from workers for 18 s",
		"take the power from every machine for 6 s",
		"restart every engine at once",
		"replace consul-1",
		"lose 35 % of the packets of managers for 10 s; SIGKILL all of Pulumi after 2.4 s of an update",
		"take the power from fault domain 0 for 21 s",
		"scale workers to 2; SIGKILL the engine after 23.6 s",
		"roll Consul to consul:2; SIGKILL the engine after 6.8 s",
		"take the power from managers-0 for 3 s",
		"fill /var/lib/consul on consul-0 for 5 s",
	}
	if got := draw(1, twoImages, len(want)); !slices.Equal(got, want) {
		t.Errorf("seed 1 gives\n%s\nand gave\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOperationsKeepToWhatAClusterSurvives(t *testing.T) {
	for seed := range uint64(200) {
		g := newGenerator(seed, twoImages)
		var round []kind
		for n := range 200 {
			before := g.shape
			o := g.next()
			where := fmt.Sprintf("seed %d, operation %d: %s", seed, n+1, o)
			machine := slices.Contains(before.all(), o.target)
			switch o.kind {
			case kill, freeze, fill, replace:
				if !machine {
					t.Fatalf("%s: there is no such machine among %v", where, before.all())
				}
			case lose:
				if !machine && !slices.Contains(tiers, o.target) || o.percent < 5 || o.percent > 40 {
					t.Fatalf("%s: no such target, or too many packets", where)
				}
			case scale:
				if odd := o.count == 3 || o.count == 5; o.tier != workers && !odd || o.count < 2 || o.count == before.machines[o.tier] {
					t.Fatalf("%s: from %s", where, before)
				}
				if g.shape.machines[o.tier] != o.count {
					t.Fatalf("%s: the shape is %s after that", where, g.shape)
				}
			case roll:
				if o.image == before.image || g.shape.image != o.image {
					t.Fatalf("%s: from %s to %s", where, before.image, g.shape.image)
				}
			}
			if isFault := !o.isChange() && o.kind != engines; isFault != (o.hold > 0) {
				t.Fatalf("%s: it is held for %s", where, o.hold)
			}
			if o.interrupt != nil && o.interrupt.after < 0 {
				t.Fatalf("%s: after %s", where, o.interrupt.after)
			}
			if round = append(round, o.kind); len(round) == len(kinds) {
				for _, k := range kinds {
					if !slices.Contains(round, k) {
						t.Fatalf("%s: no %s among %v", where, k, round)
					}
				}
				round = nil
			}
		}
	}
}

func TestAllKindsOfInterruptionsAreDrawn(t *testing.T) {
	seen := map[string]bool{}
	for g, n := newGenerator(3, twoImages), 0; n < 1000; n++ {
		if o := g.next(); o.interrupt != nil {
			seen[fmt.Sprint(o.isChange(), o.interrupt.victim)] = true
		}
	}
	if len(seen) != 2*len(victims) {
		t.Errorf("interruptions are %v", seen)
	}
}

func TestASingleImageIsNotRolled(t *testing.T) {
	for _, o := range draw(1, twoImages[:1], 100) {
		if strings.Contains(o, "roll") {
			t.Errorf("%s", o)
		}
	}
}
