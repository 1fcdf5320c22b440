package figures

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMedianIsTheMiddle(t *testing.T) {
	for _, test := range []struct {
		durations []time.Duration
		want      time.Duration
	}{
		{nil, 0}, {[]time.Duration{7}, 7}, {[]time.Duration{9, 1, 2}, 2}, {[]time.Duration{8, 2, 100, 4}, 6},
	} {
		given := slices.Clone(test.durations)
		if got := Median(test.durations); got != test.want {
			t.Errorf("of %v: %v, want %v", test.durations, got, test.want)
		}
		if !slices.Equal(given, test.durations) {
			t.Errorf("the order of %v was changed", given)
		}
	}
}

func TestLoginsAreConnectionsThatWereLetIn(t *testing.T) {
	journal := "Server listening on 0.0.0.0 port 22.\nAccepted publickey for azswarm from 10.20.0.4 port 1 ssh2: ED25519 SHA256:x\n" +
		"pam_unix(sshd:session): session opened for user azswarm(uid=1000)\nConnection closed by 10.20.0.4 port 2 [preauth]\n" +
		"Accepted publickey for azswarm from 10.20.0.4 port 3 ssh2: ED25519 SHA256:x\n"
	if got := Logins(journal); got != 2 {
		t.Errorf("%d, want 2", got)
	}
}

func TestTableAlignsNumbers(t *testing.T) {
	got := Table([][]string{{"part", "azswarm"}, {"boot", "9.1"}, {"× of it", "12.25"}})
	want := "| part    | azswarm |\n| ------- | ------: |\n| boot    |     9.1 |\n| × of it |   12.25 |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if Table(nil) != "" {
		t.Error("a table of nothing is not nothing")
	}
}

// export is a stack: boot, then two members beside each other, then what is ready.
const export = `{"deployment":{"resources":[
 {"urn":"urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev","type":"pulumi:pulumi:Stack","created":"2026-01-01T00:00:00.5Z"},
 {"urn":"urn:pulumi:dev::p::pulumi:providers:command::default","type":"pulumi:providers:command","created":"2026-01-01T00:00:01Z"},
 {"urn":"urn:pulumi:dev::p::vm::vm","type":"vm","created":"2026-01-01T00:00:03Z","parent":"urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"},
 {"urn":"urn:pulumi:dev::p::c::a-booted","type":"c","created":"2026-01-01T00:00:09Z","dependencies":["urn:pulumi:dev::p::vm::vm"],"provider":"urn:pulumi:dev::p::pulumi:providers:command::default::id"},
 {"urn":"urn:pulumi:dev::p::c::b-booted","type":"c","created":"2026-01-01T00:00:08Z","dependencies":["urn:pulumi:dev::p::vm::vm"]},
 {"urn":"urn:pulumi:dev::p::c::early-ready","type":"c","created":"2026-01-01T00:00:08.5Z","dependencies":["urn:pulumi:dev::p::c::b-booted"]},
 {"urn":"urn:pulumi:dev::p::c::ready","type":"c","created":"2026-01-01T00:00:12.25Z","dependencies":["urn:pulumi:dev::p::c::a-booted","urn:pulumi:dev::p::c::b-booted"]},
 {"urn":"urn:pulumi:dev::p::old::old","type":"old"}]}}`

var begun = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestSplitFollowsTheOrderOfPhases(t *testing.T) {
	steps, err := Steps([]byte(export))
	if err != nil || len(steps) != 7 {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	named := func(suffix string) func(Step) bool {
		return func(s Step) bool { return strings.HasSuffix(s.Name, suffix) }
	}
	got, err := Split(steps, begun, []Phase{{"boot", named("-booted")}, {"early", named("early-ready")}, {"ready", named("ready")}})
	if want := []time.Duration{9 * time.Second, 0, 3250 * time.Millisecond}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v, want %v", got, err, want)
	}
	if _, err := Split(steps, begun, []Phase{{"demo", named("demo")}}); err == nil || !strings.Contains(err.Error(), "phase demo") {
		t.Errorf("a phase that is not there: %v", err)
	}
}

func TestLongestChainIsWhatWasWaitedFor(t *testing.T) {
	steps, err := Steps([]byte(export))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, link := range Longest(steps, begun) {
		got = append(got, link.Name+" "+link.Took.String())
	}
	if want := []string{"p-dev 500ms", "vm 2.5s", "a-booted 6s", "ready 3.25s"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestStepsRefuseWhatIsNoExport(t *testing.T) {
	if _, err := Steps([]byte("error: no stack")); err == nil {
		t.Error("accepted")
	}
}
