package diagnose

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// mostCauses is how many causes a first reading names.
const mostCauses = 5

// Cause is what may be behind the trouble, and a line that shows it.
type Cause struct {
	What  string // the cause, and what to do
	Where string // machine and section, or file
	Line  string
	Also  int // so many other machines show it
	score int
}

// rule finds a cause in what machines say.
type rule struct {
	what    string
	pattern string
	score   int // how likely what it finds is behind other trouble
	// when the rule counts; nil: whenever there is any trouble. Every cluster says some of these things while it starts.
	when func(*status.Report) bool
}

var rules = []rule{
	{"a disk is full: make room (`docker system prune`, journals), or take larger disks", `(?i)no space left on device|disk quota exceeded`, 95, nil},
	{"the kernel ended processes for want of memory: take a larger size, or give services limits", `Out of memory: Killed process|oom-kill:|"OOMKilled":true`, 90, nil},
	{"the engine does not start", `failed to start daemon: .+|dockerd.*(?:unable to configure|invalid character)`, 88, nil},
	{"the manager's data is locked: `docker swarm unlock`, with the key that Consul or your backup has", `Swarm is encrypted and needs to be unlocked`, 86, nil},
	{"a certificate is not valid any more, or not yet (see `azswarm status`; clocks count)", `certificate has expired or is not yet valid`, 85, nil},
	{"Docker Hub's limit for pulls is reached: cache images, or take them from another registry (docs/operations.md)", `toomanyrequests|You have reached your (?:unauthenticated )?pull rate limit`, 84, nil},
	{"the Swarm has no majority of managers: bring lost ones back", `The swarm does not have a leader`, 82, func(r *status.Report) bool { return r.Swarm.Reachable*2 <= r.Swarm.Managers }},
	{"Consul has no leader: bring lost servers back", `(?i)no cluster leader`, 82, func(r *status.Report) bool { return r.Consul.Leader == "" }},
	{"the machine's boot failed", `(?i)^(?:E: |error: |ci-info: .*error)|Failed to (?:fetch|run module)|attempt \d+ to install.* failed`, 80, func(r *status.Report) bool {
		return slices.ContainsFunc(r.Machines, func(m status.Machine) bool { return m.Boot == "error" || m.Boot == "degraded" })
	}},
	{"names of the internet are not found: is there a way out (NAT gateway, routes, policies), and a resolver?", `Temporary failure in name resolution|Could not resolve host|lookup \S+ on \S+: (?:server misbehaving|no such host|read udp .*timeout)`, 78, nil},
	{"agents have different gossip keys: was one of them restored from another cluster?", `No installed keys could decrypt the message`, 78, nil},
	{"Consul refuses a token: run `pulumi up`, which makes them again", `ACL not found|Permission denied: (?:token|anonymous token)`, 70, func(r *status.Report) bool { return badMembers(r) }},
	{"an authority is unknown to the other side: a rotation that did not finish? run `pulumi up`", `certificate signed by unknown authority|remote error: tls: (?:bad certificate|unknown certificate authority)`, 68, nil},
	{"an image is not there, or not for everybody", `manifest unknown|manifest for \S+ not found|pull access denied|repository does not exist`, 66, nil},
	{"a port is taken by something else", `address already in use|port is already allocated`, 64, nil},
	{"Docker has no addresses left for networks", `non-overlapping IPv4 address pool|no available IPv4 addresses`, 64, nil},
	{"no node suits a service: constraints, resources, or drained workers", `no suitable node \([^)]+\)`, 62, shortOfReplicas},
	{"a service's tasks end by themselves: see its own logs (`azswarm docker service logs`)", `task: non-zero exit \(\d+\)|starting container failed: .+`, 60, shortOfReplicas},
	{"a file system has errors", `EXT4-fs error|I/O error, dev|Remounting filesystem read-only`, 92, nil},
}

// refused are causes that what Pulumi said shows.
var refused = []rule{
	{"the docker provider does not reach the Swarm: unset DOCKER_HOST; are you in azswarm:adminCidrs?", `failed to connect to any docker daemon`, 99, nil},
	{"the ssh agent that SSH_AUTH_SOCK names is gone: env -u SSH_AUTH_SOCK pulumi up", `dial unix \S+: connect: (?:no such file|connection refused)`, 99, nil},
	{"another machine than azswarm's answers at an address", `host key mismatch`, 98, nil},
	{"Azure has no quota left for that: raise it, or take fewer or other machines", `QuotaExceeded|exceeding approved \S+ Cores quota|quota limit`, 97, nil},
	{"Azure doesn't offer that size there, or not now", `SkuNotAvailable|AllocationFailed|not available in the cluster where the availability set`, 97, nil},
	{"the credentials don't allow that in Azure", `AuthorizationFailed|does not have authorization to perform action`, 97, nil},
	{"something that was waited for did not come", `not so after \d+s.*`, 83, nil},
	{"another update has the stack, or one was killed: `pulumi cancel`, once nobody else's runs", `the stack is currently locked`, 96, nil},
	{"the last error of the update", `^\s*error: .+`, 50, nil},
}

func badMembers(r *status.Report) bool {
	return slices.ContainsFunc(r.Machines, func(m status.Machine) bool { return m.Consul == "failed" || m.Consul == "unknown" })
}

func shortOfReplicas(r *status.Report) bool {
	return slices.ContainsFunc(r.Services, func(s status.Service) bool { return s.Running < s.Desired })
}

// silenceScore is that of a machine that doesn't answer: likely behind what others complain of.
const silenceScore = 87

// Read names the most likely causes, the likeliest first; none where nothing is wrong. Texts must be redacted.
func Read(report *status.Report, machines []Machine, updateError string) []Cause {
	causes := match(refused, report, []Machine{{Sections: []Section{{Name: updateErrorFile, Text: updateError}}}}, nil)
	if len(report.Problems) > 0 {
		causes = append(causes, match(rules, report, machines, report)...)
	}
	var silent []status.Machine
	for _, m := range report.Machines {
		if m.Silent != "" {
			silent = append(silent, m)
		}
	}
	if len(silent) > 0 {
		what, where := "a machine does not answer: is it off, cut off, or out of memory?", silent[0]
		if i := slices.IndexFunc(silent, func(m status.Machine) bool { return m.Tier == access.TierBastion }); i >= 0 {
			what, where = "the bastion lets nobody in: is it off, and are you in a network of azswarm:adminCidrs?", silent[i]
		}
		causes = append(causes, Cause{
			What:  what,
			Where: where.Name,
			Line:  where.Silent,
			Also:  len(silent) - 1,
			score: silenceScore,
		})
	}
	// What the status says, for what no rule explains.
	for _, problem := range report.Problems {
		if problem.Severity == status.Failed && !slices.ContainsFunc(silent, func(m status.Machine) bool { return m.Name == problem.Where }) {
			causes = append(causes, Cause{
				What:  "it is not as it should be",
				Where: problem.Where,
				Line:  problem.What,
				score: 40,
			})
		}
	}
	slices.SortStableFunc(causes, func(a, b Cause) int { return b.score - a.score })
	seen := map[string]bool{}
	causes = slices.DeleteFunc(causes, func(c Cause) bool { // a line shows its likeliest cause
		shown := c.Where + c.Line
		again := seen[shown]
		seen[shown] = true
		return again
	})
	return causes[:min(len(causes), mostCauses)]
}

// match finds, for each rule, the last line that shows it, on a machine with problems if there is one.
func match(rules []rule, report *status.Report, machines []Machine, judged *status.Report) []Cause {
	troubled := map[string]bool{}
	if judged != nil {
		for _, problem := range judged.Problems {
			troubled[problem.Where] = true
		}
	}
	var causes []Cause
	for _, rule := range rules {
		if rule.when != nil && !rule.when(report) {
			continue
		}
		pattern := regexp.MustCompile(rule.pattern)
		var found *Cause
		showing := 0
		for _, machine := range machines {
			where, line := lastLine(machine, pattern)
			if line == "" {
				continue
			}
			showing++
			score := rule.score
			if troubled[machine.Name] {
				score += 4
			}
			if found == nil || score > found.score {
				found = &Cause{
					What:  rule.what,
					Where: where,
					Line:  line,
					score: score,
				}
			}
		}
		if found != nil {
			found.Also = showing - 1
			causes = append(causes, *found)
		}
	}
	return causes
}

// lastLine is the last line of a machine's first section that shows a pattern.
func lastLine(machine Machine, pattern *regexp.Regexp) (where, line string) {
	for _, section := range machine.Sections {
		for text := range strings.Lines(section.Text) {
			if pattern.MatchString(text) {
				line = strings.TrimSpace(text)
			}
		}
		if line != "" {
			if machine.Name == "" {
				return section.Name, line
			}
			return machine.Name + ", " + section.Name, line
		}
	}
	return "", ""
}

// longestLine is how much of a line is shown.
const longestLine = 300

// PrintCauses writes the first reading for people.
func PrintCauses(w io.Writer, causes []Cause) {
	if len(causes) == 0 {
		fmt.Fprintln(w, "A first reading finds nothing wrong.")
		return
	}
	fmt.Fprintln(w, "A first reading; the likeliest cause first:")
	for i, cause := range causes {
		also := ""
		if cause.Also > 0 {
			also = fmt.Sprintf(" (and %d more)", cause.Also)
		}
		line := cause.Line
		if len(line) > longestLine {
			line = strings.ToValidUTF8(line[:longestLine], "") + "…"
		}
		fmt.Fprintf(w, "%d. %s\n   %s%s: %s\n", i+1, cause.What, cause.Where, also, line)
	}
}
