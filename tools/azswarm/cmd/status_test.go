package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access/accesstest"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/status"
)

var markPattern = regexp.MustCompile(`MARK='([^']+)'`)

// answering is a network whose machines answer scripts with these sections.
func answering(t *testing.T, sections map[string]string, nodes ...access.Node) *accesstest.Network {
	return accesstest.New(t, func(_ context.Context, node, command string, stdin io.Reader, stdout, stderr io.Writer) int {
		script, _ := io.ReadAll(stdin)
		mark := markPattern.FindSubmatch(script)
		if !strings.HasPrefix(command, "sudo -n bash -s") || mark == nil {
			fmt.Fprintf(stderr, "%s: no script in %q\n", node, command)
			return 1
		}
		for name, text := range sections {
			fmt.Fprintf(stdout, "\n%s %s\n%s\n", mark[1], name, text)
		}
		return 0
	}, nodes...)
}

var (
	bastion = accesstest.Node("azswarm-bastion", access.TierBastion, "10.20.0.4")
	worker  = accesstest.Node("web-0", access.TierWorkers, "10.20.128.4")
	well    = map[string]string{
		"os":   `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"`,
		"boot": `{"v1":{"modules-final":{"errors":[],"finished":1},"stage":null}}`,
		"cpus": "2",
	}
)

func TestStatusSaysWhetherAllIsWell(t *testing.T) {
	newDesk(t, answering(t, well, bastion).Outputs)
	output, err := run(t, "status")
	if err != nil || !strings.Contains(output, "Debian 12") || !strings.HasSuffix(output, "\nall is well\n") || strings.Contains(output, "\x1b") {
		t.Errorf("status: %v\n%s", err, output)
	}
}

func TestStatusShowsAMachineThatIsOff(t *testing.T) {
	n := answering(t, well, bastion, worker)
	n.Stop(worker)
	newDesk(t, n.Outputs)
	output, err := run(t, "status")
	if err != statusError(3) || !strings.Contains(output, "no answer") || !strings.Contains(output, "failed   web-0: connect to web-0 (10.20.128.4) through the bastion") {
		t.Errorf("status: %v, want exit code 3\n%s", err, output)
	}
	output, err = run(t, "status", "--json")
	var report status.Report
	if err != statusError(3) || json.Unmarshal([]byte(output), &report) != nil || len(report.Machines) != 2 || report.Machines[1].Silent == "" || report.Machines[0].Boot != "done" {
		t.Errorf("status --json: %v\n%s", err, output)
	}
}

func TestStatusFailsWhereNothingCanBeAsked(t *testing.T) {
	n := answering(t, well, bastion)
	n.Outputs.Bastion.Port = 1 // nobody listens there
	newDesk(t, n.Outputs)
	if _, err := run(t, "status"); err == nil || errors.As(err, new(statusError)) || !strings.Contains(err.Error(), "connect to the bastion") {
		t.Errorf("status: %v", err)
	}
}

func TestStatusIsWatchedUntilInterrupted(t *testing.T) {
	n := answering(t, well, bastion)
	newDesk(t, n.Outputs)
	ctx, interrupt := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	root := newRoot()
	root.SetOut(writer)
	root.SetArgs([]string{"status", "--watch", "--json", "--interval", "10ms"})
	ended := make(chan error, 1)
	go func() {
		ended <- root.ExecuteContext(ctx)
		_ = writer.Close()
	}()
	reports := json.NewDecoder(reader)
	var first, third status.Report
	for _, report := range []*status.Report{&first, {}, &third} {
		if err := reports.Decode(report); err != nil {
			t.Fatal(err)
		}
	}
	interrupt()
	_, _ = io.Copy(io.Discard, reader) // one may be under way
	if err := <-ended; err != nil || first.Stack != "dev" || third.Stack != "dev" {
		t.Errorf("status --watch: %v, %+v", err, first)
	}
}

func TestStatusRefusesNoTime(t *testing.T) {
	if _, err := run(t, "status", "--timeout", "0s"); err == nil || !strings.Contains(err.Error(), "--timeout "+time.Duration(0).String()) {
		t.Errorf("status --timeout 0s: %v", err)
	}
}

func TestStatusDrawsAPage(t *testing.T) {
	newDesk(t, answering(t, well, bastion, worker).Outputs)
	file := filepath.Join(t.TempDir(), "cluster.html")
	output, err := run(t, "status", "--html", file)
	if err != statusError(3) || !strings.Contains(output, "MACHINE") { // the worker has no engine
		t.Errorf("status --html: %v\n%s", err, output)
	}
	html, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(html), `id="machine-web-0"`) || !strings.Contains(string(html), "10.20.128.0/17") {
		t.Errorf("the page: %v\n%s", err, html)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("beside the page: %v, %v", left, err)
	}
	if _, err := run(t, "status", "--html", filepath.Join(file, "cluster.html")); err == nil || !strings.Contains(err.Error(), "--html: ") {
		t.Errorf("a file in a file: %v", err)
	}
}

func TestStatusServesAPage(t *testing.T) {
	n := answering(t, well, bastion, worker)
	newDesk(t, n.Outputs)
	if _, err := run(t, "status", "--serve=0.0.0.0:80"); err == nil || !strings.Contains(err.Error(), "must be of the loopback interface") {
		t.Errorf("status --serve=0.0.0.0:80: %v", err)
	}
	if _, err := run(t, "status", "--serve", "--json"); err == nil || !strings.Contains(err.Error(), "serve") {
		t.Errorf("status --serve --json: %v", err)
	}
	line, interrupt, ended := begin(t, "status", "--serve", "--interval", "10ms")
	address, _, said := strings.Cut(line, " shows stack dev")
	if !said {
		t.Fatalf("status --serve says %q", line)
	}
	response, err := get(t, address+"/events")
	if err != nil {
		t.Fatal(err)
	}
	n.Stop(worker)
	events := bufio.NewScanner(response.Body)
	events.Buffer(nil, 1<<20)
	seen := false
	for !seen && events.Scan() {
		seen = strings.Contains(events.Text(), "no answer")
	}
	if !seen {
		t.Errorf("a machine that is off shows as such on no page: %v", events.Err())
	}
	interrupt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
