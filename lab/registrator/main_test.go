package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestCommandLine(t *testing.T) {
	tests := map[string]string{ // arguments -> part of the error
		"consul://c": "",
		"-ip 10.0.0.1 -internal -resync 60 -cleanup -ttl 30 -ttl-refresh 10 -tags a,b -deregister on-success " +
			"-retry-attempts -1 -retry-interval 500 -explicit -useIpFromLabel l consul://c": "",
		"":                                    "0 arguments",
		"consul://c -ip 10.0.0.1":             "3 arguments",
		"-deregister never consul://c":        `-deregister is "never"`,
		"-ttl 30 consul://c":                  "give both or none",
		"-ttl 10 -ttl-refresh 10 consul://c":  "greater than -ttl-refresh",
		"-retry-interval 0 consul://c":        "-retry-interval is 0",
		"-retry-attempts -2 consul://c":       "-retry-attempts is -2",
		"-resync -1 consul://c":               "-resync is -1",
		"-resync -1 -retry-interval 0 consul": "-resync is -1: must not be negative\n-retry-interval is 0",
	}
	for line, want := range tests {
		t.Run(line, func(t *testing.T) {
			switch _, err := parse(strings.Fields(line), io.Discard); {
			case want == "" && err != nil:
				t.Error(err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("error is %v, want one with %q", err, want)
			}
		})
	}
}

// lateRegistry answers from the nth ping on.
type lateRegistry struct {
	registry
	left int
}

func (r *lateRegistry) ping(context.Context) error {
	if r.left--; r.left >= 0 {
		return errors.New("connection refused")
	}
	return nil
}

func TestAwaitRetriesUntilTheRegistryAnswers(t *testing.T) {
	tests := map[string]struct {
		failures, attempts int
		fails              bool
	}{
		"at once":            {failures: 0, attempts: 0},
		"no attempts left":   {failures: 1, attempts: 0, fails: true},
		"the last attempt":   {failures: 2, attempts: 2},
		"one too many":       {failures: 3, attempts: 2, fails: true},
		"any number of them": {failures: 50, attempts: -1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := await(t.Context(), &lateRegistry{left: test.failures}, test.attempts, time.Microsecond)
			if (err != nil) != test.fails {
				t.Errorf("error is %v, want one: %v", err, test.fails)
			}
		})
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := await(ctx, &lateRegistry{left: 1 << 30}, -1, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
}
