package diagnose

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

// troubled is a report with one problem of each of these machines or services.
func troubled(where ...string) *status.Report {
	r := &status.Report{
		Consul: status.Consul{Leader: "consul-0", Voters: 3, Healthy: 3},
		Swarm:  status.Swarm{Managers: 3, Reachable: 3},
	}
	for _, name := range where {
		r.Problems = append(r.Problems, status.Problem{
			Severity: status.Failed,
			Where:    name,
			What:     "not right",
		})
	}
	return r
}

func says(name, section string, lines ...string) Machine {
	return Machine{Name: name, Sections: []Section{{Name: section, Text: strings.Join(lines, "\n")}}}
}

// startup is what logs of every cluster have.
var startup = says("web-0", "container-consul",
	"[ERROR] agent.anti_entropy: failed to sync remote state: error=\"No cluster leader\"",
	"[ERROR] agent.client: RPC failed: error=\"ACL not found\"",
	"[WARN] raft: heartbeat timeout reached, starting election",
	"The swarm does not have a leader")

func TestTheLikeliestCauseComesFirst(t *testing.T) {
	for name, c := range map[string]struct {
		report      *status.Report
		machines    []Machine
		updateError string
		want        []string // parts of "what|where|line", all causes in order
	}{
		"nothing":      {report: troubled(), machines: []Machine{startup}},
		"what is over": {report: troubled(), machines: []Machine{says("web-0", "journal-services", "no space left on device")}},
		"what every cluster says as it starts": {
			report: troubled("web-0"), machines: []Machine{startup},
			want: []string{"it is not as it should be|web-0|not right"},
		},
		"a full disk breaks the rest": {
			report: troubled("managers-0", "service web"),
			machines: []Machine{
				says("managers-0", "journal-services", "dockerd: write /var/lib/docker/x: no space left on device", "last: no space left on device"),
				says("web-0", "swarm", "pull access denied for x"),
			},
			want: []string{
				"a disk is full|managers-0, journal-services|last: no space left on device",
				"an image is not there|web-0, swarm|pull access denied",
				"it is not as|managers-0|", "it is not as|service web|",
			},
		},
		"a machine with problems is shown, and the others counted": {
			report: troubled("web-1"),
			machines: []Machine{
				says("web-0", "journal-kernel", "Out of memory: Killed process 1 (a)"),
				says("web-1", "journal-kernel", "Out of memory: Killed process 2 (b)"),
			},
			want: []string{"the kernel ended processes|web-1, journal-kernel|Out of memory: Killed process 2 (b)+1", "it is not as|web-1|"},
		},
		"Consul without a leader": {
			report:   func() *status.Report { r := troubled("Consul"); r.Consul.Leader = ""; return r }(),
			machines: []Machine{startup},
			want:     []string{"Consul has no leader|web-0, container-consul|", "it is not as|Consul|"},
		},
		"the Swarm without a majority": {
			report:   func() *status.Report { r := troubled("Swarm"); r.Swarm.Reachable = 1; return r }(),
			machines: []Machine{startup},
			want:     []string{"the Swarm has no majority|web-0, container-consul|The swarm does not", "it is not as|Swarm|"},
		},
		"a silent machine": {
			report: func() *status.Report {
				r := troubled("web-0", "web-1", "service x")
				r.Machines = []status.Machine{{Name: "web-0", Silent: "no route to host"}, {Name: "web-1", Silent: "no route"}}
				return r
			}(),
			want: []string{"a machine does not answer|web-0|no route to host+1", "it is not as|service x|"},
		},
		"nobody gets in": {
			report: func() *status.Report {
				r := troubled("azswarm-bastion", "web-0")
				r.Machines = []status.Machine{{Name: "azswarm-bastion", Tier: access.TierBastion, Silent: "connect to the bastion: i/o timeout"}, {Name: "web-0", Silent: "connect to the bastion: i/o timeout"}}
				return r
			}(),
			want: []string{"the bastion lets nobody in|azswarm-bastion|connect to the bastion: i/o timeout+1"},
		},
		"what the update said, though all is well": {
			report:      troubled(),
			updateError: "Diagnostics:\n  error: failed to connect to any docker daemon\n",
			want:        []string{"unset DOCKER_HOST|update-error.txt|error: failed to connect"},
		},
		"a service that ends by itself": {
			report: func() *status.Report {
				r := troubled("service x")
				r.Services = []status.Service{{Name: "x", Desired: 1}}
				return r
			}(),
			machines: []Machine{says("managers-0", "swarm", `x.1 web-0 Shutdown Failed "task: non-zero exit (1)"`)},
			want:     []string{"a service's tasks end|managers-0, swarm|x.1 web-0", "it is not as|service x|"},
		},
		"five at most": {
			report: troubled("a", "b", "c", "d", "e", "f", "g"),
			want:   []string{"|a|", "|b|", "|c|", "|d|", "|e|"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, cause := range Read(c.report, c.machines, c.updateError) {
				text := cause.What + "|" + cause.Where + "|" + cause.Line
				if cause.Also > 0 {
					text += fmt.Sprintf("+%d", cause.Also)
				}
				got = append(got, text)
			}
			same := len(got) == len(c.want)
			for i := 0; same && i < len(got); i++ {
				what, rest, _ := strings.Cut(c.want[i], "|")
				same = strings.Contains(got[i], what) && strings.Contains(got[i], "|"+rest)
			}
			if !same {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// lines are what real machines say, for every rule.
func TestEveryRuleFindsItsLine(t *testing.T) {
	lines := []string{
		"open /var/lib/x: no space left on device",
		"kernel: Out of memory: Killed process 4711 (java)",
		"dockerd[1]: failed to start daemon: error initializing graphdriver",
		"Error response from daemon: Swarm is encrypted and needs to be unlocked before it can be used.",
		"x509: certificate has expired or is not yet valid: current time 2028",
		"toomanyrequests: You have reached your pull rate limit.",
		"Error response from daemon: rpc error: The swarm does not have a leader.",
		"error=\"No cluster leader\"",
		"attempt 5 to install docker.io failed",
		"curl: (6) Could not resolve host: mirror.example.com",
		"memberlist: No installed keys could decrypt the message",
		"rpc error: ACL not found",
		"tls: failed to verify certificate: x509: certificate signed by unknown authority",
		"manifest for nginx:nope not found: manifest unknown",
		"listen tcp4 0.0.0.0:80: bind: address already in use",
		"could not find an available, non-overlapping IPv4 address pool among the defaults",
		"no suitable node (scheduling constraints not satisfied on 2 nodes)",
		"task: non-zero exit (137)",
		"EXT4-fs error (device sda1)",
		"error: failed to connect to any docker daemon",
		"dial unix /tmp/ssh-x/agent.1: connect: no such file or directory",
		"host key mismatch: what answers at 10.20.2.4 has another key",
		`Code="QuotaExceeded" Message="exceeding approved Total Regional Cores quota"`,
		"Code=\"SkuNotAvailable\"",
		"Code=\"AuthorizationFailed\"",
		"Consul without consul-1: not so after 300s: x",
		"error: the stack is currently locked by 1 lock(s)",
	}
	all := append(append([]rule{}, rules...), refused...)
	for i := range all {
		all[i].when = nil
	}
	found := map[string]bool{}
	for _, line := range lines {
		causes := match(all, troubled(), []Machine{says("m", "s", line)}, nil)
		if len(causes) == 0 {
			t.Errorf("no rule finds %q", line)
		}
		for _, cause := range causes {
			found[cause.What] = true
		}
	}
	for _, rule := range all {
		if !found[rule.what] {
			t.Errorf("no line is found by the rule %q", rule.what)
		}
	}
}
