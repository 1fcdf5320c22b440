package suites

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// What a suite takes, measured: a machine with its engine and Consul's agent, and what drives it (Pulumi, the program, the
// lab's providers).
const (
	machineMiB = 220
	driverMiB  = 900
)

// Limit is how much may run at a time.
type Limit struct {
	Suites int // at most; suites on paper count too
	MiB    int // of memory
}

// Automatic is the limit that this machine's cores, and the memory it has left, set: a suite a core. It waits for its clusters nearly
// half of the time, and the other half keeps both cores of a small machine busy.
func Automatic(cores, availableMiB int) Limit {
	return Limit{Suites: max(1, cores), MiB: availableMiB * 8 / 10}
}

// String says what the limit is.
func (l Limit) String() string {
	return fmt.Sprintf("%d at a time, in %d MiB of memory", l.Suites, l.MiB)
}

// mib is the memory that a suite takes.
func (n Need) mib() int { return driverMiB + n.Machines*machineMiB }

// admits says whether a suite may start beside those that run. One that asks for more than there is runs alone.
func (l Limit) admits(running []Suite, s Suite) bool {
	if len(running) == 0 {
		return true
	}
	sum := s.mib()
	for _, r := range running {
		sum += r.mib()
	}
	return len(running) < l.Suites && sum <= l.MiB && !s.Last
}

// AvailableMiB is the memory that programs can get on this machine.
func AvailableMiB() (int, error) {
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		if value, ok := strings.CutPrefix(line, "MemAvailable:"); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("/proc/meminfo does not say what memory is available")
}
