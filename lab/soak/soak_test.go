package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// madeUp is a cluster whose operations take ten seconds each.
type madeUp struct {
	of      *load
	done    []string
	fails   int // the step whose operation fails
	breaks  int // the step after which something is broken
	whenEnd func()
}

func (m *madeUp) loads() []*load { return []*load{m.of} }

func (m *madeUp) do(_ context.Context, o operation) error {
	m.done = append(m.done, o.String())
	time.Sleep(10 * time.Second)
	m.of.record(acknowledged, time.Now())
	if len(m.done) == m.fails {
		return errors.New("pulumi up: exit code 255\nwhat it said")
	}
	return nil
}

func (m *madeUp) settle(context.Context) []string {
	if m.whenEnd != nil {
		m.whenEnd()
	}
	if len(m.done) == m.breaks {
		return []string{"acknowledged and gone: key 7"}
	}
	return nil
}

// try runs a soak of a made up cluster and returns what it printed.
func try(t *testing.T, m *madeUp, until limits) (text string, fine bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		m.of = &load{name: "keys"}
		m.of.begin(time.Now())
		var w strings.Builder
		done := soak(t.Context(), &w, m, newGenerator(until.seed, twoImages), until)
		summarize(&w, m.loads(), done)
		fine = judge(&w, done, until)
		text = w.String()
	})
	return text, fine
}

func TestASoakDoesWhatItsSeedSaysUntilTheTimeIsOver(t *testing.T) {
	m := &madeUp{}
	text, fine := try(t, m, limits{seed: 4, minutes: time.Minute})
	if want := draw(4, twoImages, 6); !slices.Equal(m.done, want) || !fine {
		t.Errorf("done was %q, want %q", m.done, want)
	}
	if !strings.Contains(text, "seed 4: 6 steps, and everything is as it has to be") || !strings.Contains(text, "keys                6        0        0       10.0 s  1") {
		t.Errorf("it prints\n%s", text)
	}
	m = &madeUp{}
	if _, fine := try(t, m, limits{seed: 4, steps: 2, minutes: time.Hour}); len(m.done) != 2 || !fine {
		t.Errorf("of two steps, %d were done", len(m.done))
	}
}

func TestASoakTellsWhatBrokeAndHowToSeeItAgain(t *testing.T) {
	for _, m := range []*madeUp{{breaks: 3}, {fails: 3}} {
		text, fine := try(t, m, limits{seed: 5, minutes: time.Hour})
		if fine || len(m.done) != 3 {
			t.Errorf("it goes on after step 3: fine %v, %d steps", fine, len(m.done))
		}
		want := "acknowledged and gone: key 7"
		if m.fails > 0 {
			want = "pulumi up: exit code 255\n    what it said"
		}
		_, after, _ := strings.Cut(text, "seed 5: broken after step 3:")
		for _, want := range []string{want, m.done[0], m.done[2], "the same again: make soak SEED=5 STEPS=3\n"} {
			if !strings.Contains(after, want) {
				t.Errorf("it doesn't say %q:\n%s", want, text)
			}
		}
	}
}

func TestTheCommandToDoItAgainNamesOtherImages(t *testing.T) {
	got := limits{seed: 5, images: twoImages}.again(3)
	if want := ".lab/bin/soak --seed 5 --steps 3 --images consul:1,consul:2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAnInterruptionIsNoFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	synctest.Test(t, func(*testing.T) {
		m := &madeUp{of: &load{name: "keys"}, breaks: 1, whenEnd: cancel}
		m.of.begin(time.Now())
		if done := soak(ctx, &strings.Builder{}, m, newGenerator(1, twoImages), limits{minutes: time.Hour}); len(done) != 0 {
			t.Errorf("%+v", done)
		}
	})
}
