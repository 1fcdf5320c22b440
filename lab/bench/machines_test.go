package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/bare/plan"
	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
	"github.com/seed-3bc5c20b/azswarm/lab/bench/figures"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/proof"
)

// patience is how long what follows by itself may take after an update, such as the registration of services.
const patience = 2 * time.Minute

// span is when an update ran.
type span struct{ begun, ended time.Time }

func (s span) took() time.Duration { return s.ended.Sub(s.begun) }

// up updates the stack. What the lab does before and after is not counted.
func (l *lab) up(b *testing.B) span {
	b.Helper()
	output, _ := l.run(b, `date +%s%N; pulumi up --yes --skip-preview --non-interactive >&2; date +%s%N`)
	var times [2]time.Time
	for i, text := range strings.Fields(output) {
		nanoseconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || i >= len(times) {
			b.Fatalf("%s: the times of an update are %q", l.name, output)
		}
		times[i] = time.Unix(0, nanoseconds)
	}
	return span{times[0], times[1]}
}

// set changes the stack's configuration, KEY=VALUE each.
func (l *lab) set(b *testing.B, settings ...string) {
	b.Helper()
	var args []string
	for _, setting := range settings {
		args = append(args, "--plaintext", setting)
	}
	l.run(b, `exec pulumi config set-all --path "$@"`, args...)
}

// outputs tells how the cluster is reached.
func (l *lab) outputs(b *testing.B) access.Outputs {
	b.Helper()
	text, _ := l.run(b, `exec pulumi stack output --json --show-secrets`)
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		b.Fatalf("%s: read the stack's outputs: %v", l.name, err)
	}
	outputs, err := access.Parse(raw)
	if err != nil {
		b.Fatal(err)
	}
	return outputs
}

// logins counts, by machine, the SSH connections that were let in since it exists.
func (l *lab) logins(b *testing.B) map[string]int {
	b.Helper()
	list, err := exec.Command("docker", "ps", "--filter", "label=azswarm.lab="+l.name, "--filter", "label=azswarm.kind=machine", "--format", "{{.ID}}").Output()
	if err != nil {
		b.Fatalf("list machines: %v", err)
	}
	counts := map[string]int{}
	for id := range strings.FieldsSeq(string(list)) {
		text, err := exec.Command("docker", "exec", id, "sh", "-c", "hostname; journalctl --unit ssh --output cat --no-pager").Output()
		if err != nil {
			b.Fatalf("read the journal of machine %s: %v", id, err)
		}
		name, journal, _ := strings.Cut(string(text), "\n")
		counts[name] = figures.Logins(journal)
	}
	if len(counts) == 0 {
		b.Fatalf("%s: no machines", l.name)
	}
	return counts
}

// judge expects every proof of the lab, and returns the state of the cluster, as script/state.sh tells it. Services may take a moment to
// be registered.
func judge(b *testing.B, outputs access.Outputs, contestant string) string {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), patience)
	defer cancel()
	client, err := access.Dial(ctx, outputs)
	if err != nil {
		b.Fatalf("%s: %v", contestant, err)
	}
	defer func() { _ = client.Close() }()
	for {
		results, err := proof.Run(ctx, client, outputs)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			var text bytes.Buffer
			proof.Print(&text, results)
			b.Fatalf("%s: the cluster is not what it should be\n%s", contestant, &text)
		}
	}
	var state strings.Builder
	for _, node := range outputs.Nodes {
		if node.Tier == "bastion" {
			continue
		}
		text, err := client.Run(ctx, node, "sudo bash -c "+bootstrap.Quote(stateScript))
		if err != nil {
			b.Fatalf("%s: %v", contestant, err)
		}
		fmt.Fprintf(&state, "== %s\n%s", node.Name, text)
	}
	return state.String()
}

// removeLeftovers removes what an earlier run that was killed has left of these labs.
func removeLeftovers(b *testing.B, work string, names ...string) {
	b.Helper()
	for _, name := range names {
		(&lab{name: name, work: work}).down(b)
	}
}

// programs are what the benchmarks run, compiled.
type programs struct{ work, repository, azswarm, bare string }

func compileAll(b *testing.B) programs {
	b.Helper()
	work := b.TempDir()
	repository, err := filepath.Abs("../..")
	if err != nil {
		b.Fatal(err)
	}
	compile(b, filepath.Join(repository, "lab"), filepath.Join(work, "lab"), "CGO_ENABLED=0") // it runs in its containers, too
	return programs{work, repository,
		compile(b, repository, filepath.Join(work, "azswarm")),
		compile(b, filepath.Join(repository, "internal", "bare"), filepath.Join(work, "bare"))}
}

// lab is a lab for the stack dev.
func (p programs) lab(b *testing.B, name string, machines bool) *lab {
	b.Helper()
	l := newLab(b, p.work, name, p.repository, "dev", p.azswarm)
	l.machines = machines
	return l
}

// bareLab is a lab without machines for the bare program, which registers what a file lists.
func (p programs) bareLab(b *testing.B, name, file string) *lab {
	b.Helper()
	return newLab(b, p.work, name, filepath.Join(p.repository, "internal", "bare"), "bench", p.bare, plan.Variable+"="+file)
}
