package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// generator draws operations. The same seed and images give the same operations, for as long as one likes.
//
// It keeps to what any cluster survives: one fault at a time, healed before the next operation; machines are replaced one at a
// time, in tiers whose others are in order. All power may go at once, as disks stay.
type generator struct {
	random *rand.Rand
	images []string
	deck   []kind // what is left of the current round: each kind comes once in a round
	shape  shape  // after the operations drawn so far
}

// newGenerator starts with a cluster whose Consul runs the first of the images. With a single one, it never is rolled.
func newGenerator(seed uint64, images []string) *generator {
	return &generator{random: rand.New(rand.NewPCG(seed, 0)), images: images, shape: firstShape(images[0])}
}

// counts are the numbers of machines that a tier is scaled to.
var counts = map[string][]int{consul: {3, 5}, managers: {3, 5}, workers: {2, 3, 4}}

// lasts is about how long an update takes that does nothing else; one is killed within that time.
var lasts = map[kind]time.Duration{replace: 40 * time.Second, scale: 30 * time.Second, roll: 40 * time.Second}

// nothingLasts is the same for an update that has nothing to do.
const nothingLasts = 6 * time.Second

func (g *generator) next() operation {
	if len(g.deck) == 0 {
		g.deck = slices.Clone(kinds)
		if len(g.images) < 2 {
			g.deck = slices.DeleteFunc(g.deck, func(k kind) bool { return k == roll })
		}
		g.random.Shuffle(len(g.deck), func(i, j int) { g.deck[i], g.deck[j] = g.deck[j], g.deck[i] })
	}
	o := operation{kind: g.deck[0]}
	g.deck = g.deck[1:]
	switch o.kind {
	case kill, freeze:
		o.target, o.hold = g.machine(), g.between(3*time.Second, 25*time.Second)
	case cut:
		o.subnets = [2]string{pick(g, tiers), pick(g, tiers)}
		o.oneWay = o.subnets[0] != o.subnets[1] && g.random.IntN(3) == 0
		o.hold = g.between(3*time.Second, 20*time.Second)
	case lose:
		o.target = pick(g, append(g.shape.all(), tiers...))
		o.percent, o.hold = 5*(1+g.random.IntN(8)), g.between(5*time.Second, 20*time.Second)
	case domain:
		o.domain, o.hold = g.random.IntN(3), g.between(5*time.Second, 25*time.Second)
	case power:
		o.hold = g.between(1*time.Second, 8*time.Second)
	case fill:
		o.target, o.directory = g.machine(), "/var/lib/docker"
		if slices.Contains(g.shape.names(consul), o.target) {
			o.directory = "/var/lib/consul"
		}
		o.hold = g.between(5*time.Second, 15*time.Second)
	case replace:
		o.target = g.machine()
	case scale:
		o.tier = pick(g, tiers)
		o.count = pick(g, slices.DeleteFunc(slices.Clone(counts[o.tier]), func(n int) bool { return n == g.shape.machines[o.tier] }))
		g.shape = g.shape.scaled(o.tier, o.count)
	case roll:
		o.image = pick(g, slices.DeleteFunc(slices.Clone(g.images), func(image string) bool { return image == g.shape.image }))
		g.shape.image = o.image
	}
	o.interrupt = g.interruption(o)
	return o
}

// interruption is drawn for every other change and every fourth fault.
func (g *generator) interruption(o operation) *interruption {
	within, one := nothingLasts, 4
	if o.isChange() {
		within, one = lasts[o.kind], 2
	}
	if g.random.IntN(one) > 0 {
		return nil
	}
	return &interruption{pick(g, victims), time.Duration(g.random.IntN(int(within/(100*time.Millisecond)))) * 100 * time.Millisecond}
}

func (g *generator) machine() string { return pick(g, g.shape.all()) }

// between is a whole number of seconds.
func (g *generator) between(from, to time.Duration) time.Duration {
	return from + time.Duration(g.random.IntN(int((to-from)/time.Second)+1))*time.Second
}

func pick[E any](g *generator, from []E) E { return from[g.random.IntN(len(from))] }
