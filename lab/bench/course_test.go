package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/bare/plan"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

// course is what azswarm has made, for others to make.
type course struct {
	machines []plan.Resource // and their network
	outputs  access.Outputs
	acl      string // script/acl.sh says it
	state    string // of the whole cluster
}

// newCourse takes from azswarm's cluster what the others are given: machines, keys to them, and who may do what in Consul.
func newCourse(b *testing.B, export string, outputs access.Outputs, state string) *course {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	client, err := access.Dial(ctx, outputs)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	acl, err := client.Run(ctx, outputs.Tier(access.TierConsul)[0], "sudo bash -c "+bootstrap.Quote(aclScript))
	if err != nil {
		b.Fatal(err)
	}
	machines := only(planOf(b, export), func(r plan.Resource) bool { return strings.HasPrefix(r.Type, "azure-native:") })
	return &course{machines, outputs, acl, state}
}

// start makes the machines, and a directory that says how they are reached. Nothing waits for their boot.
func (c *course) start(b *testing.B, p programs) (l *lab, dir string, machines span, outputs access.Outputs) {
	b.Helper()
	dir = b.TempDir()
	content, err := json.Marshal(c.machines)
	if err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "plan.json") // not in dir: ways in are saved to a directory of their own
	write(b, file, string(content))
	l = p.bareLab(b, "race-bare", file)
	l.machines = true
	machines = l.up(b)
	addresses := l.publicAddresses(b)
	outputs = c.outputs
	outputs.KnownHosts = strings.ReplaceAll(outputs.KnownHosts, outputs.Bastion.Host, addresses["azswarm-bastion"])
	outputs.Bastion.Host = addresses["azswarm-bastion"]
	if net.ParseIP(outputs.Bastion.Host) == nil || net.ParseIP(addresses["managers"]) == nil {
		b.Fatalf("public addresses %v; want one of azswarm-bastion and one of managers", addresses)
	}
	if err := access.Save(dir, outputs); err != nil {
		b.Fatal(err)
	}
	write(b, filepath.Join(dir, "public"), addresses["managers"])
	policies, tokens, _ := strings.Cut(strings.TrimSpace(c.acl), "\n")
	write(b, filepath.Join(dir, "policies.json"), policies)
	write(b, filepath.Join(dir, "tokens.json"), tokens)
	return l, dir, machines, outputs
}

// publicAddresses are the stack's, by the name of the resource.
func (l *lab) publicAddresses(b *testing.B) map[string]string {
	b.Helper()
	text, _ := l.run(b, `exec pulumi stack export`)
	var state struct {
		Deployment struct {
			Resources []struct {
				URN, Type string
				Outputs   map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		b.Fatalf("%s: read the exported stack: %v", l.name, err)
	}
	addresses := map[string]string{}
	for _, r := range state.Deployment.Resources {
		if strings.HasSuffix(r.Type, ":PublicIPAddress") {
			addresses[r.URN[strings.LastIndex(r.URN, "::")+2:]], _ = r.Outputs["ipAddress"].(string)
		}
	}
	return addresses
}

// runScript runs the script.
func (c *contest) runScript(b *testing.B, p programs, course *course) {
	b.Helper()
	l, dir, machines, outputs := course.start(b, p)
	defer l.down(b)
	var nodes strings.Builder
	for _, node := range outputs.Nodes {
		fmt.Fprintln(&nodes, node.Name, node.Tier, node.Address)
	}
	write(b, filepath.Join(dir, "nodes"), nodes.String())
	begun := time.Now()
	took := contend(b, "script", nil, "script/up.sh", dir)
	c.script = append(c.script, machines.took()+took)
	fmt.Printf("script: %s s, of which its machines %s s\n", seconds(machines.took()+took), seconds(machines.took()))
	c.machines = append(c.machines, machines.took())
	milestones, err := os.ReadFile(filepath.Join(dir, "milestones"))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(milestones)) {
		at, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		nanoseconds, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			b.Fatalf("milestone %q: %v", line, err)
		}
		c.milestones[name] = append(c.milestones[name], time.Unix(0, nanoseconds).Sub(begun))
	}
	course.reached(b, "script", outputs)
}

// runPlaybook runs the playbook.
func (c *contest) runPlaybook(b *testing.B, p programs, course *course) {
	b.Helper()
	l, dir, machines, outputs := course.start(b, p)
	defer l.down(b)
	var inventory strings.Builder
	for group, nodes := range hosts(outputs) {
		fmt.Fprintf(&inventory, "[%s]\n", group)
		for _, node := range nodes {
			fmt.Fprint(&inventory, node.Name)
			if node.Address.IsValid() {
				fmt.Fprintf(&inventory, " address=%s", node.Address)
			}
			fmt.Fprintln(&inventory)
		}
	}
	fmt.Fprintf(&inventory, "[all:vars]\nansible_ssh_common_args=-F %s/ssh_config\nansible_control_path_dir=%s/cp\n", dir, dir)
	write(b, filepath.Join(dir, "inventory"), inventory.String())
	took := contend(b, "playbook", []string{"ANSIBLE_CONFIG=playbook/ansible.cfg"},
		"ansible-playbook", "--inventory", filepath.Join(dir, "inventory"), "--extra-vars", "cluster="+dir, "playbook/site.yml")
	c.playbook = append(c.playbook, machines.took()+took)
	fmt.Printf("playbook: %s s, of which its machines %s s\n", seconds(machines.took()+took), seconds(machines.took()))
	course.reached(b, "playbook", outputs)
}

// hosts are the names that a cluster's machines have for a client of SSH, by tier; "gateway" is the bastion.
func hosts(outputs access.Outputs) map[string][]access.Node {
	tiers := map[string][]access.Node{"gateway": {{Name: access.BastionName}}}
	for _, tier := range []string{access.TierConsul, access.TierManagers, access.TierWorkers} {
		tiers[tier] = outputs.Tier(tier)
	}
	return tiers
}

// contend runs a contestant to its end.
func contend(b *testing.B, contestant string, env []string, name string, args ...string) time.Duration {
	b.Helper()
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), env...)
	var output bytes.Buffer
	c.Stdout, c.Stderr = &output, &output
	c.WaitDelay = time.Second // what it leaves in the background to share connections holds its output
	begun := time.Now()
	if err := c.Run(); err != nil {
		text := output.String()
		b.Fatalf("%s: %v\n%s", contestant, err, text[max(0, len(text)-6000):])
	}
	return time.Since(begun)
}

// reached expects of a cluster that the lab's proofs hold, and that it is in the state that azswarm's was in.
func (c *course) reached(b *testing.B, contestant string, outputs access.Outputs) {
	b.Helper()
	if wrong := differences(judge(b, outputs, contestant), c.state); wrong != "" {
		b.Fatalf("%s: the cluster is not in the state that azswarm brings it to\n%s", contestant, wrong)
	}
}

func write(b *testing.B, file, content string) {
	b.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
}

// differences are the lines of two states that are not the same, "-" for what is wanted and "+" for what there is instead, under the
// machine that they are of.
func differences(got, want string) string {
	var text strings.Builder
	of := func(state string) (machines []string, lines map[string][]string) {
		lines = map[string][]string{}
		machine := ""
		for line := range strings.Lines(state) {
			if strings.HasPrefix(line, "== ") {
				machine = line
				machines = append(machines, machine)
			}
			lines[machine] = append(lines[machine], line)
		}
		return machines, lines
	}
	known, there := of(got)
	wanted, should := of(want)
	for _, machine := range append(wanted, slices.DeleteFunc(known, func(machine string) bool { return slices.Contains(wanted, machine) })...) {
		minus := slices.DeleteFunc(slices.Clone(should[machine]), func(line string) bool { return slices.Contains(there[machine], line) })
		plus := slices.DeleteFunc(slices.Clone(there[machine]), func(line string) bool { return slices.Contains(should[machine], line) })
		if len(minus)+len(plus) == 0 && len(should[machine]) == len(there[machine]) {
			continue
		}
		text.WriteString(machine)
		for _, line := range minus {
			text.WriteString("- " + line)
		}
		for _, line := range plus {
			text.WriteString("+ " + line)
		}
	}
	return text.String()
}

func TestDifferencesNameMachineAndLine(t *testing.T) {
	const want = "== a\nserver\nvoter\n== b\nclient\n"
	for _, test := range []struct{ got, want string }{
		{want, ""},
		{"== a\nserver\n== b\nclient\n", "== a\n- voter\n"},
		{"== a\nserver\nvoter\n== b\nclient\ntwice\n", "== b\n+ twice\n"},
		{"== a\nserver\nvoter\n== b\nclient\n== c\nclient\n", "== c\n+ == c\n+ client\n"},
		{"== a\nserver\nvoter\nvoter\n== b\nclient\n", "== a\n"},
	} {
		if got := differences(test.got, want); got != test.want {
			t.Errorf("of %q: %q, want %q", test.got, got, test.want)
		}
	}
}
