// Package status says how a cluster is: what its machines, Consul and the Swarm answer, and what of that needs attention.
package status

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// Report is how a cluster is. Its JSON form is what `azswarm status --json` prints.
type Report struct {
	Stack         string        `json:"stack"`
	ResourceGroup string        `json:"resourceGroup"`
	Orchestrator  string        `json:"orchestrator"` // swarm or classic
	Time          time.Time     `json:"time"`
	Problems      []Problem     `json:"problems"` // none: all is well
	Machines      []Machine     `json:"machines"` // in the order of the stack's outputs
	Consul        Consul        `json:"consul"`
	Swarm         Swarm         `json:"swarm"`
	Services      []Service     `json:"services"`
	Certificates  []Certificate `json:"certificates"`
}

// Severity says how bad a problem is.
type Severity string

// Severities.
const (
	Failed  Severity = "failed"  // something doesn't work
	Warning Severity = "warning" // it works, and needs attention
)

// Problem is something that is not as it should be.
type Problem struct {
	Severity Severity `json:"severity"`
	Where    string   `json:"where"` // a machine, a service, Consul or the Swarm
	What     string   `json:"what"`
}

// Machine is what a machine says of itself, and what the others say of it.
type Machine struct {
	Name    string `json:"name"`
	Tier    string `json:"tier"`
	Address string `json:"address"`
	// Silent is why the machine could not be asked; what it would have said is empty then.
	Silent string `json:"silent,omitempty"`

	Size        string   `json:"size,omitempty"`  // Azure's; empty where there is no Azure
	Place       string   `json:"place,omitempty"` // zone or fault domain
	CPUs        int      `json:"cpus,omitempty"`
	Image       string   `json:"image,omitempty"` // operating system, as it calls itself
	UpSeconds   int      `json:"upSeconds,omitempty"`
	Boot        string   `json:"boot,omitempty"` // how far cloud-init is: done, running or error; empty without it
	FailedUnits []string `json:"failedUnits,omitempty"`
	Disks       []Disk   `json:"disks,omitempty"`
	Memory      Memory   `json:"memory"`

	Engine      string      `json:"engine,omitempty"`      // version of the Docker Engine
	EngineError string      `json:"engineError,omitempty"` // why it doesn't answer
	Containers  []Container `json:"containers,omitempty"`  // azswarm's own
	Work        []Work      `json:"work,omitempty"`        // what else runs there, by name
	Consul      string      `json:"consul,omitempty"`      // leader, voter, server, alive, leaving, left, failed or unknown
	Swarm       SwarmNode   `json:"swarm"`
}

// Disk is a file system.
type Disk struct {
	Mount  string `json:"mount"`
	Bytes  int64  `json:"bytes"`
	Used   int    `json:"usedPercent"`
	Inodes int    `json:"usedInodesPercent"`
}

// FullestDisk is the percentage that is used of the fullest file system, be it of its bytes or its inodes; 0 where nothing is known.
func (m Machine) FullestDisk() int {
	used := 0
	for _, disk := range m.Disks {
		used = max(used, disk.Used, disk.Inodes)
	}
	return used
}

// Memory is a machine's.
type Memory struct {
	Bytes     int64 `json:"bytes"`
	Available int64 `json:"available"`
}

// Used is the percentage that is not available; 0 where nothing is known.
func (m Memory) Used() int {
	if m.Bytes == 0 {
		return 0
	}
	return int(100 - 100*m.Available/m.Bytes)
}

// Container is one that azswarm runs on a machine.
type Container struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	State string `json:"state"`
}

// Work is what a machine runs of a service, or a container of none.
type Work struct {
	Name       string `json:"name"` // of the service, or of the container
	Containers int    `json:"containers"`
}

// SwarmNode is a machine in the Swarm.
type SwarmNode struct {
	State        string `json:"state,omitempty"`        // as managers see it: Ready, Down, Unknown; Healthy and others of the classic Swarm
	Availability string `json:"availability,omitempty"` // Active, Drain or Pause
	Manager      string `json:"manager,omitempty"`      // Leader, Reachable, Unreachable; primary and replica of the classic Swarm
	Local        string `json:"local,omitempty"`        // as its own engine sees it: active, locked, error, inactive, pending
	Error        string `json:"error,omitempty"`        // the engine's
}

// Role is a node's role and availability, or what is wrong with it.
func (node SwarmNode) Role() string {
	words := []string{}
	if node.Manager == "Reachable" {
		words = append(words, "manager")
	} else if node.Manager != "" {
		words = append(words, strings.ToLower(node.Manager))
	}
	if node.State != "" && node.State != "Ready" {
		words = append(words, strings.ToLower(node.State))
	} else if node.Availability != "" {
		words = append(words, strings.ToLower(node.Availability))
	}
	return strings.Join(words, " ")
}

// Consul is the Consul cluster as its servers see it.
type Consul struct {
	Leader    string  `json:"leader,omitempty"`
	Voters    int     `json:"voters"`
	Healthy   int     `json:"healthyVoters"`
	Tolerates int     `json:"tolerates"` // so many more servers may fail
	Critical  []Check `json:"critical"`
	asked     bool    // a server answered
}

// Check is a health check that is critical.
type Check struct {
	Node    string `json:"node"`
	Service string `json:"service,omitempty"`
	Name    string `json:"name"`
}

// Swarm is the Swarm as its managers see it.
type Swarm struct {
	Managers  int  `json:"managers"`
	Reachable int  `json:"reachableManagers"`
	Tolerates int  `json:"tolerates"` // so many more managers may fail
	asked     bool // a manager answered
}

// Service is one of the Swarm.
type Service struct {
	Name    string `json:"name"`
	Mode    string `json:"mode"` // replicated, global, …
	Running int    `json:"running"`
	Desired int    `json:"desired"`
	Image   string `json:"image"`
}

// Certificate is one that a machine, or the operator, identifies itself with.
type Certificate struct {
	Kind     string    `json:"kind"`
	Machine  string    `json:"machine,omitempty"` // none: the client's in the stack's outputs
	Made     time.Time `json:"made"`
	Ends     time.Time `json:"ends"`
	renewing bool      // without an update
}

// Title is what there is to say of a tier as a whole.
func (r *Report) Title(tier string) string {
	title := tier
	if tier != access.TierBastion {
		title += fmt.Sprintf(" (%d)", r.count(tier))
	}
	switch {
	case tier == access.TierConsul && r.Consul.asked:
		title += fmt.Sprintf(": leader %s, %d of %d voters healthy, survives %s", dash(r.Consul.Leader), r.Consul.Healthy, r.Consul.Voters, losses(r.Consul.Tolerates))
	case tier == access.TierManagers && r.Swarm.asked:
		title += fmt.Sprintf(": %d of %d reachable, survives %s", r.Swarm.Reachable, r.Swarm.Managers, losses(r.Swarm.Tolerates))
	}
	return title
}

func losses(n int) string {
	if n == 0 {
		return "no loss"
	}
	return "the loss of " + fmt.Sprint(n)
}

// Worst is the severity of the worst problem of each machine, service and whatever else has any.
func (r *Report) Worst() map[string]Severity {
	worst := map[string]Severity{}
	for _, problem := range r.Problems {
		if worst[problem.Where] != Failed {
			worst[problem.Where] = problem.Severity
		}
	}
	return worst
}

// Exit codes of `azswarm status`; 1 is any error that keeps it from knowing.
const (
	exitWell    = 0
	exitWarning = 2
	exitFailed  = 3
)

// ExitCode is 0 where all is well, 2 where something needs attention, and 3 where something has failed.
func (r *Report) ExitCode() int {
	code := exitWell
	for _, problem := range r.Problems {
		if problem.Severity == Failed {
			return exitFailed
		}
		code = exitWarning
	}
	return code
}

// Redact passes the texts that came from machines through a function, such as one that takes secrets out.
func (r *Report) Redact(redact func(string) string) {
	for i := range r.Problems {
		r.Problems[i].What = redact(r.Problems[i].What)
	}
	for i := range r.Machines {
		m := &r.Machines[i]
		for _, text := range []*string{&m.Silent, &m.EngineError, &m.Swarm.Error} {
			*text = redact(*text)
		}
	}
}
