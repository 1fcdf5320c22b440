package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestFaultsAreMadeByTheLabsCommands(t *testing.T) {
	for want, o := range map[string]operation{
		"kill web-0":                    {kind: kill, target: "web-0"},
		"freeze managers-2":             {kind: freeze, target: "managers-2"},
		"cut workers consul":            {kind: cut, subnets: [2]string{workers, consul}},
		"cut workers consul --one-way":  {kind: cut, subnets: [2]string{workers, consul}, oneWay: true},
		"lose 30 consul-1":              {kind: lose, target: "consul-1", percent: 30},
		"domain 2":                      {kind: domain, domain: 2},
		"fill consul-1 /var/lib/consul": {kind: fill, target: "consul-1", directory: "/var/lib/consul"},
		"kill azswarm-bastion consul-0 consul-1 consul-2 managers-0 managers-1 managers-2 web-0 web-1 web-2": {kind: power},
	} {
		if got := strings.Join(faultArguments(o, firstShape("")), " "); got != want {
			t.Errorf("%s: lab fault %s, want %s", o, got, want)
		}
	}
}

func TestVictimsAreKnownByTheirExecutables(t *testing.T) {
	for executable, want := range map[string]victim{"pulumi": engine, "pulumi-go.1234": program, "pulumi-language-go": "", "bash": ""} {
		for _, of := range []victim{engine, program} {
			if got := isVictim(executable, of); got != (of == want) {
				t.Errorf("%s as a victim of kind %q: %v", executable, of, got)
			}
		}
	}
}

func TestWrongFlagsAreRefusedBeforeAnythingIsDone(t *testing.T) {
	for flags, want := range map[string]string{
		"--minutes 0":    "--minutes 0: must be 1 or more",
		"--steps -1":     "--steps -1: must be 0 or more",
		"--images a,$(b": "--images: image 2",
		"--seed x":       "invalid argument",
		"more":           "unknown command",
	} {
		c := newCommand()
		c.SetArgs(strings.Fields(flags))
		c.SetOut(io.Discard)
		if err := c.Execute(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("soak %s: %v, want %q", flags, err, want)
		}
	}
}

func TestListPrintsTheOperationsOfASeed(t *testing.T) {
	var w strings.Builder
	c := newCommand()
	c.SetArgs([]string{"--list", "--seed", "9", "--steps", "3"})
	c.SetOut(&w)
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	want := draw(9, defaultImages, 3)
	if got := w.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, "   3  "+want[2]+"\n") {
		t.Errorf("it prints\n%s", got)
	}
}

func TestTimesAreWrittenAsPeopleSayThem(t *testing.T) {
	for d, want := range map[time.Duration]string{4 * time.Minute: "240 s", 1500 * time.Millisecond: "1.5 s", time.Second: "1 s"} {
		if got := seconds(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}
