package cmd

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/version"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	root := newRoot()
	var output bytes.Buffer
	root.SetOut(&output)
	root.SetErr(&output)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return output.String(), err
}

func TestVersionIsAzswarms(t *testing.T) {
	if got, err := run(t, "--version"); err != nil || got != "lab version "+version.Version+"\n" {
		t.Errorf("%v, %q, want version %s", err, got, version.Version)
	}
}

func TestMistakesAreExplained(t *testing.T) {
	for line, want := range map[string]string{
		"up --bogus":                       "lab up --help",
		"up extra":                         "extra",
		"up --name Bad":                    `lab name "Bad"`,
		"up --dir /nonexistent":            "there is no Pulumi.yaml in /nonexistent",
		"exec":                             "lab exec -- pulumi preview",
		"ssh":                              "lab ssh managers-0",
		"ssh managers-0":                   "`lab up` makes one",
		"status":                           "`lab up` makes one",
		"logs managers-0":                  "`lab up` makes one",
		"logs managers-0 docker --lines 0": "--lines 0",
		"down --purge --keep-cache":        "--purge removes the cache that --keep-cache keeps",
		"nonsense":                         `unknown command "nonsense"`,
	} {
		if output, err := run(t, strings.Fields(line)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("lab %s: %v, want it to say %q\n%s", line, err, want, output)
		}
	}
}

func TestEveryCommandHasHelpWithExamples(t *testing.T) {
	for _, c := range newRoot().Commands() {
		if c.Hidden {
			continue
		}
		if c.Short == "" || c.Long == "" || !strings.Contains(c.Example, "lab "+c.Name()) {
			t.Errorf("lab %s lacks help or an example of itself", c.Name())
		}
	}
	output, err := run(t, "--help")
	if err != nil || strings.Contains(output, "fabric") || !strings.Contains(output, "lab down") {
		t.Errorf("lab --help: %v\n%s", err, output)
	}
}

func TestExecOutsideOfAProjectTakesTheLabsOwn(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	lab, err := session.Find("paper")
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Create(); err != nil {
		t.Fatal(err)
	}
	if err := lab.Remember(session.Record{Project: "/clusters/eu", Stack: "prod"}); err != nil {
		t.Fatal(err)
	}
	project, elsewhere := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(project, "Pulumi.yaml"), []byte("name: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		in, flags, want string
	}{
		{elsewhere, "", "/clusters/eu prod"},
		{elsewhere, "--stack dev", "/clusters/eu dev"},
		{elsewhere, "--dir /other", "/other dev"},
		{project, "", ". dev"},
	} {
		t.Chdir(test.in)
		o := &options{name: "paper"}
		c := newExec(o)
		if err := c.ParseFlags(strings.Fields(test.flags)); err != nil {
			t.Fatal(err)
		}
		if err := o.programElsewhere(c); err != nil {
			t.Fatal(err)
		}
		if got := o.dir + " " + o.stack; got != test.want {
			t.Errorf("in %s with %q: %s, want %s", test.in, test.flags, got, test.want)
		}
	}
}

func TestPrintedCommandLinesRepeatTheFlagsThatMatter(t *testing.T) {
	o := &options{name: session.DefaultName, dir: defaultDir, stack: defaultStack}
	if text := o.nameFlag() + o.programFlags(); text != "" {
		t.Errorf("defaults are repeated: %q", text)
	}
	o = &options{name: "big", dir: "examples/minimal", stack: "prod"}
	if text, want := o.nameFlag()+o.programFlags(), " --name big --dir examples/minimal --stack prod"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
}

func TestLogCommand(t *testing.T) {
	for want, c := range map[string]struct {
		unit   []string
		follow bool
	}{
		"journalctl --boot --no-pager --lines 5":                        {},
		"journalctl --boot --no-pager --lines 5 --unit docker --follow": {[]string{"docker"}, true},
		"tail --lines 5 /var/log/cloud-init-output.log":                 {[]string{"cloud-init"}, false},
	} {
		if got := strings.Join(logCommand(c.unit, 5, c.follow), " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestStatusListsNodesThatAreMissing(t *testing.T) {
	outputs := access.Outputs{Nodes: []access.Node{
		{Name: "consul-0", Tier: access.TierConsul, Address: netip.MustParseAddr("10.20.1.4")},
		{Name: "consul-1", Tier: access.TierConsul, Address: netip.MustParseAddr("10.20.1.5")},
	}}
	var output bytes.Buffer
	machines := []machine{{Name: "consul-0", Address: "10.20.1.4", State: "exited", Container: strings.Repeat("a", 64)}}
	if err := printMachines(&output, machines, outputs); err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(output.String()) {
		rows = append(rows, strings.Fields(line))
	}
	want := [][]string{
		{"NAME", "TIER", "ADDRESS", "STATE", "CONTAINER"},
		{"consul-0", "consul", "10.20.1.4", "exited", "aaaaaaaaaaaa"},
		{"consul-1", "consul", "10.20.1.5", "missing", "-"},
	}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("%v, want %v", rows, want)
	}
}

func TestRealPluginsMustBeInstalled(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("PULUMI_HOME", "")
	t.Setenv("PATH", "/nonexistent")
	a := &attached{Session: &session.Session{Lab: &session.Lab{Name: "test", Dir: filepath.Join(t.TempDir(), "test")}}}
	if err := a.Lab.Create(); err != nil {
		t.Fatal(err)
	}
	install := func(name string) {
		t.Helper()
		dir := filepath.Join(home, ".pulumi", "plugins", "resource-"+name+"-v1.2.1")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "pulumi-resource-"+name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	choose := func(real bool) (left int, notice string, err error) {
		providers := standIns(false)
		var output bytes.Buffer
		err = a.choosePlugins(providers, real, &output)
		return len(providers), output.String(), err
	}
	install("command")
	if left, notice, err := choose(false); err != nil || left != 2 || !strings.Contains(notice, "command installed too") {
		t.Errorf("by default: %d stand-ins, %q, %v", left, notice, err)
	}
	if _, _, err := choose(true); err == nil || !strings.Contains(err.Error(), "docker plugin is not installed") {
		t.Errorf("with one of two: %v", err)
	}
	install("docker")
	if left, notice, err := choose(true); err != nil || left != 0 || !strings.Contains(notice, "resource-docker-v1.2.1") {
		t.Errorf("with both: %d stand-ins, %q, %v", left, notice, err)
	}
	if _, err := os.Stat(filepath.Join(a.Lab.Dir, "pulumi", "plugins", "resource-docker-v1.2.1")); err != nil {
		t.Errorf("the lab's CLI can't see the plugin: %v", err)
	}
}

func TestOnlyWorkIsReported(t *testing.T) {
	var output bytes.Buffer
	w := onlyWork{&output}
	for _, line := range []string{"[1/2] CLI … cached\n", "[2/2] Node image … building\n"} {
		if n, err := w.Write([]byte(line)); err != nil || n != len(line) {
			t.Errorf("Write(%q) = %d, %v", line, n, err)
		}
	}
	if output.String() != "[2/2] Node image … building\n" {
		t.Errorf("output %q", output.String())
	}
}
