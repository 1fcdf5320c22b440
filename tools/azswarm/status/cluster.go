package status

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/proof"
)

// memberStates are the states of members as Consul's API numbers them (serf's MemberStatus).
var memberStates = map[int]string{1: "alive", 2: "leaving", 3: "left", 4: "failed"}

// autopilot is what /v1/operator/autopilot/health says.
type autopilot struct {
	FailureTolerance int
	Servers          []server
}

type server struct {
	Name    string
	Leader  bool
	Voter   bool
	Healthy bool
}

func (a *autopilot) leader() bool {
	return slices.ContainsFunc(a.Servers, func(s server) bool { return s.Leader })
}

// readConsul reads what servers say of Consul. The first that knows a leader counts: others may be cut off.
func (r *Report) readConsul(answers []gather.Answer) {
	r.Consul.Critical = []Check{}
	var best gather.Answer
	var health autopilot
	for _, answer := range answers {
		var h autopilot
		if json.Unmarshal([]byte(answer.Sections["autopilot"]), &h) != nil || len(h.Servers) == 0 {
			continue
		}
		if !r.Consul.asked || h.leader() && !health.leader() {
			best, health = answer, h
		}
		r.Consul.asked = true
	}
	if !r.Consul.asked {
		return
	}
	states := map[string]string{}
	var members []struct {
		Name   string
		Status int
	}
	_ = json.Unmarshal([]byte(best.Sections["members"]), &members) // whoever is missing is unknown
	for _, member := range members {
		states[member.Name] = cmp.Or(memberStates[member.Status], "unknown")
	}
	for _, server := range health.Servers {
		switch {
		case server.Leader:
			r.Consul.Leader, states[server.Name] = server.Name, "leader"
		case !server.Healthy:
			states[server.Name] = "failed"
		case server.Voter:
			states[server.Name] = "voter"
		default:
			states[server.Name] = "server"
		}
		if server.Voter {
			r.Consul.Voters++
		}
		if server.Voter && server.Healthy {
			r.Consul.Healthy++
		}
	}
	r.Consul.Tolerates = health.FailureTolerance
	for i := range r.Machines {
		if m := &r.Machines[i]; m.Tier != access.TierBastion {
			m.Consul = cmp.Or(states[m.Name], "unknown")
		}
	}
	var checks []struct{ Node, CheckID, Name, ServiceName string }
	_ = json.Unmarshal([]byte(best.Sections["critical"]), &checks)
	for _, check := range checks {
		if check.CheckID != "serfHealth" { // that is the member's state
			r.Consul.Critical = append(r.Consul.Critical, Check{
				Node:    check.Node,
				Service: check.ServiceName,
				Name:    check.Name,
			})
		}
	}
}

// readSwarm reads what managers say of the Swarm. The leader counts, or whoever answers.
func (r *Report) readSwarm(answers []gather.Answer) {
	r.Services = []Service{}
	if r.Orchestrator == access.Classic {
		r.readClassic(answers)
		return
	}
	var known map[string]SwarmNode
	for _, answer := range answers {
		nodes := readNodes(answer.Sections["nodes"])
		if len(nodes) == 0 || known != nil && nodes[answer.Node.Name].Manager != "Leader" {
			continue
		}
		known = nodes
		r.Services = readServices(answer.Sections["services"])
	}
	r.Swarm.asked = known != nil
	for i := range r.Machines {
		m := &r.Machines[i]
		node := known[m.Name]
		node.Local, node.Error = m.Swarm.Local, m.Swarm.Error
		m.Swarm = node
	}
	for _, node := range known {
		if node.Manager != "" {
			r.Swarm.Managers++
		}
		if node.Manager == "Leader" || node.Manager == "Reachable" {
			r.Swarm.Reachable++
		}
	}
	r.Swarm.Tolerates = max(0, r.Swarm.Reachable-r.Swarm.Managers/2-1)
}

// readNodes reads the Swarm's nodes by host name. A machine that was replaced may be there twice: the one that is Ready counts.
func readNodes(text string) map[string]SwarmNode {
	nodes := map[string]SwarmNode{}
	for _, line := range gather.Lines(text) {
		var n struct{ Hostname, Status, Availability, ManagerStatus string }
		if json.Unmarshal([]byte(line), &n) != nil || nodes[n.Hostname].State == "Ready" {
			continue
		}
		nodes[n.Hostname] = SwarmNode{
			State:        n.Status,
			Availability: n.Availability,
			Manager:      n.ManagerStatus,
		}
	}
	return nodes
}

// readClassic reads what managers of the standalone Swarm say: the primary of all, the others of themselves.
func (r *Report) readClassic(answers []gather.Answer) {
	roles, health := map[string]string{}, map[string]string{}
	for _, answer := range answers {
		info := proof.ParseClassic(answer.Sections["classic"])
		if info.Role == "" {
			continue
		}
		roles[answer.Node.Name] = info.Role
		if info.Role == "primary" || len(health) == 0 {
			health = info.Health
		}
	}
	r.Swarm.asked = len(roles) > 0
	r.Swarm.Reachable = len(roles)
	for i := range r.Machines {
		m := &r.Machines[i]
		switch m.Tier {
		case access.TierManagers:
			r.Swarm.Managers++
			m.Swarm.Manager = roles[m.Name]
		case access.TierWorkers:
			m.Swarm.State = strings.TrimSpace(health[m.Name])
		}
	}
	r.Swarm.Tolerates = max(0, r.Swarm.Reachable-1)
}
