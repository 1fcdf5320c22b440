//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// paperLab is a lab without machines whose providers serve one run of Pulumi after the other.
type paperLab struct {
	*lab
	runs    int
	env     []string // of Pulumi
	release io.Closer
	holder  *exec.Cmd // the command that keeps the providers running
}

// newPaperLab brings the dev stack up on paper, and keeps its providers running.
func newPaperLab(t *testing.T, name string) *paperLab {
	t.Helper()
	p := &paperLab{lab: &lab{name: name, stack: "dev", paper: true}}
	p.run(t, "up")
	p.attach(t)
	t.Cleanup(p.detach)
	return p
}

// attach starts the lab's providers, which serve until detach.
func (p *paperLab) attach(t *testing.T) {
	t.Helper()
	environment := filepath.Join(t.TempDir(), "environment")
	p.holder = p.exec("exec", "--", "sh", "-c", `env -0 >"$1.new" && mv "$1.new" "$1" && cat`, "sh", environment)
	var err error
	if p.release, err = p.holder.StdinPipe(); err != nil { // cat ends with it
		t.Fatal(err)
	}
	if err := p.holder.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lab's providers run", time.Minute, func() error { _, err := os.Stat(environment); return err })
	p.env = strings.Split(strings.Trim(string(readFile(t, environment)), "\x00"), "\x00")
	p.env = append(p.env, "PULUMI_DEBUG_COMMANDS=true") // for --event-log
}

// detach ends the providers: nobody but the test has the model in its hands then.
func (p *paperLab) detach() {
	if p.holder != nil {
		_, _ = p.release.Close(), p.holder.Wait()
		p.holder = nil
	}
}

// pulumiRun is what a run of Pulumi did.
type pulumiRun struct {
	output string
	err    error
	steps  []step
}

// step is one thing the engine did to a resource.
type step struct {
	Op  string `json:"op"`
	URN string `json:"urn"`
}

// token is the resource's type.
func (s step) token() string {
	types := strings.Split(s.URN, "::")[2]
	return types[strings.LastIndex(types, "$")+1:]
}

// kind is the type without package and version.
func (s step) kind() string { return s.token()[strings.LastIndex(s.token(), ":")+1:] }

func (s step) inAzure() bool { return strings.HasPrefix(s.token(), "azure-native:") }

func (s step) name() string { return s.URN[strings.LastIndex(s.URN, "::")+2:] }

// operate runs an operation of Pulumi, and reads what it did from the engine's events.
func (p *paperLab) operate(t *testing.T, operation string, args ...string) pulumiRun {
	t.Helper()
	p.runs++
	events := filepath.Join(t.TempDir(), "events")
	args = append([]string{operation, "--yes", "--skip-preview", "--non-interactive", "--event-log", events}, args...)
	var r pulumiRun
	r.output, r.err = p.cli(args...)
	log, err := os.ReadFile(events)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // without events, it failed before it began
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		var event struct {
			Done *struct {
				Step step `json:"metadata"`
			} `json:"resOutputsEvent"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("read the engine's events: %v", err)
		}
		if event.Done != nil {
			r.steps = append(r.steps, event.Done.Step)
		}
	}
	return r
}

// cli runs the Pulumi CLI with the lab's providers and returns what it printed.
func (p *paperLab) cli(args ...string) (string, error) {
	// Through a shell, which looks the command up where it will run.
	c := exec.Command("/bin/sh", append([]string{"-c", `exec pulumi "$@"`, "pulumi"}, args...)...)
	c.Dir, c.Env = repository, p.env
	output, err := c.CombinedOutput()
	return string(output), err
}

// mustOperate is operate for what has to succeed.
func (p *paperLab) mustOperate(t *testing.T, operation string, args ...string) pulumiRun {
	t.Helper()
	r := p.operate(t, operation, args...)
	if r.err != nil {
		t.Fatalf("pulumi %s: %v\n%s", operation, r.err, tail(r.output))
	}
	return r
}

// configure changes the lab's copy of the configuration.
func (p *paperLab) configure(t *testing.T, args ...string) {
	t.Helper()
	if output, err := p.cli(append([]string{"config"}, args...)...); err != nil {
		t.Fatalf("pulumi config %v: %v\n%s", args, err, output)
	}
}

func (p *paperLab) azureDir() string { return filepath.Join(p.home(), "azure") }

func (p *paperLab) faults() fault.Table { return fault.NewTable(p.azureDir()) }

// azure reads the model from the disk. Only while the lab is detached may it be changed.
func (p *paperLab) azure(t *testing.T) *azure.Provider {
	t.Helper()
	provider, err := azure.New(azure.Options{StateDir: p.azureDir(), Cloud: cloud.NewPaper()})
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

// known lists the ids of what Pulumi believes to be in Azure.
func (p *paperLab) known(t *testing.T) []string {
	t.Helper()
	var state struct {
		Checkpoint struct {
			Latest struct{ Resources []struct{ ID, Type string } }
		}
	}
	if err := json.Unmarshal(readFile(t, filepath.Join(p.home(), "backend", ".pulumi", "stacks", "azswarm", "dev.json")), &state); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range state.Checkpoint.Latest.Resources {
		if strings.HasPrefix(r.Type, "azure-native:") {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// strays are the ids of resources that Azure has and Pulumi doesn't know, and of those that Pulumi knows, or knows twice, and
// Azure doesn't have.
func (p *paperLab) strays(t *testing.T) (unknown, gone []string) {
	t.Helper()
	var existing []string
	for _, r := range p.azure(t).Resources() {
		existing = append(existing, r.ID)
	}
	known := p.known(t)
	return without(existing, known), without(known, existing)
}

// without is what is left of all, each of which may be there more than once, when some are taken away.
func without(all, some []string) []string {
	left := slices.Clone(all)
	for _, s := range some {
		if i := slices.Index(left, s); i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
	}
	return left
}

// lastOf is the last part of an id.
func lastOf(id string) string { return arm.LastName(id) }
