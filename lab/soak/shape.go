package main

import "fmt"

// Tiers of machines, as subnets are named, too.
const (
	consul   = "consul"
	managers = "managers"
	workers  = "workers"
)

var tiers = []string{consul, managers, workers}

// shape is what the configuration says of the cluster.
type shape struct {
	machines map[string]int // by tier
	image    string         // of Consul
}

// bastion is the machine that is in no tier.
const bastion = "azswarm-bastion"

func firstShape(image string) shape {
	return shape{map[string]int{consul: 3, managers: 3, workers: 3}, image}
}

// scaled is the shape with another number of machines in a tier.
func (s shape) scaled(tier string, count int) shape {
	machines := map[string]int{}
	for _, t := range tiers {
		machines[t] = s.machines[t]
	}
	machines[tier] = count
	return shape{machines, s.image}
}

// names are those of a tier's machines.
func (s shape) names(tier string) []string {
	prefix := tier
	if tier == workers {
		prefix = "web" // the pool's name
	}
	var names []string
	for i := range s.machines[tier] {
		names = append(names, fmt.Sprintf("%s-%d", prefix, i))
	}
	return names
}

// all are the machines of all tiers.
func (s shape) all() []string {
	var names []string
	for _, tier := range tiers {
		names = append(names, s.names(tier)...)
	}
	return names
}

func (s shape) String() string {
	return fmt.Sprintf("%d servers, %d managers, %d workers", s.machines[consul], s.machines[managers], s.machines[workers])
}
