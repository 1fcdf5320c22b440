package suites

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDiscoverReadsSuitesFromTheirFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "suite_dev_test.go", "//go:build e2e\n\npackage e2e\n\nfunc TestB(t *testing.T) {}\n\nfunc helper() {}\n\nfunc TestA(t *testing.T) {}\n")
	write(t, dir, "suite_paper_test.go", "package e2e\n\nfunc TestC(t *testing.T) {}\n")
	write(t, dir, "main_test.go", "package e2e\n\nfunc TestMain(m *testing.M) {}\n")
	needs := []Named{{"paper", Need{}}, {"dev", Need{Machines: 7}}}
	got, err := Discover(dir, needs)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Name != "paper" || !slices.Equal(got[1].Tests, []string{"TestB", "TestA"}) || got[1].Machines != 7 {
		t.Errorf("suites %+v", got)
	}

	if _, err := Discover(dir, needs[:1]); err == nil || !strings.Contains(err.Error(), "suite dev") {
		t.Errorf("a suite without a need: %v", err)
	}
	if _, err := Discover(dir, append(needs, Named{Name: "prod"})); err == nil || !strings.Contains(err.Error(), "suite_prod_test.go") {
		t.Errorf("a need without a suite: %v", err)
	}
	write(t, dir, "stray_test.go", "package e2e\n\nfunc TestStray(t *testing.T) {}\n")
	if _, err := Discover(dir, needs); err == nil || !strings.Contains(err.Error(), "stray_test.go: TestStray is in no suite") {
		t.Errorf("a test without a suite: %v", err)
	}
}

func TestSelectTakesPatternsAsGoTestDoes(t *testing.T) {
	all := []Suite{{Name: "dev", Tests: []string{"TestUp", "TestDown"}}, {Name: "prod", Tests: []string{"TestUpProd"}}}
	for _, test := range []struct{ pattern, want, subtests string }{
		{"", "^(TestUp|TestDown)$ ^(TestUpProd)$", ""},
		{".", "^(TestUp|TestDown)$ ^(TestUpProd)$", ""},
		{"Up", "^(TestUp)$ ^(TestUpProd)$", ""},
		{"Up$/one", "^(TestUp)$/one", "/one"},
		{"Nothing", "", ""},
	} {
		selected, subtests, err := Select(all, test.pattern)
		if err != nil || subtests != test.subtests {
			t.Errorf("%q: subtests %q, %v", test.pattern, subtests, err)
		}
		var got []string
		for _, s := range selected {
			got = append(got, s.Pattern(subtests))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%q selects %q, want %q", test.pattern, got, test.want)
		}
	}
	if _, _, err := Select(all, "("); err == nil {
		t.Error("a pattern that is none is accepted")
	}
}

func TestQuickTakesTheTestsThatAreNamedAndNoOthers(t *testing.T) {
	all := []Suite{
		{Name: "paper", Tests: []string{"TestA", "TestB"}, Need: Need{Quick: "."}},
		{Name: "dev", Tests: []string{"TestC", "TestD"}, Need: Need{Quick: "C$"}}, {Name: "prod", Tests: []string{"TestE"}},
	}
	quick, err := Quick(all)
	if err != nil || len(quick) != 2 || len(quick[0].Tests) != 2 || !slices.Equal(quick[1].Tests, []string{"TestC"}) {
		t.Errorf("%+v, %v", quick, err)
	}
	all[1].Need.Quick = "F"
	if _, err := Quick(all); err == nil || !strings.Contains(err.Error(), `suite dev has no test "F"`) {
		t.Errorf("a quick test that is not there: %v", err)
	}
}

func TestWholeRunLeavesOutWhatRunsByName(t *testing.T) {
	all := []Suite{
		{Name: "dev", Tests: []string{"TestA", "TestB"}, Need: Need{ByName: "^TestB$"}},
		{Name: "prod", Tests: []string{"TestC"}},
		{Name: "long", Tests: []string{"TestD"}, Need: Need{ByName: "."}},
	}
	whole, others, err := Whole(all)
	if err != nil || len(whole) != 2 || !slices.Equal(whole[0].Tests, []string{"TestA"}) || !slices.Equal(whole[1].Tests, []string{"TestC"}) ||
		!slices.Equal(others, []string{"TestB", "TestD"}) {
		t.Errorf("%+v, %v, %v", whole, others, err)
	}
}

func TestLimitKeepsToCoresAndMemory(t *testing.T) {
	if got, want := Automatic(2, 20000), (Limit{2, 16000}); got != want {
		t.Errorf("two cores: %+v, want %+v", got, want)
	}
	if got := Automatic(1, 20000).Suites; got != 1 {
		t.Errorf("one core: %d suites, want 1", got)
	}
	dev, big, last := Suite{Need: Need{Machines: 7}}, Suite{Need: Need{Machines: 100}}, Suite{Need: Need{Last: true}}
	for _, test := range []struct {
		what    string
		limit   Limit
		running []Suite
		s       Suite
		want    bool
	}{
		{"nothing else runs", Limit{3, 100}, nil, big, true},
		{"room for both", Limit{2, 10000}, []Suite{dev}, dev, true},
		{"as many as may run do", Limit{1, 10000}, []Suite{dev}, dev, false},
		{"the memory is taken", Limit{3, 5000}, []Suite{dev, dev}, dev, false},
		{"one that comes last, beside another", Limit{3, 10000}, []Suite{dev}, last, false},
	} {
		if got := test.limit.admits(test.running, test.s); got != test.want {
			t.Errorf("%s: %v, want %v", test.what, got, test.want)
		}
	}
}

// shell makes suites whose tests are the lines of a script.
func shell(scripts map[string]string) func(Suite, []Ended) *exec.Cmd {
	return func(s Suite, _ []Ended) *exec.Cmd { return exec.Command("sh", "-c", scripts[s.Name]) }
}

func outcomes(ended []Ended) string {
	var all []string
	for _, e := range ended {
		for _, r := range e.Results {
			all = append(all, r.Suite+"/"+r.Test+" "+r.Outcome)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestFailingSuiteStopsNoOther(t *testing.T) {
	var output strings.Builder
	r := &Runner{Limit: Limit{2, 10000}, Output: &output, Command: shell(map[string]string{
		"good":   `echo '=== RUN   TestA'; echo '--- PASS: TestA (1.50s)'; echo '=== RUN   TestB'; echo '--- SKIP: TestB (0.00s)'`,
		"bad":    `echo '=== RUN   TestC0'; echo '    error: of another test'; echo '--- PASS: TestC0 (0.10s)'; echo '=== RUN   TestC'; echo '    error: the reason'; echo '    error: the reason'; echo '    c_test.go:7: it failed'; echo '--- FAIL: TestC (0.10s)'; exit 1`,
		"broken": `echo '=== RUN   TestD'; echo 'panic: oh'; exit 2`,
		"later":  `echo '=== RUN   TestF'; echo '--- PASS: TestF (0.10s)'`,
	})}
	ended := r.Run([]Suite{
		{Name: "broken", Tests: []string{"TestD", "TestE"}}, {Name: "bad", Tests: []string{"TestC"}},
		{Name: "good", Tests: []string{"TestA", "TestB"}}, {Name: "later", Tests: []string{"TestF"}},
	})
	want := "bad/TestC fail, bad/TestC0 pass, broken/TestD never ended, broken/TestE never began, good/TestA pass, good/TestB skip, later/TestF pass"
	if got := outcomes(ended); got != want {
		t.Errorf("outcomes: %s\nwant      %s", got, want)
	}
	for _, e := range ended {
		if failed := e.Name == "bad" || e.Name == "broken"; e.Failed() != failed {
			t.Errorf("suite %s: failed %v, want %v", e.Name, e.Failed(), failed)
		}
	}
	for _, want := range []string{"pass  TestA (1.5 s)", "==== suite broken: FAILED", "panic: oh", "==== suite good: passed"} {
		if !strings.Contains(output.String(), want) {
			t.Errorf("the output lacks %q\n%s", want, output.String())
		}
	}

	for i := range ended {
		ended[i].Took = 90 * time.Second
	}
	var report strings.Builder
	Report(&report, ended, 3*time.Second, []Timing{{"TestA", "quick", time.Second}, {"TestC", "slow", time.Minute}})
	words := strings.Join(strings.Fields(report.String()), " ")
	for _, want := range []string{"bad TestC 0.1 fail", "broken its process 90.0 exit status 2", "TestC failed: error: the reason c_test.go:7: it failed", "60.0 TestC: slow"} {
		if !strings.Contains(words, want) {
			t.Errorf("the report lacks %q\n%s", want, report.String())
		}
	}
	if strings.Index(report.String(), "TestC: slow") > strings.Index(report.String(), "TestA: quick") {
		t.Errorf("the slowest command does not come first\n%s", report.String())
	}
}

func TestSuitesRunSideBySideAndTheLastOnesAlone(t *testing.T) {
	var mutex sync.Mutex
	var before []string
	meeting := t.TempDir() // each of the two waits for the other
	r := &Runner{Limit: Limit{2, 10000}, Output: &strings.Builder{}, Command: func(s Suite, ended []Ended) *exec.Cmd {
		if s.Last {
			mutex.Lock()
			defer mutex.Unlock()
			for _, e := range ended {
				before = append(before, e.Name)
			}
			return exec.Command("sh", "-c", "echo '--- PASS: TestLast (0.00s)'")
		}
		other := map[string]string{"a": "b", "b": "a"}[s.Name]
		return exec.Command("timeout", "20", "sh", "-c", `cd "$1"; : >"$2"; until [ -e "$3" ]; do sleep 0.05; done; echo "--- PASS: Test$2 (0.00s)"`, "sh", meeting, s.Name, other)
	}}
	ended := r.Run([]Suite{{Name: "z", Tests: []string{"TestLast"}, Need: Need{Last: true}}, {Name: "a", Tests: []string{"Testa"}}, {Name: "b", Tests: []string{"Testb"}}})
	if got := outcomes(ended); got != "a/Testa pass, b/Testb pass, z/TestLast pass" {
		t.Errorf("outcomes: %s", got)
	}
	slices.Sort(before)
	if !slices.Equal(before, []string{"a", "b"}) {
		t.Errorf("before the last suite, %v had ended; want a and b", before)
	}
}

func TestSuiteWhoseProcessDoesNotStartFails(t *testing.T) {
	r := &Runner{Limit: Limit{1, 1}, Output: &strings.Builder{}, Command: func(Suite, []Ended) *exec.Cmd { return exec.Command("/nowhere") }}
	ended := r.Run([]Suite{{Name: "a", Tests: []string{"TestA"}}})
	if len(ended) != 1 || !ended[0].Failed() || !errors.Is(ended[0].Err, os.ErrNotExist) {
		t.Errorf("%+v", ended)
	}
}
