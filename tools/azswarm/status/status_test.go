package status

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
)

const healthyScreen = `prod  azswarm1a2b3c4d  2026-03-01 12:00:00 UTC

MACHINE            ADDRESS      SIZE      IMAGE      ENGINE    CONSUL  SWARM          DISK  MEM
bastion
  azswarm-bastion  10.20.0.4    B2als_v2  Debian 12  -         -       -              12%   25%
consul (3): leader consul-1, 3 of 3 voters healthy, survives the loss of 1
  consul-0         10.20.1.4    B2als_v2  Debian 12  20.10.24  voter   -              12%   25%
  consul-1         10.20.1.5    B2als_v2  Debian 12  20.10.24  leader  -              12%   25%
  consul-2         10.20.1.6    B2als_v2  Debian 12  20.10.24  voter   -              12%   25%
managers (3): 3 of 3 reachable, survives the loss of 1
  managers-0       10.20.2.4    B2als_v2  Debian 12  20.10.24  alive   manager drain  12%   25%
  managers-1       10.20.2.5    B2als_v2  Debian 12  20.10.24  alive   leader drain   12%   25%
  managers-2       10.20.2.6    B2als_v2  Debian 12  20.10.24  alive   manager drain  12%   25%
workers (2)
  web-0            10.20.128.4  B2as_v2   Debian 12  20.10.24  alive   active         12%   25%
  web-1            10.20.128.5  B2as_v2   Debian 12  20.10.24  alive   active         12%   25%

SERVICE (3)  MODE            REPLICAS  IMAGE
  nginx      replicated      2/2       nginx:1.28
  backup     replicated job  3/3       backup:2
  agent      global          2/2       agent:1

CERTIFICATE          MADE        ENDS                      THE FIRST IS OF
  Swarm API, client  3 days ago  in 822 days   2028-05-31  this stack
  Consul             3 days ago  in 3600 days  2036-01-08  consul-0
  Consul, authority  3 days ago  in 3650 days  2036-02-27  consul-0
  Swarm API          3 days ago  in 822 days   2028-05-31  managers-0
  Swarm node         3 days ago  in 87 days    2026-05-27  managers-0

all is well
`

func TestTheScreenOfAHealthyCluster(t *testing.T) {
	r := healthy(t).report()
	var screen bytes.Buffer
	r.Print(&screen, Style{})
	if screen.String() != healthyScreen {
		t.Errorf("got\n%s\nwant\n%s", screen.String(), healthyScreen)
	}
	if code := r.ExitCode(); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestWorkIsWhatRunsBesideAzswarmsOwn(t *testing.T) {
	for _, m := range healthy(t).report().Machines {
		var want []Work
		if m.Tier == access.TierWorkers {
			want = []Work{{Name: "by-hand", Containers: 1}, {Name: "nginx", Containers: 2}}
		}
		if !slices.Equal(m.Work, want) {
			t.Errorf("%s works on %v, want %v", m.Name, m.Work, want)
		}
	}
}

func TestWhatIsWrongIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testing.T, *cluster)
		want   []string // all problems, as "severity where: what", what may be cut short
		code   int
	}{
		"a silent worker": {
			change: func(t *testing.T, c *cluster) {
				c.stop("web-0")
				c.replace(t, "managers", "nodes", `"web-0","Status":"Ready"`, `"web-0","Status":"Down"`)
				c.replace(t, "consul", "members", `"web-0","Status":1`, `"web-0","Status":4`)
			},
			want: []string{"failed web-0: connect to web-0", "failed web-0: to Consul, it is failed", "failed web-0: to the Swarm, it is Down"},
			code: 3,
		},
		"the leader of Consul is lost": {
			change: func(t *testing.T, c *cluster) {
				c.stop("consul-1")
				c.replace(t, "consul-0", "autopilot", `"SerfStatus":"alive","Leader":true,"Voter":true,"Healthy":true`, `"SerfStatus":"failed","Leader":false,"Voter":true,"Healthy":false`)
				c.replace(t, "consul-0", "autopilot", `"FailureTolerance":1`, `"FailureTolerance":0`)
				c.set("consul-2", "autopilot", `{"Servers":[]}`)
			},
			want: []string{"failed Consul: no leader: 2 of 3 voters", "failed consul-1: connect to", "failed consul-1: to Consul, it is failed"},
			code: 3,
		},
		"a server that is cut off does not count": {
			change: func(t *testing.T, c *cluster) {
				c.set("consul-0", "autopilot", `{"Servers":[{"Name":"consul-0","Voter":true,"Healthy":false}]}`)
			},
		},
		"Consul has no spare server": {
			change: func(t *testing.T, c *cluster) { c.replace(t, "consul", "autopilot", `Tolerance":1`, `Tolerance":0`) },
			want:   []string{"warning Consul: the loss of one more server stops it"},
			code:   2,
		},
		"no server answers": {
			change: func(t *testing.T, c *cluster) {
				for _, name := range []string{"consul-0", "consul-1", "consul-2"} {
					c.set(name, "autopilot", "ACL not found")
				}
			},
			want: []string{"failed Consul: no server says how Consul is"},
			code: 3,
		},
		"a check is critical": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "consul", "critical", "[]", `[{"Node":"web-1","CheckID":"service:x","Name":"port 80","ServiceName":"shop"},{"Node":"web-1","CheckID":"serfHealth","Name":"Serf"}]`)
			},
			want: []string{"failed web-1: Consul's check of service shop is critical: port 80"},
			code: 3,
		},
		"no majority of managers": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "managers", "nodes", `"ManagerStatus":"Reachable"`, `"ManagerStatus":"Unreachable"`)
			},
			want: []string{"failed Swarm: no majority: 1 of 3", "failed managers-0: the other managers don't reach it", "failed managers-2: the other"},
			code: 3,
		},
		"half of the managers are no majority": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "managers", "nodes", `"managers-0","Status":"Ready","Availability":"Drain","ManagerStatus":"Reachable"`, `"managers-0","Status":"Ready","Availability":"Drain","ManagerStatus":"Unreachable"`)
				c.replace(t, "managers", "nodes", `"managers-2","Status":"Ready","Availability":"Drain","ManagerStatus":"Reachable"`, `"managers-2","Status":"Ready","Availability":"Drain","ManagerStatus":""`)
			},
			want: []string{"failed Swarm: no majority: 1 of 2", "failed managers-0: the other managers don't", "failed managers-2: it is no manager of the Swarm any more"},
			code: 3,
		},
		"no manager answers": {
			change: func(t *testing.T, c *cluster) {
				for _, name := range []string{"managers-0", "managers-1", "managers-2"} {
					c.set(name, "nodes", "Error response from daemon: The swarm does not have a leader.")
				}
			},
			want: []string{"failed Swarm: no manager says how the Swarm is"},
			code: 3,
		},
		"a worker has left the Swarm": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "managers", "nodes", `"Hostname":"web-0"`, `"Hostname":"other"`)
				engineState(c, "web-0", "inactive")
			},
			want: []string{"failed web-0: its engine is no member of the Swarm: inactive", "failed web-0: it is not in the Swarm"},
			code: 3,
		},
		"a locked manager": {
			change: func(t *testing.T, c *cluster) { engineState(c, "managers-0", "locked") },
			want:   []string{"failed managers-0: its engine is locked"},
			code:   3,
		},
		"a drained worker": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "managers", "nodes", `"web-0","Status":"Ready","Availability":"Active"`, `"web-0","Status":"Ready","Availability":"Drain"`)
			},
			want: []string{"warning web-0: it takes no work: its availability is Drain"},
			code: 2,
		},
		"an engine that is down": {
			change: func(t *testing.T, c *cluster) {
				c.set("web-1", "engine", `{"ServerVersion":"","ServerErrors":["Cannot connect to the Docker daemon"]}`)
				c.set("web-1", "failed", "docker.service loaded failed failed Docker Application Container Engine")
			},
			want: []string{"failed web-1: Docker Engine: Cannot connect", "failed web-1: docker.service has failed"},
			code: 3,
		},
		"a container that stopped": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "web-1", "containers", `registrator","State":"running"`, `registrator","State":"exited"`)
			},
			want: []string{"failed web-1: container registrator is exited"},
			code: 3,
		},
		"a service short of replicas": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "managers", "services", `"2/2","Image":"nginx`, `"1/2 (max 1 per node)","Image":"nginx`)
			},
			want: []string{"failed service nginx: 1 of 2 replicas run"},
			code: 3,
		},
		"disks": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "web-0", "disk", "12%", "96%")
				c.replace(t, "web-1", "disk", "12%", "85%")
				c.replace(t, "consul-0", "inodes", "3%", "99%")
			},
			want: []string{"failed consul-0: / has used 99% of its inodes", "failed web-0: / is 96% full", "warning web-1: / is 85% full"},
			code: 3,
		},
		"memory": {
			change: func(t *testing.T, c *cluster) { c.replace(t, "web-0", "memory", "3000000", "40000") },
			want:   []string{"warning web-0: 99% of its memory is in use"},
			code:   2,
		},
		"boots": {
			change: func(t *testing.T, c *cluster) {
				c.replace(t, "web-0", "boot", `"errors":[],"finished":15.5`, `"errors":["no mirror"],"finished":15.5`)
				c.replace(t, "web-1", "boot", `"finished":15.5`, `"finished":null`)
				c.replace(t, "managers-0", "boot", `"stage":null`, `"stage":"modules-final"`)
			},
			want: []string{"failed web-0: its boot failed", "warning managers-0: it is still booting", "warning web-1: it is still booting"},
			code: 3,
		},
		"a unit of others": {
			change: func(t *testing.T, c *cluster) {
				c.set("web-0", "failed", "fwupd-refresh.service loaded failed failed Refresh")
			},
			want: []string{"warning web-0: fwupd-refresh.service has failed"},
			code: 2,
		},
		"certificates": {
			change: func(t *testing.T, c *cluster) {
				c.outputs.SwarmClient.Cert = certificate(t, 29)
				c.set("managers-0", "certificates", "file /etc/docker/tls/server.pem\n"+certificate(t, -1))
				c.set("managers-1", "certificates", "file /var/lib/docker/swarm/certificates/swarm-node.crt\n"+certificate(t, 12))
				c.set("managers-2", "certificates", "file /var/lib/docker/swarm/certificates/swarm-node.crt\n"+certificate(t, 9))
			},
			want: []string{`failed managers-0: the certificate "Swarm API" ended on 2026-02-28`, `warning this stack: the certificate "Swarm API, client" ends in 29 days`,
				`warning managers-2: the certificate "Swarm node" ends in 9 days`},
			code: 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := healthy(t)
			c.change(t, cluster)
			r := cluster.report()
			var got []string
			for _, problem := range r.Problems {
				got = append(got, fmt.Sprintf("%s %s: %s", problem.Severity, problem.Where, problem.What))
			}
			same := len(got) == len(c.want)
			for i := range c.want {
				same = same && strings.HasPrefix(got[i], c.want[i])
			}
			if !same {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if code := r.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
		})
	}
}

func engineState(c *cluster, name, state string) {
	answer := c.answers[name]
	engine(&answer, state, "")
}

func TestAClassicSwarm(t *testing.T) {
	c := healthy(t)
	c.outputs.Orchestrator = access.Classic
	for i, role := range []string{"primary", "replica", "replica"} {
		c.set(fmt.Sprintf("managers-%d", i), "classic", "Role: "+role+"\n  web-0: 10.20.128.4:2376\n   └ Status: Healthy\n  web-1: 10.20.128.5:2376\n   └ Status: Healthy")
	}
	if r := c.report(); len(r.Problems) != 0 || r.Swarm.Tolerates != 2 || r.Machines[4].Swarm.Manager != "primary" {
		t.Errorf("in order: %+v, %+v", r.Problems, r.Swarm)
	}
	c.replace(t, "managers-0", "classic", "10.20.128.5:2376\n   └ Status: Healthy", "10.20.128.5:2376\n   └ Status: Unhealthy")
	c.replace(t, "managers-1", "classic", "replica", "primary")
	r := c.report()
	if len(r.Problems) != 1 || !strings.Contains(r.Problems[0].What, "2 of the managers are the primary") {
		// The answer of the last primary counts, to whom web-1 is well.
		t.Errorf("two primaries: %+v", r.Problems)
	}
}

func TestTheScreenFits(t *testing.T) {
	c := healthy(t)
	c.outputs.ResourceGroup = strings.Repeat("long", 30)
	c.stop("consul-0")
	for i := range 100 {
		node := accesstest.Node(fmt.Sprintf("a-pool-of-twenty-ch-%d", i), access.TierWorkers, fmt.Sprintf("10.20.130.%d", i+1))
		answer := c.answers["web-0"]
		answer.Node = node
		c.outputs.Nodes = append(c.outputs.Nodes, node)
		c.answers[node.Name] = answer
		c.replace(t, "managers", "nodes", `{"Hostname":"web-0"`, fmt.Sprintf(`{"Hostname":%q,"Status":"Ready","Availability":"Active"}`+"\n"+`{"Hostname":"web-0"`, node.Name))
		c.replace(t, "consul-1", "members", `[{`, fmt.Sprintf(`[{"Name":%q,"Status":1},{`, node.Name))
	}
	c.stop("a-pool-of-twenty-ch-7")
	r := c.report()
	for _, style := range []Style{{}, {Color: true, Width: 100}, {Width: 60}} {
		var screen bytes.Buffer
		r.Print(&screen, style)
		text := screen.String()
		if lines := strings.Count(text, "\n"); lines > 50 {
			t.Errorf("%+v: %d lines for a cluster of a hundred", style, lines)
		}
		if style.Color != strings.Contains(text, "\x1b[31m") {
			t.Errorf("%+v: colours: %q", style, text)
		}
		for line := range strings.Lines(text) {
			for _, code := range []string{"0", bold, green, yellow, red, faint} {
				line = strings.ReplaceAll(line, "\x1b["+code+"m", "")
			}
			if width := utf8.RuneCountInString(strings.TrimRight(line, "\n")); width > max(style.Width, 60) && width > DefaultWidth || style.Width == 60 && width > 60 {
				t.Errorf("%+v: %d columns: %s", style, width, line)
			}
		}
		if !strings.Contains(text, "and 101 more, all well") || !strings.Contains(text, "a-pool-of-twent") {
			t.Errorf("%+v: the workers are not counted, or the silent one isn't listed:\n%s", style, text)
		}
	}
	var screen bytes.Buffer
	r.Print(&screen, Style{All: true})
	if lines := strings.Count(screen.String(), "\n"); lines < 110 {
		t.Errorf("with all: %d lines", lines)
	}
}

func TestJSONHasNoNull(t *testing.T) {
	for name, c := range map[string]*cluster{"healthy": healthy(t), "silent": {outputs: access.Outputs{}}} {
		text, err := json.Marshal(c.report())
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("null")) {
			t.Errorf("%s: a script would have to know of null: %s", name, text)
		}
	}
}
