package bootstrap

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/keys"
)

const (
	dropped = "kex_exchange_identification: read: Connection reset by peer\nConnection reset by 10.0.1.4 port 22"
	refused = "ssh: connect to host 10.0.1.4 port 22: Connection refused"
	late    = "ssh: connect to host 10.0.1.4 port 22: Connection timed out"
	other   = "@@@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @@@\nHost key verification failed."
)

// fakeSSH is what a machine does that is asked over SSH: each try to connect, of which there is a log, takes the next answer from a
// file. Where there is none left it succeeds. What is sent to it then runs here.
const fakeSSH = `#!/bin/bash
case " $* " in
*' ControlMaster=no '* | *' -O exit '*) exit 255 ;;
*' -f -N '*)
  echo connect >>"$FAKE/calls"
  until [ ! -e "$FAKE/hangs" ]; do /bin/sleep 0.05; done
  IFS= read -r answer <"$FAKE/answers" || exit 0
  sed -i 1d "$FAKE/answers"
  printf '%b\n' "$answer" >&2
  exit 255
  ;;
esac
echo run >>"$FAKE/calls"
while [ "$1" = -o ]; do shift 2; done
[ "$1" = admin@10.0.1.4 ] || exit 99
shift
bash -c "$*"
status=$?
[ ! -e "$FAKE/breaks" ] || exit 255
exit "$status"
`

type machine struct{ dir string }

// newMachine makes a machine that answers so to the tries to connect to it.
func newMachine(t *testing.T, answers ...string) machine {
	t.Helper()
	dir := t.TempDir()
	var lines strings.Builder
	for _, answer := range answers {
		lines.WriteString(strings.ReplaceAll(answer, "\n", `\n`) + "\n")
	}
	for name, text := range map[string]string{
		"answers": lines.String(), "ssh": fakeSSH, "sudo": "#!/bin/sh\nshift\nexec \"$@\"\n", "sleep": "#!/bin/sh\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return machine{dir}
}

// bastion runs a command as the bastion does.
func (m machine) bastion(t *testing.T, command, input string) (string, error) {
	t.Helper()
	shell := exec.Command("bash", "-c", command)
	shell.Env = append(os.Environ(), "PATH="+m.dir+":"+os.Getenv("PATH"), "FAKE="+m.dir, "JOINED="+m.joined(), "CLOUD_INIT="+m.dir, "PEER_SOCKETS="+filepath.Join(m.dir, "sockets"))
	shell.Stdin = strings.NewReader(input)
	out, err := shell.CombinedOutput()
	return string(out), err
}

// joined is where the machine keeps how it joined.
func (m machine) joined() string { return filepath.Join(m.dir, "joined") }

func (m machine) calls(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\n", " ")
}

// peerSecrets are what the bastion reaches machines with.
func peerSecrets(t *testing.T) string {
	t.Helper()
	key, err := keys.NewSSH("operator")
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := json.Marshal(map[string]string{"sshKey": key.Private, "knownHosts": "10.0.1.4 " + key.Public})
	if err != nil {
		t.Fatal(err)
	}
	return string(secrets) + "\n"
}

func (m machine) relay(t *testing.T, script Script, call, secrets string) (string, error) {
	t.Helper()
	relay := Relay(Parameter{"ADMIN", "admin"}, Parameter{"NODE", "consul-0"}, Parameter{"ADDRESS", "10.0.1.4"})
	return m.bastion(t, script.Command(call), relay+peerSecrets(t)+script.Input()+secrets+"\n")
}

func TestScriptsOfMachinesGoThroughTheBastionAsTheyAre(t *testing.T) {
	m := newMachine(t)
	long := strings.Repeat("it's $HOME\n", 100)
	script := Script{Parameters: []Parameter{{"NODE", "consul-0"}, {"ODD", "it's $HOME"}, {"EMPTY", ""}, {"LONG", long}}, Files: []string{"consul"}}
	out, err := m.relay(t, script, `[ "$(wc -c <<<"$LONG")" = 1101 ] && say "$NODE|$ODD|$EMPTY|$(secret key)|$(secret sshKey)"`, `{"key":"se cret"}`)
	if err != nil || out != "consul-0|it's $HOME||se cret|\n" {
		t.Errorf("script printed %q (%v)", out, err)
	}
	out, err = m.relay(t, script, `say one; (exit 7)`, "{}")
	if err == nil || err.Error() != "exit status 7" || out != "one\n" {
		t.Errorf("a script that exits with 7: %v, printed %q", err, out)
	}
	out, err = m.relay(t, script, `say one; die why`, "{}")
	if err == nil || out != "error: why\none\n" {
		t.Errorf("a script that fails: %v, printed %q", err, out)
	}
}

func TestDroppedConnectionsAreMadeAnewBeforeAScriptBeginsAndNotAfter(t *testing.T) {
	m := newMachine(t, dropped, refused, dropped)
	if out, err := m.relay(t, Script{}, "say done", "{}"); err != nil || out != "done\n" {
		t.Errorf("script printed %q (%v)", out, err)
	}
	if got, want := m.calls(t), "connect connect connect connect run "; got != want {
		t.Errorf("the machine saw %q, want %q", got, want)
	}
	m = newMachine(t)
	if err := os.WriteFile(filepath.Join(m.dir, "breaks"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := m.relay(t, Script{}, "say done", "{}")
	if want := "error: consul-0: the connection broke while the script ran\n"; err == nil || !strings.Contains(out, want) {
		t.Errorf("script printed %q (%v), want %q", out, err, want)
	}
	if got, want := m.calls(t), "connect run "; got != want {
		t.Errorf("the machine saw %q, want %q", got, want)
	}
}

// Connections go on when their command has ended: locks must not.
func TestNoConnectionHoldsALock(t *testing.T) {
	m := newMachine(t)
	fake := strings.Replace(fakeSSH, "echo connect", `ls -l /proc/self/fd | grep -e '\.lock' -e azswarm- >"$FAKE/held"; echo connect`, 1)
	if err := os.WriteFile(filepath.Join(m.dir, "ssh"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	script := Script{Parameters: []Parameter{{"ADMIN", "admin"}}, Files: []string{"peers"}}
	out, err := m.bastion(t, script.Command(`exec 8>"$FAKE/azswarm-8" 9>"$FAKE/azswarm-9"; on 10.0.1.4 say hello`), script.Input()+peerSecrets(t))
	if err != nil || out != "hello\n" {
		t.Fatalf("printed %q (%v)", out, err)
	}
	if held, err := os.ReadFile(filepath.Join(m.dir, "held")); err != nil || len(held) > 0 {
		t.Errorf("a connection holds (%v):\n%s", err, held)
	}
}

func TestWhatAKilledUpdateLeftWaitingNeverBegins(t *testing.T) {
	m := newMachine(t)
	input := filepath.Join(m.dir, "input")
	relay := Relay(Parameter{"ADMIN", "admin"}, Parameter{"NODE", "consul-0"}, Parameter{"ADDRESS", "10.0.1.4"})
	for name, text := range map[string]string{input: relay + peerSecrets(t) + Script{}.Input() + "{}\n", filepath.Join(m.dir, "hangs"): ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// The one that asked ends while the bastion waits for the machine.
	out, err := m.bastion(t, `
(`+Script{}.Command("say begun")+`) <"$FAKE/input" >"$FAKE/log" 2>&1 &
until grep -q connect "$FAKE/calls" 2>/dev/null; do /bin/sleep 0.05; done`, "")
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Remove(filepath.Join(m.dir, "hangs")); err != nil {
		t.Fatal(err)
	}
	out, err = m.bastion(t, `for i in {1..600}; do [ ! -s "$FAKE/log" ] || break; /bin/sleep 0.05; done; cat "$FAKE/log"`, "")
	if want := "error: consul-0: nobody waits for this any more\n"; err != nil || out != want {
		t.Errorf("the bastion printed %q (%v), want %q", out, err, want)
	}
	if got := m.calls(t); got != "connect " {
		t.Errorf("the machine saw %q, want no more than a connection", got)
	}
}

func TestWhyAMachineCannotBeReachedIsSaidInALine(t *testing.T) {
	for answer, want := range map[string]struct {
		said  string
		tries int
	}{
		dropped: {"ssh: Connection reset by 10.0.1.4 port 22\n", 8},
		refused: {refused + "\n", 8},
		late:    {late + "\n", 1},
		other:   {"ssh: host key mismatch: what answers at 10.0.1.4 has another key than the machine\n", 1},
	} {
		m := newMachine(t, answer, answer, answer, answer, answer, answer, answer, answer, answer)
		script := Script{Parameters: []Parameter{{"ADMIN", "admin"}}, Files: []string{"peers"}}
		out, err := m.bastion(t, script.Command(`for address in 10.0.1.4; do on "$address" say hello || say "not reached"; done`), script.Input()+peerSecrets(t))
		if err != nil || out != want.said+"not reached\n" {
			t.Errorf("%q: printed %q (%v), want %q", answer, out, err, want.said)
		}
		if got := m.calls(t); got != strings.Repeat("connect ", want.tries) {
			t.Errorf("%q: the machine saw %q, want %d tries", answer, got, want.tries)
		}
	}
}

// booted waits for a machine with a cloud-init and an engine that do as they are told, and with no time to lose.
func booted(t *testing.T, m machine, functions string) (string, error) {
	t.Helper()
	for name, text := range map[string]string{
		"cloud-init": "#!/bin/sh\nprintf 'status: error\\ndetail:\\nrunning apt\\n'\nexit 1\n", "docker": "#!/bin/sh\necho 20.10\n", "dockerd": "#!/bin/sh\n",
		"result.json": "{\n \"v1\": {\n  \"datasource\": \"DataSourceAzure\",\n  \"errors\": []\n }\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	script := Script{Parameters: []Parameter{{"ADMIN", "admin"}, {"NODE", "consul-0"}, {"ADDRESS", "10.0.1.4"}}, Files: []string{"peers", "machine"}}
	return m.bastion(t, script.Command(functions+`
await() { local what=$1s; shift; set -- "$what" "$@"; local said; said=$("${@:3}" 2>&1) || die "$2: not so after $1: $said"; }
machine_booted`), script.Input()+peerSecrets(t))
}

func TestBootedSaysWhatIsMissing(t *testing.T) {
	for _, test := range []struct{ name, answer, functions, want string }{
		{"all is well", "", "", "consul-0 is ready\n"},
		{"refused", refused, "", "error: consul-0: not so after 300s: " + refused + "\n"},
		{"no answer", late, "", "error: consul-0: not so after 300s: " + late + ". If the machine is gone, as where an update was killed while Azure deleted it, 'pulumi refresh' finds that out\n"},
		{"other key", other, "", "error: consul-0: not so after 300s: ssh: host key mismatch: what answers at 10.0.1.4 has another key than the machine\n"},
		{"cloud-init runs", "", `rm "$CLOUD_INIT/result.json"`, "error: cloud-init on consul-0: not so after 1800s: still running\n"},
		{"cloud-init failed", "", `sed -i 's/\[\]/["apt"]/' "$CLOUD_INIT/result.json"`,
			"error: consul-0: cloud-init has failed: status: error detail: running apt; see /var/log/cloud-init-output.log there\n"},
		{"cloud-init is off", "", `mv "$CLOUD_INIT/result.json" "$CLOUD_INIT/disabled"`,
			"error: consul-0: cloud-init has failed: status: error detail: running apt; see /var/log/cloud-init-output.log there\n"},
		{"a package could not be installed", "", `command() { case $2 in jq | dockerd) return 1 ;; esac; builtin command "$@"; }
printf 'Get:1 bookworm\nErr:2 bookworm/main docker.io\n  502 Bad Gateway\nE: Unable to locate package docker.io\n' >"$CLOUD_INIT-output.log"`,
			"error: consul-0: it has no jq dockerd: bookworm/main docker.io Unable to locate package docker.io; see /var/log/cloud-init-output.log there\n"},
		{"no engine", "", "docker() { say 'Cannot connect to the Docker daemon'; return 1; }",
			"error: Docker engine on consul-0: not so after 120s: Cannot connect to the Docker daemon\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var answers []string
			for range 9 {
				if test.answer != "" {
					answers = append(answers, test.answer)
				}
			}
			out, err := booted(t, newMachine(t, answers...), test.functions)
			if out != test.want || (err == nil) != strings.HasSuffix(test.want, "ready\n") {
				t.Errorf("printed %q (%v), want %q", out, err, test.want)
			}
		})
	}
}

func TestMachineComesBackInTheWayItJoined(t *testing.T) {
	m := newMachine(t)
	joined := filepath.Join(m.dir, "log")
	script := Script{Parameters: []Parameter{{"LOG", joined}, {"LONG", strings.Repeat("long ", 50)}}}
	const join = `say "$(secret word) ${#LONG}" >>"$LOG"`
	if out, err := m.relay(t, script, join, `{"word":"in"}`); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	const on = `on() { local at=$1; shift; [ "$at" = 10.0.1.4 ] || return 255; JOINED='` + `%s'; "$@"; }
`
	bastion := func(call string) string {
		out, err := run(t, Script{Parameters: []Parameter{{"NODES", "consul-0 consul-1"}, {"ADDRESSES", "10.0.1.4 10.0.1.5"}, {"ADMIN", "admin"}}, Files: []string{"peers"}},
			strings.Replace(on, "%s", m.joined(), 1)+call, strings.TrimSpace(peerSecrets(t)))
		if err != nil {
			t.Errorf("%s: %v\n%s", call, err, out)
		}
		return out
	}
	if out := bastion("take_back bring_back"); out != "" {
		t.Errorf("nobody has left, and it says %q", out)
	}
	out := bastion("on 10.0.1.4 leaving; take_back bring_back; take_back bring_back")
	if want := "consul-0 has left, and its machine is still there: it comes back\n"; out != want {
		t.Errorf("one that has left: %q, want %q once", out, want)
	}
	if log, err := os.ReadFile(joined); err != nil || string(log) != "in 250\nin 250\n" {
		t.Errorf("the machine joined with %q (%v), want the same twice", log, err)
	}
	if info, err := os.Stat(filepath.Join(m.joined(), "join")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("what has secrets is open to others: %v, %v", info.Mode(), err)
	}
	// A join that works takes the mark away.
	bastion("on 10.0.1.4 leaving")
	if out, err := m.relay(t, script, join, `{"word":"in"}`); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out := bastion("take_back bring_back"); out != "" {
		t.Errorf("it has joined, and it says %q", out)
	}
}

// The command that took a member out may be gone from the state: then the one that awaits it is all that runs.
func TestMemberThatLeftComesBackWhereItIsAwaited(t *testing.T) {
	for ready, files := range map[string][]string{
		"consul_member_ready":                   {"peers", "consul-member"},
		"ROLE=manager; swarm_member_ready":      {"peers", "swarm-member"},
		"ROLE=worker; swarm_member_ready":       {"peers", "swarm-member"},
		"ROLE=manager ; swarm_member_ready":     {"peers", "classic-member"},
		"true; ROLE=worker; swarm_member_ready": {"peers", "classic-member"},
	} {
		t.Run(strings.Join(files, " ")+" "+ready, func(t *testing.T) {
			const others = `on() { shift; JOINED=$HERE; "$@"; }
await() { :; }
keep_size() { :; }
carried() { :; }
bring_back() { say "$1 at $2 is back"; rm "$HERE/left"; }
bring_node_back() { bring_back "$@"; }
`
			here := t.TempDir()
			call := func(what string) string {
				out, err := run(t, Script{Parameters: []Parameter{{"NODE", "member-0"}, {"ADDRESS", "10.0.1.4"}, {"MANAGER_PEERS", ""}, {"LABELS", "{}"}, {"ADMIN", "admin"}, {"HERE", here}}, Files: files},
					others+what, strings.Replace(strings.TrimSpace(peerSecrets(t)), "{", `{"vmSize":"small",`, 1))
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				return out
			}
			const back = "member-0 at 10.0.1.4 is back\n"
			if out := call("on 10.0.1.4 leaving; " + ready); !strings.Contains(out, back) {
				t.Errorf("it has left, and %q", out)
			}
			if out := call(ready); strings.Contains(out, back) {
				t.Errorf("it has not left, and %q", out)
			}
		})
	}
}
