package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// target is what is soaked: [cluster], or one that tests make up.
type target interface {
	// loads are under way.
	loads() []*load
	// do does an operation, and heals what it broke.
	do(context.Context, operation) error
	// settle waits until everything is as it has to be, and returns what is not.
	settle(context.Context) []string
}

// limits say when a soak ends.
type limits struct {
	seed    uint64
	steps   int           // if not 0, after so many
	minutes time.Duration // otherwise, with the step that is under way then
	images  []string      // of Consul, where they are not those that every soak has
}

// step is an operation that was done, and what came of it.
type step struct {
	operation
	took    time.Duration
	tallies []tally // of the loads, in their order
	broken  []string
}

// operationWidth fits all operations but the longest, which are interrupted.
const operationWidth = 78

// soak does one operation after the other and prints a line for each. It returns the steps done; the last may have broken
// something.
func soak(ctx context.Context, w io.Writer, of target, from *generator, until limits) []step {
	fmt.Fprintf(w, "%4s  %-*s %6s  longest gap:", "step", operationWidth, "operation", "took")
	for _, load := range of.loads() {
		fmt.Fprintf(w, " %7s", load.name)
		load.endStep(time.Now()) // what was before is nobody's
	}
	fmt.Fprintln(w)
	began := time.Now()
	var done []step
	for ctx.Err() == nil && !until.over(len(done), time.Since(began)) {
		s := step{operation: from.next()}
		fmt.Fprintf(w, "%4d  %-*s", len(done)+1, operationWidth, s.operation)
		start := time.Now()
		if err := of.do(ctx, s.operation); err != nil {
			s.broken = []string{err.Error()}
		} else {
			s.broken = of.settle(ctx)
		}
		s.took = time.Since(start)
		for _, load := range of.loads() {
			s.tallies = append(s.tallies, load.endStep(time.Now()))
		}
		fmt.Fprintf(w, " %4.0f s %13s", s.took.Seconds(), "")
		for _, t := range s.tallies {
			fmt.Fprintf(w, " %5.1f s", t.longest.Seconds())
		}
		if ctx.Err() != nil {
			fmt.Fprintln(w, "  interrupted")
			return done
		}
		if len(s.broken) > 0 {
			fmt.Fprint(w, "  BROKEN")
		}
		fmt.Fprintln(w)
		if done = append(done, s); len(s.broken) > 0 {
			return done
		}
	}
	return done
}

func (l limits) over(steps int, time time.Duration) bool {
	if l.steps > 0 {
		return steps >= l.steps
	}
	return time >= l.minutes
}

func (l limits) String() string {
	if l.steps > 0 {
		return fmt.Sprintf("%d steps", l.steps)
	}
	return fmt.Sprintf("%.0f minutes", l.minutes.Minutes())
}

// summarize prints how the loads went.
func summarize(w io.Writer, loads []*load, done []step) {
	fmt.Fprintf(w, "\n%-8s %12s %8s %8s %12s  in step\n", "load", "acknowledged", "refused", "unknown", "longest gap")
	for i, load := range loads {
		sum, worst := tally{}, 0
		for n, s := range done {
			for of, count := range s.tallies[i].count {
				sum.count[of] += count
			}
			if s.tallies[i].longest > sum.longest {
				sum.longest, worst = s.tallies[i].longest, n+1
			}
		}
		fmt.Fprintf(w, "%-8s %12d %8d %8d %10.1f s  %d\n", load.name, sum.count[acknowledged], sum.count[refused], sum.count[unknown],
			sum.longest.Seconds(), worst)
	}
}

// judge prints, where something broke, what, after which steps, and how to see it again. It tells whether all was well.
func judge(w io.Writer, done []step, of limits) bool {
	if len(done) == 0 || len(done[len(done)-1].broken) == 0 {
		fmt.Fprintf(w, "\nseed %d: %d steps, and everything is as it has to be\n", of.seed, len(done))
		return true
	}
	fmt.Fprintf(w, "\nseed %d: broken after step %d:\n", of.seed, len(done))
	for _, broken := range done[len(done)-1].broken {
		fmt.Fprintf(w, "  %s\n", strings.ReplaceAll(broken, "\n", "\n    "))
	}
	fmt.Fprintln(w, "\nthe steps that led there:")
	for n, s := range done {
		fmt.Fprintf(w, "%4d  %s\n", n+1, s.operation)
	}
	fmt.Fprintf(w, "\nthe same again: %s\n", of.again(len(done)))
	return false
}

// again is the command that does the first steps of a soak once more.
func (l limits) again(steps int) string {
	if len(l.images) > 0 {
		return fmt.Sprintf(".lab/bin/soak --seed %d --steps %d --images %s", l.seed, steps, strings.Join(l.images, ","))
	}
	return fmt.Sprintf("make soak SEED=%d STEPS=%d", l.seed, steps)
}
