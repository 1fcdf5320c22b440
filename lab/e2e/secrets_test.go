//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// secret is a text that must not appear anywhere, and what it is.
type secret struct{ what, text string }

// keptSecrets collects what the program made up and keeps in its state.
func (l *lab) keptSecrets(t *testing.T) []secret {
	t.Helper()
	var found []secret
	for _, resource := range l.state(t, "--show-secrets").Deployment.Resources {
		name := resource.URN[strings.LastIndex(resource.URN, "::")+2:]
		switch resource.Type {
		case "pulumi:index:Stash": // all that is random comes from one
			reveal(resource.Outputs["output"], false, name, func(path, text string) {
				if !strings.HasSuffix(path, ".certificate") && !strings.HasSuffix(path, ".public") {
					found = append(found, parts(path, text)...)
				}
			})
		case "azure-native:compute/v20240701:VirtualMachine": // user data has the host key
			reveal(resource.Inputs["osProfile"], false, name, func(path, text string) {
				found = append(found, secret{path, text})
			})
		}
	}
	return found
}

// secrets collects all there are: what the program keeps, and what only the machines know.
func (l *lab) secrets(t *testing.T) []secret {
	t.Helper()
	found := l.keptSecrets(t)
	management := l.query(t, "pulumi", "stack", "output", "consul", "--show-secrets", "--json")
	_, token, _ := strings.Cut(string(management), `"managementToken":`)
	token = strings.Trim(strings.SplitN(token, ",", 2)[0], " \"\n}")
	for _, key := range []string{"manager/managers/token", "worker/managers/token"} {
		// On standard input, or the question would tell.
		joinToken := l.ask(t, "consul-0", "curl -sSf -H @<(cat <<'E'\nX-Consul-Token: "+token+"\nE\n) http://127.0.0.1:8500/v1/kv/azswarm/swarm/"+key+"?raw")
		if !strings.HasPrefix(joinToken, "SWMTKN-") {
			t.Fatalf("%s in Consul is no join token", key)
		}
		found = append(found, secret{key, joinToken})
	}
	return found
}

// parts are what identifies a secret wherever it is printed: long ones are broken into lines in many ways.
func parts(what, text string) []secret {
	if !strings.Contains(text, "\n") {
		return []secret{{what, text}}
	}
	var lines []secret
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if len(line) >= 16 && !strings.HasPrefix(line, "-----") {
			lines = append(lines, secret{what, line})
		}
	}
	return lines
}

// search tells which secrets a text contains, without telling them.
func search(secrets []secret, text []byte) []string {
	var found []string
	for _, s := range secrets {
		if bytes.Contains(text, []byte(s.text)) && !slices.Contains(found, s.what) {
			found = append(found, s.what)
		}
	}
	return found
}

// hidesSecrets looks for every secret wherever people and programs look who must not have it.
func hidesSecrets(t *testing.T) {
	l := dev(t)
	secrets := l.secrets(t)
	if len(secrets) < 30 {
		t.Fatalf("only %d secrets found: is the state read as it should be?", len(secrets))
	}
	planted := secret{"planted", "planted-5f0a7c31-not-a-secret"}
	l.plant(t, planted.text)

	// A preview with differences in every command, an update that fails, and one that talks as much as it can.
	l.configure(t, `pulumi config set --path 'azswarm:workers[0].labels.planted' `+planted.text)
	l.pulumi(t, "preview", "--diff", "--non-interactive")
	l.ask(t, "bastion", "mv /usr/bin/jq /usr/bin/jq.away")
	_, failed, err := l.try(t, "exec", verbose...)
	l.ask(t, "bastion", "mv /usr/bin/jq.away /usr/bin/jq")
	if err == nil || !strings.Contains(failed, "jq: command not found") {
		t.Errorf("without jq on the bastion an update can't succeed, but says so; got %v\n%s", err, tail(failed))
	}
	l.configure(t, `pulumi config rm --path 'azswarm:workers[0].labels.planted'`)
	l.run(t, "exec", verbose...)

	for where, text := range l.outputs(t) {
		if found := search(secrets, text); len(found) > 0 {
			t.Errorf("%s shows %s", where, strings.Join(found, ", "))
		}
	}
	// The same search finds what is there to be found.
	for _, where := range []string{"command lines", "transcripts"} {
		found := false
		for name, text := range l.outputs(t) {
			found = found || strings.HasPrefix(name, where) && len(search([]secret{planted}, text)) > 0
		}
		if !found {
			t.Errorf("the search doesn't find in the %s what was planted there: it proves nothing", where)
		}
	}
}

// plant makes a process on a machine show a text, in a way that no other process does, until the recorder has seen it.
func (l *lab) plant(t *testing.T, text string) {
	t.Helper()
	c := l.exec("ssh", "--console", "web-0", "bash")
	c.Stdin = strings.NewReader("sh -c 'sleep 2; : " + text + "'")
	if output, err := c.CombinedOutput(); err != nil {
		t.Fatalf("plant: %v\n%s", err, output)
	}
	eventually(t, "the recorder sees a process of a machine", 5*time.Second, func() error {
		for _, line := range processes.seen() {
			if strings.Contains(line, text) {
				return nil
			}
		}
		return fmt.Errorf("not among %d command lines", len(processes.seen()))
	})
}

// configure runs shell commands that change the lab's copy of the configuration.
func (l *lab) configure(t *testing.T, script string) {
	t.Helper()
	l.run(t, "exec", "--", "sh", "-ec", script)
}

// verbose is an update that logs as much as can be logged without secrets: from level 9 on the engine itself prints every
// value that passes between it and the program.
var verbose = []string{"--", "pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--debug", "-v=8", "--logtostderr"}

// outputs are all texts the secrets are searched in, by where they are from.
func (l *lab) outputs(t *testing.T) map[string][]byte {
	t.Helper()
	texts := map[string][]byte{
		"command lines of all processes": []byte(strings.Join(processes.seen(), "\n")),
		"exported state":                 l.query(t, "pulumi", "stack", "export"),
	}
	files, _ := filepath.Glob(filepath.Join(transcripts(), "*.log")) // fails for bad patterns only
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts["transcripts: "+filepath.Base(file)] = content
	}
	for _, m := range l.machines(t) {
		c := l.exec("ssh", "--console", m, `journalctl --no-pager --quiet; cat /var/log/cloud-init*.log; for c in $(docker ps -aq 2>/dev/null); do docker logs $c; docker inspect $c | grep -v CONSUL_HTTP_TOKEN; done 2>&1`)
		content, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("logs of %s: %v", m, err)
		}
		texts["logs of "+m] = content
	}
	return texts
}
