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
	resources                 int
	preview, up, again        cost
	state                     int // bytes
	checkpoints               cost
	barePreview, bareUp, bare cost
	bareState                 int
}

// BenchmarkWorkers previews and deploys stacks of three sizes on paper, and compares them with a bare program that registers as
// many resources of the same types with the same inputs. Ratios are of processor time, which other work on the machine changes
// less than time on the clock.
func BenchmarkWorkers(b *testing.B) {
	work := filepath.Join(b.TempDir())
	repository, err := filepath.Abs("../..")
	if err != nil {
		b.Fatal(err)
	}
	compile(b, filepath.Join(repository, "lab"), filepath.Join(work, "lab"))
	azswarm := compile(b, repository, filepath.Join(work, "azswarm"))
	bare := compile(b, filepath.Join(repository, "internal", "bare"), filepath.Join(work, "bare"))
	results := map[int]measured{}
	for _, workers := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			for b.Loop() {
				m := measured{}
				ours := &lab{name: "bench-azswarm", dir: repository, stack: "dev", program: azswarm, work: work}
				export := m.measure(b, ours, workers)
				file := filepath.Join(work, "plan.json")
				plan, err := json.Marshal(planOf(b, export))
				if err != nil {
					b.Fatal(err)
				}
				if err := os.WriteFile(file, plan, 0o600); err != nil {
					b.Fatal(err)
				}
				m.compare(b, &lab{name: "bench-bare", dir: filepath.Join(repository, "internal", "bare"), stack: "bench", program: bare, env: []string{"BARE_PLAN=" + file}, work: work}, workers)
				results[workers] = m
				m.report(b)
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

// measure deploys azswarm, and returns its state with secrets in plain text.
func (m *measured) measure(b *testing.B, l *lab, workers int) string {
	b.Helper()
	defer l.down(b)
	settings := []string{"azswarm:network=10.64.0.0/12", "azswarm:demo=false", "azswarm:managers.count=3"}
	for i := range pools {
		settings = append(settings, fmt.Sprintf("azswarm:workers[%d].name=pool%d", i, i), fmt.Sprintf("azswarm:workers[%d].count=%d", i, workers/pools))
	}
	var args []string
	for _, setting := range settings {
		args = append(args, "--plaintext", setting)
	}
	l.run(b, `exec pulumi config set-all --path "$@"`, args...)
	m.preview, m.up, m.again = deploy(b, l, workers)
	export, _ := l.run(b, `exec pulumi stack export`)
	m.state = len(export)
	m.resources = strings.Count(export, `"urn":`)
	export, _ = l.run(b, `exec pulumi stack export --show-secrets`)
	if workers <= 100 { // it grows with the square of the resources
		destroy(b, l)
		_, m.checkpoints = l.run(b, `unset PULUMI_SKIP_CHECKPOINTS; exec pulumi up --yes --skip-preview --non-interactive`)
	}
	return export
}

// compare deploys the bare program.
func (m *measured) compare(b *testing.B, l *lab, workers int) {
	b.Helper()
	defer l.down(b)
	m.barePreview, m.bareUp, m.bare = deploy(b, l, workers)
	export, _ := l.run(b, `exec pulumi stack export`)
	m.bareState = len(export)
	if resources := strings.Count(export, `"urn":`); resources != m.resources {
		b.Errorf("the bare program has %d resources, azswarm %d", resources, m.resources)
	}
}

// deploy previews, updates, and updates again, with nothing to change. Of small stacks, whose runs are short, it takes the
// least that each has cost in three.
func deploy(b *testing.B, l *lab, workers int) (preview, up, again cost) {
	b.Helper()
	for try := range 3 {
		if try > 0 {
			destroy(b, l)
		}
		_, previewed := l.run(b, `exec pulumi preview --non-interactive`)
		_, updated := l.run(b, `exec pulumi up --yes --skip-preview --non-interactive`)
		output, repeated := l.run(b, `exec pulumi up --yes --skip-preview --non-interactive`)
		if !strings.Contains(output, " unchanged") || strings.Contains(output, " updated") || strings.Contains(output, " created") {
			b.Errorf("%s: the second update changes something\n%s", l.name, output[max(0, len(output)-2000):])
		}
		if try == 0 {
			preview, up, again = previewed, updated, repeated
		}
		preview, up, again = preview.least(previewed), up.least(updated), again.least(repeated)
		if workers > 100 {
			break
		}
	}
	return preview, up, again
}

func destroy(b *testing.B, l *lab) {
	b.Helper()
	l.run(b, `exec pulumi destroy --yes --skip-preview --non-interactive`)
}

// report prints what was measured.
func (m *measured) report(b *testing.B) {
	b.Helper()
	b.ReportMetric(float64(m.resources), "resources")
	for _, row := range []struct {
		name       string
		ours, bare cost
	}{{"preview", m.preview, m.barePreview}, {"up", m.up, m.bareUp}, {"again", m.again, m.bare}} {
		ratio := row.ours.cpu.Seconds() / row.bare.cpu.Seconds()
		b.ReportMetric(row.ours.wall.Seconds(), row.name+"-s")
		b.ReportMetric(row.ours.cpu.Seconds(), row.name+"-cpu-s")
		b.ReportMetric(row.bare.wall.Seconds(), row.name+"-bare-s")
		b.ReportMetric(ratio, row.name+"-ratio")
		if ratio > overhead {
			b.Errorf("%s: azswarm costs %.2f times what a bare program does; want %.1f at most", row.name, ratio, overhead)
		}
	}
	state := float64(m.state) / float64(m.bareState)
	b.ReportMetric(float64(m.state)/(1<<20), "state-MiB")
	b.ReportMetric(state, "state-ratio")
	if state > overhead {
		b.Errorf("the state is %.2f times as large as a bare program's; want %.1f at most", state, overhead)
	}
	if m.checkpoints.cpu > 0 {
		b.ReportMetric(m.checkpoints.wall.Seconds()-m.up.wall.Seconds(), "checkpoints-s")
	}
}
