package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/bench/figures"
)

// shortest is what a step takes at least to be in the table of the longest chain.
const shortest = 100 * time.Millisecond

// report prints the tables, and fails where azswarm is too slow or connects too often.
func (c *contest) report(b *testing.B) {
	b.Helper()
	fmt.Println()
	for _, table := range [][][]string{c.totals(), c.parts(), c.milestonesOfScript(), c.chain(), c.connections()} {
		fmt.Printf("%s\n", figures.Table(table))
	}
	azswarm, script, playbook := figures.Median(c.azswarm), figures.Median(c.script), figures.Median(c.playbook)
	ratio := azswarm.Seconds() / script.Seconds()
	b.ReportMetric(ratio, "script-ratio")
	b.ReportMetric(azswarm.Seconds()/playbook.Seconds(), "playbook-ratio")
	if ratio > behindScript {
		b.Errorf("azswarm takes %.2f times as long as the script; want %.2f at most", ratio, behindScript)
	}
	if azswarm >= playbook {
		b.Errorf("azswarm takes %s s, and the playbook %s s; want less", seconds(azswarm), seconds(playbook))
	}
	for _, name := range slices.Sorted(maps.Keys(c.first)) {
		if c.again[name] != 0 {
			b.Errorf("an update that changes nothing makes %d SSH connections to %s", c.again[name], name)
		}
		// The command plugin connects to the bastion for each command.
		if c.first[name] > loginsPerUpdate && !strings.HasSuffix(name, "-bastion") {
			b.Errorf("the first update makes %d SSH connections to %s; want %d at most", c.first[name], name, loginsPerUpdate)
		}
	}
}

// totals compares the contestants.
func (c *contest) totals() [][]string {
	rows := [][]string{{"from nothing, s", "median", "least", "most", "azswarm takes"}}
	for _, r := range []struct {
		name string
		took []time.Duration
	}{{"azswarm", c.azswarm}, {"script", c.script}, {"playbook", c.playbook}, {"machines of script and playbook", c.machines}} {
		ratio := figures.Median(c.azswarm).Seconds() / figures.Median(r.took).Seconds()
		rows = append(rows, append(spread(r.name, r.took), fmt.Sprintf("%.2f of it", ratio)))
	}
	return rows
}

// parts are those of azswarm's update.
func (c *contest) parts() [][]string {
	rows := [][]string{{"azswarm's parts, s", "median", "least", "most"}}
	for i, phase := range phases {
		var took []time.Duration
		for _, round := range c.split {
			took = append(took, round[i])
		}
		rows = append(rows, spread(phase.Name, took))
	}
	return rows
}

// milestonesOfScript are when parts of the cluster were there, in the order of that.
func (c *contest) milestonesOfScript() [][]string {
	rows := [][]string{{"script, s since its machines were made", "median", "least", "most"}}
	names := slices.SortedFunc(maps.Keys(c.milestones), func(a, b string) int {
		return int(figures.Median(c.milestones[a]) - figures.Median(c.milestones[b]))
	})
	for _, name := range names {
		rows = append(rows, spread(name, c.milestones[name]))
	}
	return rows
}

// chain is what azswarm's last update waited for.
func (c *contest) chain() [][]string {
	rows := [][]string{{"what azswarm waited for, one after the other", "s"}}
	for _, link := range c.longest {
		if link.Took >= shortest {
			kind := link.Type[strings.LastIndexAny(link.Type, ":/")+1:]
			rows = append(rows, []string{fmt.Sprintf("%s (%s)", link.Name, kind), seconds(link.Took)})
		}
	}
	return rows
}

// connections are those that machines counted.
func (c *contest) connections() [][]string {
	rows := [][]string{{"SSH connections to", "first update", "one that changes nothing"}}
	for _, name := range slices.Sorted(maps.Keys(c.first)) {
		rows = append(rows, []string{name, fmt.Sprint(c.first[name]), fmt.Sprint(c.again[name])})
	}
	return rows
}

// spread is a row: median, least and most.
func spread(name string, took []time.Duration) []string {
	return []string{name, seconds(figures.Median(took)), seconds(slices.Min(took)), seconds(slices.Max(took))}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()) }
