package status

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// certificate is one that ends after so many days.
func certificate(t testing.TB, left int) string {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.AddDate(0, 0, -3), NotAfter: now.AddDate(0, 0, left)}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// booted is what cloud-init says once it is done.
const booted = `{"v1":{"datasource":"DataSourceAzure","init":{"errors":[],"finished":12.5,"start":1},"modules-final":{"errors":[],"finished":15.5,"start":13},"stage":null}}`

// cluster is one of two servers of each kind, and what its machines answer.
type cluster struct {
	outputs access.Outputs
	answers map[string]gather.Answer
}

// healthy is a cluster in which all is well.
func healthy(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{
		outputs: access.Outputs{
			ResourceGroup: "azswarm1a2b3c4d",
			Orchestrator:  "swarm",
			SwarmClient:   access.TLS{Cert: certificate(t, 822)},
			Nodes: []access.Node{
				accesstest.Node("azswarm-bastion", access.TierBastion, "10.20.0.4"),
				accesstest.Node("consul-0", access.TierConsul, "10.20.1.4"),
				accesstest.Node("consul-1", access.TierConsul, "10.20.1.5"),
				accesstest.Node("consul-2", access.TierConsul, "10.20.1.6"),
				accesstest.Node("managers-0", access.TierManagers, "10.20.2.4"),
				accesstest.Node("managers-1", access.TierManagers, "10.20.2.5"),
				accesstest.Node("managers-2", access.TierManagers, "10.20.2.6"),
				accesstest.Node("web-0", access.TierWorkers, "10.20.128.4"),
				accesstest.Node("web-1", access.TierWorkers, "10.20.128.5"),
			},
		},
		answers: map[string]gather.Answer{},
	}
	ofAll := map[string]string{
		"os":       "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"",
		"uptime":   "86400.51 170000.02",
		"memory":   "MemTotal:        4000000 kB\nMemFree:          100000 kB\nMemAvailable:    3000000 kB",
		"cpus":     "2",
		"disk":     "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 30000000 3600000 26400000 12% /\n/dev/sda1 30000000 3600000 26400000 12% /",
		"inodes":   "Filesystem Inodes IUsed IFree IUse% Mounted on\n/dev/sda1 1900000 50000 1850000 3% /\n/dev/sda1 1900000 50000 1850000 3% /",
		"instance": `{"vmSize":"Standard_B2als_v2","zone":"","platformFaultDomain":"1"}`,
		"boot":     booted,
		"failed":   "",
		"end":      "",
	}
	for _, node := range c.outputs.Nodes {
		answer := gather.Answer{Node: node, Sections: maps.Clone(ofAll), Failures: map[string]string{}}
		switch node.Tier {
		case access.TierConsul:
			engine(&answer, "inactive", `{"Names":"consul","Image":"hashicorp/consul:1.22","State":"running","Labels":"azswarm.fingerprint=f00d"}`)
			answer.Sections["certificates"] = "file /etc/consul.d/server.pem\n" + certificate(t, 3600) + "file /etc/consul.d/ca.pem\n" + certificate(t, 3650)
			answer.Sections["autopilot"] = `{"Healthy":true,"FailureTolerance":1,"Servers":[
{"Name":"consul-0","SerfStatus":"alive","Leader":false,"Voter":true,"Healthy":true},
{"Name":"consul-1","SerfStatus":"alive","Leader":true,"Voter":true,"Healthy":true},
{"Name":"consul-2","SerfStatus":"alive","Leader":false,"Voter":true,"Healthy":true}]}`
			answer.Sections["members"] = `[{"Name":"consul-0","Status":1},{"Name":"consul-1","Status":1},{"Name":"consul-2","Status":1},{"Name":"managers-0","Status":1},
{"Name":"managers-1","Status":1},{"Name":"managers-2","Status":1},{"Name":"web-0","Status":1},{"Name":"web-1","Status":1},{"Name":"web-9","Status":3}]`
			answer.Sections["critical"] = "[]"
		case access.TierManagers:
			engine(&answer, "active", `{"Names":"consul","Image":"hashicorp/consul:1.22","State":"running","Labels":"azswarm.fingerprint=f00d"}`)
			answer.Sections["certificates"] = "file /etc/docker/tls/server.pem\n" + certificate(t, 822) + "file /var/lib/docker/swarm/certificates/swarm-node.crt\n" + certificate(t, 87)
			answer.Sections["nodes"] = `{"Hostname":"managers-0","Status":"Ready","Availability":"Drain","ManagerStatus":"Reachable"}
{"Hostname":"managers-1","Status":"Ready","Availability":"Drain","ManagerStatus":"Leader"}
{"Hostname":"managers-2","Status":"Ready","Availability":"Drain","ManagerStatus":"Reachable"}
{"Hostname":"web-0","Status":"Ready","Availability":"Active","ManagerStatus":""}
{"Hostname":"web-0","Status":"Down","Availability":"Drain","ManagerStatus":""}
{"Hostname":"web-1","Status":"Down","Availability":"Active","ManagerStatus":""}
{"Hostname":"web-1","Status":"Ready","Availability":"Active","ManagerStatus":""}`
			answer.Sections["services"] = `{"Name":"nginx","Mode":"replicated","Replicas":"2/2","Image":"nginx:1.28@sha256:0123"}
{"Name":"backup","Mode":"replicated job","Replicas":"0/1 (3/3 completed)","Image":"backup:2"}
{"Name":"agent","Mode":"global","Replicas":"2/2","Image":"agent:1"}`
		case access.TierWorkers:
			engine(&answer, "active", `{"Names":"consul","Image":"hashicorp/consul:1.22","State":"running","Labels":"azswarm.fingerprint=f00d"}`+"\n"+`{"Names":"registrator","Image":"gliderlabs/registrator","State":"running","Labels":"azswarm.fingerprint=f00d"}`)
			answer.Sections["containers"] += `
{"Names":"nginx.1.abc","State":"running","Labels":"com.docker.swarm.node.id=x,com.docker.swarm.service.name=nginx"}
{"Names":"nginx.2.def","State":"running","Labels":"com.docker.swarm.service.name=nginx"}
{"Names":"nginx.2.old","State":"exited","Labels":"com.docker.swarm.service.name=nginx"}
{"Names":"by-hand","State":"running","Labels":""}`
			answer.Sections["instance"] = strings.Replace(answer.Sections["instance"], "B2als", "B2as", 1)
		}
		c.answers[node.Name] = answer
	}
	return c
}

func engine(answer *gather.Answer, state, containers string) {
	answer.Sections["engine"] = fmt.Sprintf(`{"ServerVersion":"20.10.24+dfsg1","Swarm":{"LocalNodeState":%q,"Error":""}}`, state)
	answer.Sections["containers"] = containers
}

// set changes what a machine says.
func (c *cluster) set(name, section, text string) { c.answers[name].Sections[section] = text }

// replace changes a part of what machines say whose names begin so; it must be there.
func (c *cluster) replace(t testing.TB, prefix, section, old, text string) {
	t.Helper()
	for name, answer := range c.answers {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		if !strings.Contains(answer.Sections[section], old) {
			t.Fatalf("%s says nothing of %q in %s", name, old, section)
		}
		answer.Sections[section] = strings.ReplaceAll(answer.Sections[section], old, text)
	}
}

// stop has a machine say nothing.
func (c *cluster) stop(name string) {
	c.answers[name] = gather.Answer{Node: c.answers[name].Node, Err: errors.New("connect to " + name + " through the bastion: no route to host")}
}

func (c *cluster) report() *Report {
	var answers []gather.Answer
	for _, node := range c.outputs.Nodes {
		answers = append(answers, c.answers[node.Name])
	}
	return newReport(answers, c.outputs, "prod", now)
}
