package suites

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Result is how a test of a suite ended.
type Result struct {
	Suite, Test string
	Seconds     float64
	Outcome     string   // pass, fail, skip; or "never ended", or "never began"
	Why         []string // lines that tell most of a failure
}

// Ended is a suite that has run.
type Ended struct {
	Suite
	Results []Result
	Took    time.Duration
	Err     error // of its process
}

// Runner runs suites.
type Runner struct {
	Limit Limit
	// Command makes the process that runs a suite's tests, verbosely. It is to end when its standard input does. ended are the
	// suites that have run before it.
	Command func(s Suite, ended []Ended) *exec.Cmd
	// Output is where progress goes, a line for each test that ends, and the suites' own output, of each in one piece.
	Output io.Writer

	mutex sync.Mutex
	start time.Time
}

// Run runs all suites, as many at a time as the limit allows, and returns how they ended, in that order.
func (r *Runner) Run(all []Suite) []Ended {
	r.start = time.Now()
	var ended []Ended
	var running []Suite
	done := make(chan Ended)
	waiting := slices.Clone(all)
	for len(waiting) > 0 || len(running) > 0 {
		for i := 0; i < len(waiting); {
			s := waiting[i]
			if !r.Limit.admits(running, s) || s.Last && !allLast(waiting) {
				i++
				continue
			}
			waiting = slices.Delete(waiting, i, i+1)
			running = append(running, s)
			before := slices.Clone(ended)
			go func() { done <- r.run(s, before) }()
		}
		e := <-done
		running = slices.DeleteFunc(running, func(s Suite) bool { return s.Name == e.Name })
		ended = append(ended, e)
	}
	return ended
}

func allLast(suites []Suite) bool {
	return !slices.ContainsFunc(suites, func(s Suite) bool { return !s.Last })
}

// say prints a line of progress.
func (r *Runner) say(suite, format string, arguments ...any) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	_, _ = fmt.Fprintf(r.Output, "%6.0f s  %-8s  %s\n", time.Since(r.start).Seconds(), suite, fmt.Sprintf(format, arguments...))
}

func (r *Runner) run(s Suite, before []Ended) Ended {
	e := Ended{Suite: s}
	start := time.Now()
	r.say(s.Name, "begins: %d tests", len(s.Tests))
	var output strings.Builder
	command := r.Command(s, before)
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	alive, err := command.StdinPipe() // ends with this process, however that ends
	read := make(chan []Result)
	go func() { read <- r.follow(s, io.TeeReader(reader, &output)) }()
	if e.Err = err; e.Err == nil {
		e.Err = command.Start()
	}
	if e.Err == nil {
		e.Err = command.Wait()
		_ = alive.Close()
	}
	_ = writer.Close()
	e.Results, e.Took = complete(s, <-read, output.String()), time.Since(start)
	state := "passed"
	if e.Failed() {
		state = "FAILED"
	}
	r.say(s.Name, "%s after %.0f s", state, e.Took.Seconds())
	r.mutex.Lock()
	defer r.mutex.Unlock()
	_, _ = fmt.Fprintf(r.Output, "\n==== suite %s: %s\n%s\n", s.Name, state, strings.TrimRight(output.String(), "\n"))
	return e
}

// ending is what `go test -v` prints of a test that has ended, and beginning of one that begins.
var (
	ending    = regexp.MustCompile(`^--- (PASS|FAIL|SKIP): (\S+) \(([0-9.]+)s\)`)
	beginning = regexp.MustCompile(`(?m)^=== RUN   (\w+)$`)
)

// follow reads a suite's output, and tells of each test that ends.
func (r *Runner) follow(s Suite, output io.Reader) []Result {
	var results []Result
	var why reasons
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadString('\n')
		why.read(line)
		if match := ending.FindStringSubmatch(line); match != nil {
			seconds, _ := strconv.ParseFloat(match[3], 64) // it is one: the pattern says so
			outcome := strings.ToLower(match[1])
			result := Result{Suite: s.Name, Test: match[2], Seconds: seconds, Outcome: outcome}
			if outcome == "fail" {
				result.Why = why.lines()
			}
			why = reasons{}
			results = append(results, result)
			r.say(s.Name, "%s  %s (%.1f s)", outcome, match[2], seconds)
		}
		if err != nil {
			return results
		}
	}
}

// complete adds the tests that have no result.
func complete(s Suite, results []Result, output string) []Result {
	var begun []string
	for _, match := range beginning.FindAllStringSubmatch(output, -1) {
		begun = append(begun, match[1])
	}
	for _, name := range s.Tests {
		if slices.ContainsFunc(results, func(r Result) bool { return r.Test == name }) {
			continue
		}
		outcome := "never began"
		if slices.Contains(begun, name) {
			outcome = "never ended"
		}
		results = append(results, Result{Suite: s.Name, Test: name, Outcome: outcome})
	}
	return results
}

// Failed says whether anything of the suite did.
func (e Ended) Failed() bool {
	return e.Err != nil || slices.ContainsFunc(e.Results, func(r Result) bool { return r.Outcome != "pass" && r.Outcome != "skip" })
}
