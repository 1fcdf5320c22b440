package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/bench/figures"
)

// moreWorkers bounds the time that one worker more takes, where there are many, as a multiple of what it takes where there are two.
const moreWorkers = 1.25

// BenchmarkWorkerMore adds a worker to 2 and to 8, on machines, and to 2 and to 200 on paper: there machines take no time, and what is
// left is what Pulumi and the program do. One more to 200 is taken to be one more to 2, and what paper says that the others add.
func BenchmarkWorkerMore(b *testing.B) {
	p := compileAll(b)
	removeLeftovers(b, p.work, "race-workers", "race-paper")
	for b.Loop() {
		few, eight := machinesMore(b, p)
		paper := map[int]time.Duration{}
		nothing := map[int]time.Duration{}
		for _, workers := range []int{2, 200} {
			paper[workers], nothing[workers] = paperMore(b, p, workers)
		}
		many := few + paper[200] - paper[2]
		fmt.Printf("\n%s\n", figures.Table([][]string{
			{"one worker more, s", "to 2", "to 8", "to 200"},
			{"on machines", seconds(few), seconds(eight), ""},
			{"on paper", seconds(paper[2]), "", seconds(paper[200])},
			{"on paper, nothing to change", seconds(nothing[2]), "", seconds(nothing[200])},
			{"taken together", seconds(few), seconds(eight), seconds(many)},
		}))
		for _, more := range []struct {
			name string
			took time.Duration
		}{{"8", eight}, {"200", many}} {
			ratio := more.took.Seconds() / few.Seconds()
			b.ReportMetric(ratio, "to-"+more.name+"-ratio")
			if ratio > moreWorkers {
				b.Errorf("one worker more takes %.2f times as long with %s as with 2; want %.2f at most", ratio, more.name, moreWorkers)
			}
		}
	}
}

// machinesMore takes the medians of adding one machine to two workers and to eight.
func machinesMore(b *testing.B, p programs) (few, eight time.Duration) {
	b.Helper()
	l := p.lab(b, "race-workers", true)
	defer l.down(b)
	l.set(b, ownNetwork, "azswarm:demo=false")
	more := func(workers int) time.Duration {
		var took []time.Duration
		for range *rounds {
			l.set(b, fmt.Sprintf("azswarm:workers[0].count=%d", workers))
			l.up(b)
			l.set(b, fmt.Sprintf("azswarm:workers[0].count=%d", workers+1))
			took = append(took, l.up(b).took())
		}
		return figures.Median(took)
	}
	return more(2), more(8)
}

// paperMore is the same on paper, and how long an update takes there that changes nothing.
func paperMore(b *testing.B, p programs, workers int) (more, nothing time.Duration) {
	b.Helper()
	l := p.lab(b, "race-paper", false)
	defer l.down(b)
	l.set(b, "azswarm:demo=false")
	var took, idle []time.Duration
	for range *rounds {
		l.set(b, fmt.Sprintf("azswarm:workers[0].count=%d", workers))
		l.up(b)
		idle = append(idle, l.up(b).took())
		l.set(b, fmt.Sprintf("azswarm:workers[0].count=%d", workers+1))
		took = append(took, l.up(b).took())
	}
	return figures.Median(took), figures.Median(idle)
}
