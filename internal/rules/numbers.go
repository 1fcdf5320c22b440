package rules

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Span is what a whole number must lie in.
type Span struct{ Low, High int }

// The numbers that are spans.
var (
	Port     = Span{1, math.MaxUint16}
	Workers  = Span{0, math.MaxInt32} // the addresses of their block are fewer
	Machines = Span{1, math.MaxInt32}
	Disk     = Span{30, 4095}     // GiB
	Rotation = Span{0, 1_000_000} // the limit only keeps a slipped finger from using up the numbers
)

// Has tells whether a number is allowed.
func (s Span) Has(n int) bool { return s.Low <= n && n <= s.High }

// String is what is allowed, for an error.
func (s Span) String() string {
	return fmt.Sprintf("must be a whole number from %d to %d", s.Low, s.High)
}

// Number checks a number.
func (p *Problems) Number(path string, n int, span Span) {
	if !span.Has(n) {
		p.Refuse(path, n, "%s", span)
	}
}

// Choice is a number of which few are allowed, with the reason.
type Choice struct {
	Allowed []int
	why     string
}

// evenReason is why Consul servers and Swarm managers come in odd numbers.
const evenReason = "an even number survives no more failures than one less"

// FaultDomains of an availability set: a few regions offer only two.
var FaultDomains = Choice{[]int{2, MaxFaultDomains}, "the fault domains of an availability set, as many as the region has"}

// Managers of a Swarm: at most what Docker recommends, as each one more slows every write down.
// https://docs.docker.com/engine/swarm/admin_guide/
var Managers = Choice{[]int{1, 3, 5, 7}, evenReason}

// Servers of a Consul cluster; a single one only where that is wanted.
func Servers(single bool) Choice {
	if single {
		return Choice{[]int{1, 3, 5}, evenReason}
	}
	return Choice{[]int{3, 5}, evenReason + "; 1 needs allowSingleServer, as the cluster's data would be lost with that server's disk"}
}

// Has tells whether a number is allowed.
func (c Choice) Has(n int) bool { return slices.Contains(c.Allowed, n) }

// String is what is allowed, for an error.
func (c Choice) String() string {
	texts := make([]string, len(c.Allowed))
	for i, n := range c.Allowed {
		texts[i] = strconv.Itoa(n)
	}
	return fmt.Sprintf("must be one of %s: %s", strings.Join(texts, ", "), c.why)
}

// OneOf checks a number.
func (p *Problems) OneOf(path string, n int, choice Choice) {
	if !choice.Has(n) {
		p.Refuse(path, n, "%s", choice)
	}
}

// Period is what a time must lie in.
type Period struct{ Low, High time.Duration }

// ReconnectTimeout is how long a node that has failed stays in Consul's catalog: longer than a machine takes to restart, and not
// longer than Consul would keep it anyway.
var ReconnectTimeout = Period{30 * time.Second, 72 * time.Hour}

// Has tells whether a time is allowed.
func (s Period) Has(d time.Duration) bool { return s.Low <= d && d <= s.High }

// String is what is allowed, for an error.
func (s Period) String() string {
	return fmt.Sprintf("must be a time such as 90s or 1h30m, from %s to %s", s.Low, s.High)
}

// Duration checks a time.
func (p *Problems) Duration(path string, d time.Duration, period Period) {
	if !period.Has(d) {
		p.Refuse(path, d, "%s", period)
	}
}
