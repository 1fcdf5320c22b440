package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// overhead bounds what azswarm may cost, as a multiple of the bare program's cost, and how much more a worker may cost in a large
// stack than in a small one.
const overhead = 1.5

// pools is the number of worker pools.
const pools = 5

// measured is the cost of a stack.
type measured struct {
	preview, up cost
	again       cost // an update that changes nothing
	state       int  // bytes
	resources   int
}

// BenchmarkWorkers previews and deploys stacks of three sizes on paper, and compares them with a bare program that registers as
// many resources of the same types with the same inputs. Ratios are of processor time, which other work on the machine changes
// less than time on the clock.
func BenchmarkWorkers(b *testing.B) {
	p := compileAll(b)
	results := map[int]measured{}
	for _, workers := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			for b.Loop() {
				ours, checkpoints, export := measureAzswarm(b, p.lab(b, "bench-azswarm", false), workers)
				file := filepath.Join(p.work, "plan.json")
				content, err := json.Marshal(planOf(b, export))
				if err != nil {
					b.Fatal(err)
				}
				if err := os.WriteFile(file, content, 0o600); err != nil {
					b.Fatal(err)
				}
				l := p.bareLab(b, "bench-bare", file)
				results[workers] = ours
				report(b, ours, measureBare(b, l, workers))
				if checkpoints.cpu > 0 {
					b.ReportMetric(checkpoints.wall.Seconds()-ours.up.wall.Seconds(), "checkpoints-s")
				}
			}
		})
	}
	small, large := results[100], results[1000]
	if small.resources == 0 || large.resources == 0 {
		return // -bench named one size
	}
	perResource := func(name string, small, large, smallCount, largeCount float64) {
		growth := large / largeCount / (small / smallCount)
		fmt.Printf("%s a resource, at 1000 workers as against 100: %.2f\n", name, growth)
		if growth > overhead {
			b.Errorf("%s does not grow linearly: a resource costs %.2f times as much", name, growth)
		}
	}
	count := func(m measured) float64 { return float64(m.resources) }
	perResource("preview", small.preview.cpu.Seconds(), large.preview.cpu.Seconds(), count(small), count(large))
	perResource("up", small.up.cpu.Seconds(), large.up.cpu.Seconds(), count(small), count(large))
	perResource("state", float64(small.state), float64(large.state), count(small), count(large))
}

// measureAzswarm measures azswarm with as many workers. It returns what an update costs that writes checkpoints, if it is not too
// large for that, and the state with secrets in plain text.
func measureAzswarm(b *testing.B, l *lab, workers int) (m measured, checkpoints cost, export string) {
	b.Helper()
	defer l.down(b)
	settings := []string{"azswarm:network=10.64.0.0/12", "azswarm:demo=false", "azswarm:managers.count=3"}
	for i := range pools {
		settings = append(settings, fmt.Sprintf("azswarm:workers[%d].name=pool%d", i, i), fmt.Sprintf("azswarm:workers[%d].count=%d", i, workers/pools))
	}
	l.set(b, settings...)
	m = measure(b, l, workers)
	export, _ = l.run(b, `exec pulumi stack export --show-secrets`)
	if workers <= 100 { // it grows with the square of the resources
		destroy(b, l)
		_, checkpoints = l.run(b, `unset PULUMI_SKIP_CHECKPOINTS; exec pulumi up --yes --skip-preview --non-interactive`)
	}
	return m, checkpoints, export
}

// measureBare measures the bare program with the resources of as many workers.
func measureBare(b *testing.B, l *lab, workers int) measured {
	b.Helper()
	defer l.down(b)
	return measure(b, l, workers)
}

// measure previews, updates, and updates again, with nothing to change. Of small stacks, whose runs are short, it takes the
// least that each has cost in three.
func measure(b *testing.B, l *lab, workers int) (m measured) {
	b.Helper()
	for try := range 3 {
		if try > 0 {
			destroy(b, l)
		}
		_, preview := l.run(b, `exec pulumi preview --non-interactive`)
		_, up := l.run(b, `exec pulumi up --yes --skip-preview --non-interactive`)
		output, again := l.run(b, `exec pulumi up --yes --skip-preview --non-interactive`)
		if !strings.Contains(output, " unchanged") || strings.Contains(output, " updated") || strings.Contains(output, " created") {
			b.Errorf("%s: the second update changes something\n%s", l.name, output[max(0, len(output)-2000):])
		}
		if try == 0 {
			m.preview, m.up, m.again = preview, up, again
		}
		m.preview, m.up, m.again = m.preview.least(preview), m.up.least(up), m.again.least(again)
		if workers > 100 {
			break
		}
	}
	export, _ := l.run(b, `exec pulumi stack export`)
	m.state, m.resources = len(export), strings.Count(export, `"urn":`)
	return m
}

func destroy(b *testing.B, l *lab) {
	b.Helper()
	l.run(b, `exec pulumi destroy --yes --skip-preview --non-interactive`)
}

// report prints what was measured, and how the bare program compares.
func report(b *testing.B, ours, bare measured) {
	b.Helper()
	if bare.resources != ours.resources {
		b.Errorf("the bare program has %d resources, azswarm %d", bare.resources, ours.resources)
	}
	b.ReportMetric(float64(ours.resources), "resources")
	for _, row := range []struct {
		name       string
		ours, bare cost
	}{{"preview", ours.preview, bare.preview}, {"up", ours.up, bare.up}, {"again", ours.again, bare.again}} {
		ratio := row.ours.cpu.Seconds() / row.bare.cpu.Seconds()
		b.ReportMetric(row.ours.wall.Seconds(), row.name+"-s")
		b.ReportMetric(row.ours.cpu.Seconds(), row.name+"-cpu-s")
		b.ReportMetric(row.bare.wall.Seconds(), row.name+"-bare-s")
		b.ReportMetric(ratio, row.name+"-ratio")
		if ratio > overhead {
			b.Errorf("%s: azswarm costs %.2f times what a bare program does; want %.1f at most", row.name, ratio, overhead)
		}
	}
	state := float64(ours.state) / float64(bare.state)
	b.ReportMetric(float64(ours.state)/(1<<20), "state-MiB")
	b.ReportMetric(state, "state-ratio")
	if state > overhead {
		b.Errorf("the state is %.2f times as large as a bare program's; want %.1f at most", state, overhead)
	}
}
