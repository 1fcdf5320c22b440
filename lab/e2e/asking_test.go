//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// asking is a client on a machine that asks a service for a page, over and over.
type asking struct {
	lab     *lab
	machine string
}

// askScript writes down when the page at $1 came, until the service of the machine that runs it is stopped.
const askScript = `while :; do
	if curl --silent --fail --max-time 1 --output /dev/null "$1"; then date +%s.%N >>/run/e2e-answers; fi
	sleep 0.1
done`

// gapScript prints the longest time between two answers, in seconds, and forgets all but the last.
const gapScript = `awk 'NR > 1 && $1 - last > gap { gap = $1 - last } { last = $1 } END { printf "%.2f", gap }' /run/e2e-answers
tail -n 1 /run/e2e-answers >/run/e2e-answers.last; cat /run/e2e-answers.last >/run/e2e-answers`

// startAsking returns once there was an answer. The test's end ends it.
func (l *lab) startAsking(t *testing.T, machine, url string) *asking {
	t.Helper()
	a := &asking{l, machine}
	l.ask(t, machine, fmt.Sprintf("rm -f /run/e2e-answers; systemd-run --quiet --collect --unit e2e-asking bash -c %s bash %s", bootstrap.Quote(askScript), bootstrap.Quote(url)))
	t.Cleanup(func() { a.end(t) })
	eventually(t, url+" answers", time.Minute, func() error {
		_, err := l.on(t.Context(), machine, "test -s /run/e2e-answers")
		return err
	})
	return a
}

// longest is the longest time without an answer since it was asked last, in seconds. There is an answer after the call.
func (a *asking) longest(t *testing.T) float64 {
	t.Helper()
	count := "wc -l </run/e2e-answers"
	before := a.lab.ask(t, a.machine, count)
	eventually(t, "the service answers", time.Minute, func() error {
		after, err := a.lab.on(t.Context(), a.machine, count)
		if err == nil && after == before {
			err = fmt.Errorf("it has answered %s times", before)
		}
		return err
	})
	gap, err := strconv.ParseFloat(a.lab.ask(t, a.machine, gapScript), 64)
	if err != nil || gap <= 0 {
		t.Fatalf("the longest time without an answer is %v (%v)", gap, err)
	}
	return gap
}

func (a *asking) end(t *testing.T) {
	t.Helper()
	if _, err := a.lab.on(context.WithoutCancel(t.Context()), a.machine, "systemctl stop e2e-asking 2>/dev/null || true"); err != nil {
		t.Error(err)
	}
}
