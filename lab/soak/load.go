package main

import (
	"context"
	"sync"
	"time"
)

// outcome is what became of a request.
type outcome int

const (
	acknowledged outcome = iota // it was answered as it should be
	refused                     // it was not done
	unknown                     // its answer was lost: it may have been done
)

// load is requests one after the other, for as long as the soak lasts, and how they went.
type load struct {
	name  string
	every time.Duration // between two requests
	// request sends the request of this number, counted from 1, and returns when it was answered, or given up.
	request func(ctx context.Context, number int) outcome

	mutex sync.Mutex
	step  tally     // since the last endStep
	last  time.Time // of a success
}

// tally counts outcomes.
type tally struct {
	count   [3]int        // by outcome
	longest time.Duration // between two successes
}

func (t *tally) add(of outcome) { t.count[of]++ }

// run sends requests until the context ends. The time until the first success counts as a gap.
func (l *load) run(ctx context.Context) {
	l.begin(time.Now())
	tick := time.NewTicker(l.every)
	defer tick.Stop()
	for number := 1; ctx.Err() == nil; number++ {
		of := l.request(ctx, number)
		if ctx.Err() != nil {
			return // it was given up because the soak ends
		}
		l.record(of, time.Now())
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// begin starts the measurement.
func (l *load) begin(at time.Time) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.last = at
}

// record counts an outcome, and the gap that a success ends.
func (l *load) record(of outcome, at time.Time) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.step.add(of)
	if of == acknowledged {
		l.close(at)
		l.last = at
	}
}

// close takes the gap since the last success into account.
func (l *load) close(at time.Time) {
	l.step.longest = max(l.step.longest, at.Sub(l.last))
}

// endStep returns what there was since the last call. A gap that is still open counts as long as it is, and in full in the next
// step, too.
func (l *load) endStep(at time.Time) tally {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.close(at)
	ended := l.step
	l.step = tally{}
	return ended
}

// succeededSince tells whether there was a success after a point in time.
func (l *load) succeededSince(start time.Time) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.last.After(start)
}
