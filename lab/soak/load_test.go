package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestAGapIsTheTimeBetweenSuccesses(t *testing.T) {
	start := time.Now()
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	l := &load{name: "test"}
	l.begin(start)
	l.record(acknowledged, at(0.5))
	l.record(refused, at(1))
	l.record(unknown, at(2))
	l.record(acknowledged, at(2.75)) // 2.25 s after the last
	l.record(acknowledged, at(3))
	first := l.endStep(at(4))
	if want := (tally{count: [3]int{3, 1, 1}, longest: 2250 * time.Millisecond}); first != want {
		t.Errorf("the first step has %+v, want %+v", first, want)
	}
	// A step without any success: the gap is as long as it is by now.
	l.record(refused, at(5))
	if second, want := l.endStep(at(9)), (tally{count: [3]int{0, 1, 0}, longest: 6 * time.Second}); second != want {
		t.Errorf("the second step has %+v, want %+v", second, want)
	}
	// It ends in the third, where it counts in full.
	l.record(acknowledged, at(10))
	l.record(acknowledged, at(11))
	if third, want := l.endStep(at(11)), (tally{count: [3]int{2, 0, 0}, longest: 7 * time.Second}); third != want {
		t.Errorf("the third step has %+v, want %+v", third, want)
	}
	if l.succeededSince(at(11)) || !l.succeededSince(at(10.5)) {
		t.Error("the last success was at 11 s")
	}
}

func TestALoadSendsOneRequestAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10500*time.Millisecond)
		defer cancel()
		last := 0
		l := &load{name: "test", every: time.Second, request: func(_ context.Context, number int) outcome {
			if number != last+1 {
				t.Errorf("request %d after %d", number, last)
			}
			if last = number; number == 3 {
				time.Sleep(4 * time.Second)
				return unknown
			}
			return acknowledged
		}}
		l.run(ctx)
		// At 0, 1 and 2 s, where it waits until 6 s; then at once, and each second up to 10 s.
		got := l.endStep(time.Now())
		if got.count[unknown] != 1 || got.count[acknowledged] != 7 {
			t.Errorf("outcomes are %v", got.count)
		}
		if want := 5 * time.Second; got.longest != want {
			t.Errorf("the longest gap is %s, want %s", got.longest, want)
		}
	})
}
