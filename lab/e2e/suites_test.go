//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/e2e/suites"
)

// needs are the suites, in the order they start: those that take longest first, so that no single one is left to run at the end.
// Labs' names are unique, and so are the address spaces of their networks: those of Azure don't overlap on one machine.
var needs = []suites.Named{
	{Name: "faults", Need: suites.Need{Machines: 10, Labs: []string{"e2e-faults"}}},
	{Name: "safety", Need: suites.Need{Machines: 9, Labs: []string{"e2e-safety"}, ByName: "."}},
	{Name: "dev", Need: suites.Need{Machines: 8, Labs: []string{"e2e-dev"}, Recorded: true, Quick: "^TestSecondUpChangesNothing$", ByName: "^TestDropped"}},
	{Name: "classic", Need: suites.Need{Machines: 10, Labs: []string{"e2e-classic"}}},
	{Name: "prod", Need: suites.Need{Machines: 12, Labs: []string{"e2e-prod"}}},
	{Name: "cache", Need: suites.Need{Machines: 11, Labs: []string{"e2e-cache"}}},
	{Name: "calls", Need: suites.Need{Labs: []string{"e2e-faults-paper"}, Quick: "."}},
	{Name: "drift", Need: suites.Need{Labs: []string{"e2e-drift-paper", "e2e-spread-paper"}, Quick: "."}},
	{Name: "paper", Need: suites.Need{Labs: []string{"e2e-invalid", "e2e-preview", "e2e-truth", "e2e-healed-paper"}, Quick: "."}},
	{Name: "examples", Need: suites.Need{Machines: 8, Labs: []string{"e2e-imported"}}},
	{Name: "host", Need: suites.Need{Last: true}},
}

// Variables by which the process that runs all suites tells those of the suites what it knows.
const (
	aloneVariable = "AZSWARM_E2E_ALONE" // nothing else runs: what changes on this machine is the suite's own doing
	leftVariable  = "AZSWARM_E2E_LEFT"  // labs of failed suites are still there
)

// runSuites runs the suites that have tests whose names match -run, each in a process of its own.
func runSuites() (int, error) {
	if err := findPaths("all"); err != nil {
		return 1, err
	}
	all, err := suites.Discover(".", needs)
	if err != nil {
		return 1, err
	}
	pattern, err := testFlag("run")
	if err != nil {
		return 1, err
	}
	if pattern == "" || pattern == "." {
		var others []string
		if all, others, err = suites.Whole(all); err != nil {
			return 1, err
		}
		fmt.Printf("left out of the whole run (RUN=… runs them): %s\n", strings.Join(others, ", "))
	}
	selected, subtests, err := suites.Select(all, pattern)
	if err == nil && *quick {
		selected, err = suites.Quick(selected)
	}
	if err != nil {
		return 1, err
	}
	if len(selected) == 0 {
		return 1, fmt.Errorf("no test has a name that matches %q", pattern)
	}
	limit, err := chooseLimit()
	if err != nil {
		return 1, err
	}
	fmt.Printf("suites: %d, %s (%s)\n", len(selected), limit, *sideBySide)
	if err := refuseNeighbours(selected); err != nil {
		return 1, err
	}
	if err := prepareAll(); err != nil {
		return 1, err
	}
	start := time.Now()
	runner := suites.Runner{Limit: limit, Output: os.Stdout, Command: func(s suites.Suite, ended []suites.Ended) *exec.Cmd {
		return suiteCommand(s, subtests, len(selected) == 1, ended)
	}}
	ended := runner.Run(selected)
	timings, err := readTimings(ended)
	suites.Report(os.Stdout, ended, time.Since(start), timings)
	for _, e := range ended {
		if e.Failed() {
			fmt.Printf("\nlabs of failed tests stay until the next run; their commands' output is in %s; look with\n  XDG_STATE_HOME=%s %s status --name …\n",
				filepath.Join(workspace, "..", e.Name, "transcripts"), stateHome(), labBinary)
			return 1, err
		}
	}
	return 0, err
}

func chooseLimit() (suites.Limit, error) {
	available, err := suites.AvailableMiB()
	if err != nil {
		return suites.Limit{}, err
	}
	limit := suites.Automatic(runtime.NumCPU(), available)
	if *sideBySide == "auto" {
		return limit, nil
	}
	limit.Suites, err = strconv.Atoi(*sideBySide)
	if err != nil || limit.Suites < 1 {
		return suites.Limit{}, fmt.Errorf("-suites %q; must be auto, or 1 or more", *sideBySide)
	}
	return limit, nil
}

// suiteCommand is this test binary once more, for one suite.
func suiteCommand(s suites.Suite, subtests string, alone bool, ended []suites.Ended) *exec.Cmd {
	timeout, _ := testFlag("timeout") // every go test has it
	c := exec.Command(os.Args[0], "-test.v", "-test.count=1", "-test.timeout="+timeout, "-test.run="+s.Pattern(subtests), "-suite="+s.Name)
	c.Env = os.Environ()
	if alone {
		c.Env = append(c.Env, aloneVariable+"=true")
	}
	for _, e := range ended {
		if e.Failed() {
			c.Env = append(c.Env, leftVariable+"=true")
		}
	}
	return c
}

// readTimings reads how long the commands of the suites took.
func readTimings(ended []suites.Ended) ([]suites.Timing, error) {
	var all []suites.Timing
	for _, e := range ended {
		file, err := os.Open(filepath.Join(workspace, "..", e.Name, "timings"))
		if errors.Is(err, fs.ErrNotExist) { // its process did not get that far
			continue
		}
		if err != nil {
			return nil, err
		}
		for decoder := json.NewDecoder(file); decoder.More(); {
			var t suites.Timing
			if err := decoder.Decode(&t); err != nil {
				return nil, fmt.Errorf("timings of suite %s: %w", e.Name, err)
			}
			all = append(all, t)
		}
		_ = file.Close()
	}
	return all, nil
}
