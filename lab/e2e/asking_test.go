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

// asking is a container on a machine that asks a service for a page, over and over.
type asking struct {
	lab     *lab
	machine string
}

// askScript writes down when the page at $1 came, for ever.
const askScript = `while :; do
	if curl --silent --fail --max-time 1 --output /dev/null "$1"; then date +%s.%N >>/answers/answers; fi
	sleep 0.1
done`

// gapScript prints the longest time between two answers, in seconds, and forgets all but the last.
const gapScript = `cd /run/e2e-asking
awk 'NR > 1 && $1 - last > gap { gap = $1 - last } { last = $1 } END { printf "%.2f", gap }' answers
tail -n 1 answers >last
cat last >answers`

// startAsking returns once there was an answer. The test's end ends it.
func (l *lab) startAsking(t *testing.T, machine, network, url string) *asking {
	t.Helper()
	a := &asking{l, machine}
	l.ask(t, machine, fmt.Sprintf(`rm -rf /run/e2e-asking
docker run --detach --name e2e-asking --network %s --volume /run/e2e-asking:/answers nginx:1.28 sh -c %s sh %s >/dev/null`,
		network, bootstrap.Quote(askScript), bootstrap.Quote(url)))
	t.Cleanup(func() { a.end(t) })
	eventually(t, url+" answers", time.Minute, func() error {
		_, err := l.on(t.Context(), machine, "test -s /run/e2e-asking/answers")
		return err
	})
	return a
}

// longest is the longest time without an answer since it was asked last, in seconds. There is an answer after the call.
func (a *asking) longest(t *testing.T) float64 {
	t.Helper()
	count := "wc -l </run/e2e-asking/answers"
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
	if _, err := a.lab.on(context.WithoutCancel(t.Context()), a.machine, "docker rm --force --volumes e2e-asking >/dev/null 2>&1 || true"); err != nil {
		t.Error(err)
	}
}
