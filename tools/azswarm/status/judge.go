package status

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// Limits from which something needs attention.
const (
	diskWarning   = 85 // percent
	diskFailed    = 95
	memoryWarning = 95 // percent not available

	certificateWarning = 30 * 24 * time.Hour
	// The Swarm renews its own well before: with 90 days, 18 before the end at the latest.
	renewingWarning = 10 * 24 * time.Hour
)

// essential are the units without which a machine is of no use.
var essential = []string{"docker.service", "ssh.service", "containerd.service", "azswarm-swarm-keeper.service", "azswarm-consul-keeper.service"}

// judge lists what is not as it should be: what has failed first.
func (r *Report) judge() {
	r.Problems = []Problem{}
	r.judgeConsul()
	r.judgeSwarm()
	for i := range r.Machines {
		r.judgeMachine(&r.Machines[i])
	}
	for _, service := range r.Services {
		if service.Running < service.Desired {
			r.failed("service "+service.Name, "%d of %d replicas run", service.Running, service.Desired)
		}
	}
	for _, certificate := range r.Certificates {
		r.judgeCertificate(certificate)
	}
	slices.SortStableFunc(r.Problems, func(a, b Problem) int { return strings.Compare(string(a.Severity), string(b.Severity)) })
}

func (r *Report) failed(where, format string, args ...any) { r.add(Failed, where, format, args) }
func (r *Report) warn(where, format string, args ...any)   { r.add(Warning, where, format, args) }

func (r *Report) add(severity Severity, where, format string, args []any) {
	r.Problems = append(r.Problems, Problem{
		Severity: severity,
		Where:    where,
		What:     fmt.Sprintf(format, args...),
	})
}

func (r *Report) judgeConsul() {
	servers := r.count(access.TierConsul)
	switch c := r.Consul; {
	case servers == 0:
		return
	case !c.asked:
		r.failed("Consul", "no server says how Consul is")
		return
	case c.Leader == "":
		r.failed("Consul", "no leader: %d of %d voters are healthy", c.Healthy, c.Voters)
	case servers > 1 && c.Tolerates == 0:
		r.warn("Consul", "the loss of one more server stops it: %d of %d voters are healthy", c.Healthy, c.Voters)
	}
	for _, check := range r.Consul.Critical {
		if check.Service != "" {
			r.failed(check.Node, "Consul's check of service %s is critical: %s", check.Service, check.Name)
		} else {
			r.failed(check.Node, "Consul's check of the node is critical: %s", check.Name)
		}
	}
}

func (r *Report) judgeSwarm() {
	managers := r.count(access.TierManagers)
	switch s := r.Swarm; {
	case managers == 0:
	case !s.asked:
		r.failed("Swarm", "no manager says how the Swarm is")
	case r.Orchestrator == access.Classic:
		if primaries := r.primaries(); primaries != 1 {
			r.failed("Swarm", "%d of the managers are the primary, must be 1", primaries)
		}
	case s.Reachable*2 <= s.Managers:
		r.failed("Swarm", "no majority: %d of %d managers are reachable", s.Reachable, s.Managers)
	case managers > 1 && s.Tolerates == 0:
		r.warn("Swarm", "the loss of one more manager stops it: %d of %d are reachable", s.Reachable, s.Managers)
	}
}

func (r *Report) primaries() int {
	count := 0
	for _, m := range r.Machines {
		if m.Swarm.Manager == "primary" {
			count++
		}
	}
	return count
}

func (r *Report) count(tier string) int {
	count := 0
	for _, m := range r.Machines {
		if m.Tier == tier {
			count++
		}
	}
	return count
}

func (r *Report) judgeMachine(m *Machine) {
	if m.Silent != "" {
		r.failed(m.Name, "%s", m.Silent)
	}
	if m.Consul != "" && !slices.Contains([]string{"leader", "voter", "alive"}, m.Consul) {
		r.failed(m.Name, "to Consul, it is %s", m.Consul)
	}
	r.judgeNode(m)
	if m.Silent != "" {
		return // what it said before it fell silent may be half of it
	}
	switch m.Boot {
	case "running":
		r.warn(m.Name, "it is still booting: see /var/log/cloud-init-output.log")
	case "error":
		r.failed(m.Name, "its boot failed: see /var/log/cloud-init-output.log, and `cloud-init status --long`")
	}
	if m.EngineError != "" {
		r.failed(m.Name, "Docker Engine: %s", m.EngineError)
	}
	for _, container := range m.Containers {
		if container.State != "running" {
			r.failed(m.Name, "container %s is %s", container.Name, container.State)
		}
	}
	for _, unit := range m.FailedUnits {
		if slices.Contains(essential, unit) {
			r.failed(m.Name, "%s has failed", unit)
		} else {
			r.warn(m.Name, "%s has failed", unit)
		}
	}
	for _, disk := range m.Disks {
		r.judgeDisk(m.Name, disk.Mount+" is %d%% full", disk.Used)
		r.judgeDisk(m.Name, disk.Mount+" has used %d%% of its inodes", disk.Inodes)
	}
	if used := m.Memory.Used(); used >= memoryWarning {
		r.warn(m.Name, "%d%% of its memory is in use", used)
	}
}

// judgeNode judges a machine as a member of the Swarm.
func (r *Report) judgeNode(m *Machine) {
	if !r.Swarm.asked || m.Tier != access.TierManagers && m.Tier != access.TierWorkers {
		return
	}
	if r.Orchestrator == access.Classic {
		if m.Tier == access.TierWorkers && m.Swarm.State != "Healthy" {
			r.failed(m.Name, "to the Swarm, it is %s, must be Healthy", orUnknown(m.Swarm.State))
		}
		return
	}
	switch m.Swarm.Local {
	case "", "active":
	case "locked":
		r.failed(m.Name, "its engine is locked: `docker swarm unlock`, with the key that Consul or your backup has")
	default:
		r.failed(m.Name, "its engine is no member of the Swarm: %s %s", m.Swarm.Local, m.Swarm.Error)
	}
	switch {
	case m.Swarm.State == "":
		r.failed(m.Name, "it is not in the Swarm")
	case m.Swarm.State != "Ready":
		r.failed(m.Name, "to the Swarm, it is %s", m.Swarm.State)
	case m.Tier == access.TierManagers && m.Swarm.Manager == "":
		r.failed(m.Name, "it is no manager of the Swarm any more")
	case m.Tier == access.TierManagers && m.Swarm.Manager == "Unreachable":
		r.failed(m.Name, "the other managers don't reach it")
	case m.Tier == access.TierWorkers && m.Swarm.Availability != "Active":
		r.warn(m.Name, "it takes no work: its availability is %s", m.Swarm.Availability)
	}
}

func orUnknown(text string) string {
	if text == "" {
		return "unknown"
	}
	return text
}

func (r *Report) judgeDisk(name, format string, used int) {
	switch {
	case used >= diskFailed:
		r.failed(name, format, used)
	case used >= diskWarning:
		r.warn(name, format, used)
	}
}

func (r *Report) judgeCertificate(c Certificate) {
	where, warning := c.Machine, certificateWarning
	if where == "" {
		where = "this stack"
	}
	if c.renewing {
		warning = renewingWarning
	}
	switch left := c.Ends.Sub(r.Time); {
	case left <= 0:
		r.failed(where, "the certificate %q ended on %s", c.Kind, c.Ends.Format(time.DateOnly))
	case c.Made.Sub(r.Time) > 0:
		r.failed(where, "the certificate %q begins on %s: is a clock wrong?", c.Kind, c.Made.Format(time.DateTime))
	case left < warning:
		r.warn(where, "the certificate %q ends in %s", c.Kind, days(left))
	}
}

// days is a time in whole days, as people count them.
func days(d time.Duration) string {
	return plural(int(d/(24*time.Hour)), "day", "days")
}
