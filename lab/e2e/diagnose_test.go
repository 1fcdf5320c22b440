//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// questions are what a look at a machine that is not as it should be begins with. None of the answers has a secret in it.
const questions = `systemctl --failed --no-legend; cloud-init status --long; tail -n 15 /var/log/cloud-init-output.log
docker ps -a; docker info --format '{{json .Swarm}}'; docker logs --tail 15 consul 2>&1; journalctl --no-pager --lines 25 --priority warning`

// diagnose logs the state of a lab whose test failed.
func diagnose(t *testing.T, l *lab) {
	t.Helper()
	status, err := l.exec("status").CombinedOutput()
	t.Logf("lab status: %v\n%s", err, status)
	for _, m := range l.machines(t) {
		answers, err := l.exec("ssh", "--console", m, questions).CombinedOutput()
		t.Logf("%s: %v\n%s", m, err, strings.TrimSpace(string(answers)))
	}
}
