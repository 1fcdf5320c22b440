package bootstrap

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// swarmData is what an engine has on its disk: a join that never became a membership, or one of the Swarm with this id.
func swarmData(t *testing.T, kind string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	switch kind {
	case "":
	case "unfinished":
		write("docker-state.json", `{"JoinInProgress": true}`)
	case "unfinished, in the raft":
		write("docker-state.json", `{"JoinInProgress": true}`)
		write("raft/wal-v3-encrypted/0.wal", "")
	default:
		write("docker-state.json", `{"JoinInProgress": false}`)
		write("raft/wal-v3-encrypted/0.wal", "")
		write("certificates/swarm-node.crt", "-----BEGIN CERTIFICATE-----\n"+base64.StdEncoding.EncodeToString([]byte("\x30\x82O="+kind+"\x00OU=swarm-manager"))+
			"\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
	}
	return dir
}

func TestSwarmsDataIsNeverThrownAwayOnAGuess(t *testing.T) {
	const manager, worker = "leave_unfinished; found_or_join", "leave_unfinished; is_member"
	for name, test := range map[string]struct {
		state, data, call string
		did               string // leave, join, unlock, start
		says              string // why it is no member yet
	}{
		"a manager that is new":                       {"inactive", "", manager, "join", ""},
		"a manager that is one":                       {"active", "published", manager, "", ""},
		"a manager that joins":                        {"pending", "unfinished", manager, "leave join", ""},
		"a manager that failed to join":               {"error", "unfinished", manager, "leave join", ""},
		"a manager that joined the raft, and no more": {"pending", "unfinished, in the raft", manager, "", "keeps its Swarm's data"},
		"a locked manager":                            {"locked", "published", manager, "unlock", ""},
		"a manager without majority":                  {"pending", "published", manager, "", "pending: something is wrong. managers-0 keeps its Swarm's data"},
		"a manager whose certificate expired":         {"error", "published", manager, "", "error: something is wrong. managers-0 keeps its Swarm's data"},
		"a manager of another Swarm":                  {"active", "other", manager, "", "in a Swarm with members or services"},
		"a manager of another Swarm that is stuck":    {"error", "other", manager, "", "keeps its Swarm's data"},
		"a worker that is new":                        {"inactive", "", worker, "join", ""},
		"a worker that is one":                        {"active", "published", worker, "", ""},
		"a worker that failed to join":                {"error", "unfinished", worker, "leave join", ""},
		"a worker whose certificate expired":          {"error", "published", worker, "", "keeps its Swarm's data"},
		"a worker whose managers are away":            {"pending", "published", worker, "", "keeps its Swarm's data"},
		"a worker of a Swarm that is gone":            {"active", "other", worker, "leave", ""},
		"a stuck worker of a Swarm that is gone":      {"error", "other", worker, "leave", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			output, _ := run(t, Script{Parameters: []Parameter{
				{"DIR", dir}, {"STATE", test.state}, {"SWARM_DATA", swarmData(t, test.data)}, {"NODE", "managers-0"}, {"ADDRESS", "10.0.2.4"},
				{"MANAGER_KV", "m"}, {"WORKER_KV", "w"},
			}, Files: []string{"swarm", "swarm-keeper", "swarm-manager", "swarm-worker"}}, `
did() { printf '%s ' "$1" >>"$DIR/did"; }
kv_read() { say published; }
kv_get() { say published; }
join_swarm() { did join; }
start_with_lock() { did start; }
unlock() { did unlock; }
docker() {
  case "$*" in
  "swarm leave --force") did leave; touch "$DIR/left" ;;
  *LocalNodeState}}:*) say "${3//\{\{.Swarm.LocalNodeState\}\}: \{\{.Swarm.Error\}\}/$STATE: something is wrong}" ;;
  *LocalNodeState*) if [ -e "$DIR/left" ]; then say inactive; else say "$STATE"; fi ;;
  "node ls --quiet") say 'one two' ;;
  *NodeID*) say one ;;
  esac
}
`+test.call, "{}")
			did, err := os.ReadFile(filepath.Join(dir, "did"))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if got := strings.TrimSpace(string(did)); got != test.did || !strings.Contains(output, test.says) {
				t.Errorf("did %q and said %q, want %q and %q", got, output, test.did, test.says)
			}
		})
	}
}

// keeper runs a call on a manager of the Swarm "c" with the tokens "W" and "M". Consul's keys are name=value; a key opens the engine
// if it is the one given.
func keeper(t *testing.T, kv map[string]string, unlockKey, opens, call string) (output string, after map[string]string, err error) {
	t.Helper()
	dir := t.TempDir()
	for name, value := range kv {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(value), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	output, err = run(t, Script{Parameters: []Parameter{
		{"DIR", dir}, {"NODE", "managers-0"}, {"MANAGER_KV", "manager"}, {"WORKER_KV", "worker"}, {"KEY", unlockKey}, {"OPENS", opens},
	}, Files: []string{"swarm", "swarm-keeper"}}, `kv_read() { cat "$DIR/${1//\//-}" 2>/dev/null || true; }
consul() {
  case "$1" in
  PUT*) [ "$2" != '/v1/txn?consistent' ] || {
    jq -r '.[].KV | "\(.Verb) \(.Key)"' | while read -r verb key; do
      [ "$verb" = get-or-empty ] || return 1
      jq --null-input --arg key "$key" --arg value "$(kv_read "$key" | base64 -w 0)" '{KV: {Key: $key, Value: (if $value == "" then null else $value end), ModifyIndex: (if $value == "" then 0 else 7 end)}}'
    done | jq --slurp '{Results: .}'
    return
  }
  jq -r '.[].KV | "\(.Verb) \(.Index // 0) \(.Key) \(.Value)"' | while read -r verb index key value; do
    [ "$verb $index" != "cas 0" ] || [ ! -e "$DIR/${key//\//-}" ] || return 1
    base64 -d <<<"$value" >"$DIR/${key//\//-}"; done; say written ;;
  esac
}
swarm_state() { if [ -n "$OPENS" ] && [ ! -e "$DIR/open" ]; then say locked; else say active; fi; }
engine() {
  case "$1 $2" in
  "GET /swarm") [ -z "$OPENS" ] || [ -e "$DIR/open" ] || { say 'Swarm is encrypted'; return 22; }
    say '{"ID":"c","Spec":{"EncryptionConfig":{"AutoLockManagers":'"$([ -n "$KEY" ] && echo true || echo false)"'}},"JoinTokens":{"Worker":"W","Manager":"M"}}' ;;
  "GET /swarm/unlockkey") jq --null-input --arg key "$KEY" '{UnlockKey: $key}' ;;
  "POST /swarm/unlock") [ "$(jq -r .UnlockKey)" = "$OPENS" ] && touch "$DIR/open" || { say 'invalid key provided'; return 22; } ;;
  esac
}
`+call, "{}")
	after = map[string]string{}
	for _, name := range []string{"worker-cluster", "worker-token", "manager-token", "manager-unlock"} {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			after[name] = string(text)
		}
	}
	return output, after, err
}

func TestConsulHasTodaysTokensAndKeys(t *testing.T) {
	kv := func(cluster, worker, manager, unlock string) map[string]string {
		m := map[string]string{"worker-cluster": cluster, "worker-token": worker, "manager-token": manager, "manager-unlock": unlock}
		for name, value := range m {
			if value == "" {
				delete(m, name)
			}
		}
		return m
	}
	for name, test := range map[string]struct {
		before        map[string]string
		key           string
		after         map[string]string
		writes, fails bool
	}{
		"nothing is published":         {kv("", "", "", ""), "", kv("c", "W", "M", ""), true, false},
		"all is as it was":             {kv("c", "W", "M", ""), "", kv("c", "W", "M", ""), false, false},
		"a worker's token was rotated": {kv("c", "old", "M", ""), "", kv("c", "W", "M", ""), true, false},
		"a manager's, too":             {kv("c", "W", "old", ""), "", kv("c", "W", "M", ""), true, false},
		"the Swarm locks now":          {kv("c", "W", "M", ""), "K1", kv("c", "W", "M", "K1"), true, false},
		"the key is known":             {kv("c", "W", "M", "K1"), "K1", kv("c", "W", "M", "K1"), false, false},
		"the key was rotated":          {kv("c", "W", "M", "K1"), "K2", kv("c", "W", "M", "K2\nK1"), true, false},
		"the Swarm locks no more":      {kv("c", "W", "M", "K2\nK1"), "", kv("c", "W", "M", "K2\nK1"), false, false},
		"old keys go in the end":       {kv("c", "W", "M", "8\n7\n6\n5\n4\n3\n2\n1"), "9", kv("c", "W", "M", "9\n8\n7\n6\n5\n4\n3\n2"), true, false},
		"another Swarm is published":   {kv("d", "X", "N", ""), "", kv("d", "X", "N", ""), false, true},
	} {
		output, after, err := keeper(t, test.before, test.key, "", "publish")
		if (err != nil) != test.fails {
			t.Errorf("%s: %v: %s", name, err, output)
		}
		for key, want := range test.after {
			if after[key] != want {
				t.Errorf("%s: %s is %q, want %q", name, key, after[key], want)
			}
		}
		if len(after) != len(test.after) {
			t.Errorf("%s: Consul has %v, want %v", name, after, test.after)
		}
	}
}

func TestLockedManagerIsOpenedByTheKeyItWants(t *testing.T) {
	for name, test := range map[string]struct{ keys, opens, says string }{
		"the newest":                        {"K2\nK1", "K2", ""},
		"an older one, as it was away":      {"K2\nK1", "K1", ""},
		"none of them":                      {"K2\nK1", "K0", "the engine is locked, and says: invalid key provided"},
		"one that was never told to anyone": {"", "K0", "the engine is locked, and Consul has no key"},
	} {
		output, _, err := keeper(t, map[string]string{"manager-unlock": test.keys}, "", test.opens, "keep_once")
		if (err == nil) != (test.says == "") || !strings.Contains(output, test.says) {
			t.Errorf("%s: %q (%v), want %q", name, output, err, test.says)
		}
		for _, key := range []string{"K0", "K1", "K2"} {
			if strings.Contains(output, key) {
				t.Errorf("%s: it prints a key: %s", name, output)
			}
		}
	}
}

// The program of the service has all the functions it uses, and no secret.
func TestKeeperIsWholeByItself(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "keeper")
	output, err := run(t, Script{Parameters: []Parameter{
		{"KEEPER", path}, {"NODE", "managers-0"}, {"MANAGER_KV", "manager"}, {"WORKER_KV", "worker"}, {"DIR", dir},
	}, Files: []string{"swarm", "swarm-keeper"}}, `systemctl() { :; }
mkdir() { :; }
eval "real_$(declare -f put)"
put() { case $1 in /etc/*) cat >/dev/null; return 1 ;; *) real_put "$@" ;; esac; }
ensure_keeper
sed -i 's/^keep$/for name in $(declare -F | cut -d" " -f3); do for used in $(declare -f "$name" | grep -oE "\\b(say|engine|consul|kv_read|known|today|publish|unlock|swarm_state|keep_once|glance)\\b"); do declare -F "$used" >\/dev\/null || echo "$used is missing"; done; done/' "$KEEPER"
"$KEEPER"`, `{"token":"secret"}`)
	if err != nil || output != "" {
		t.Errorf("printed %q (%v)", output, err)
	}
}

func TestEngineThatMayNotJoinSaysWhy(t *testing.T) {
	output, err := run(t, Script{Parameters: []Parameter{{"NODE", "web-0"}, {"ADDRESS", "10.0.128.4"}, {"MANAGER_ADDRESSES", "10.0.2.4"}, {"WORKER_KV", "w"}},
		Files: []string{"swarm"}}, `listening() { say "$1 "; }
kv_get() { say SWMTKN-old; }
curl() { cat >/dev/null; say '{"message":"A valid join token is necessary to join this cluster"}'; return 22; }
await 1 "Swarm worker web-0" join_swarm w/token`, "{}")
	if err == nil || !strings.Contains(output, "A valid join token is necessary") || strings.Contains(output, "SWMTKN") {
		t.Errorf("printed %q (%v), want the engine's words, and no token", output, err)
	}
}

// Looking costs a manager more than a glance, which is enough while nothing changes.
func TestKeeperLooksWhenAGlanceShowsAChange(t *testing.T) {
	for name, test := range map[string]struct{ glances, problems, want string }{
		"nothing changes":             {"a a a a", "", "look 20 20 20 20"},
		"the Swarm does":              {"a a b b", "", "look 20 20 look 20 20"},
		"something is wrong":          {"a a a a", "x x", "look 5 look 5 look 20 20"},
		"the engine does not answer":  {"- - a a", "", "look 20 look 20 look 20 20"},
		"one glance in ten is no end": {strings.Repeat("a ", 13), "", "look" + strings.Repeat(" 20", 11) + " look 20 20"},
	} {
		dir := t.TempDir()
		for file, words := range map[string]string{"glances": test.glances, "problems": test.problems} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(strings.Join(strings.Fields(words), "\n")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		out, err := run(t, Script{Parameters: []Parameter{{"DIR", dir}}, Files: []string{"swarm", "swarm-keeper"}}, `
take() { local word; word=$(head -n 1 "$DIR/$1"); sed -i 1d "$DIR/$1"; printf %s "$word"; }
glance() { local word; word=$(take glances); [ "$word" != - ] || return 7; say "$word"; }
keep_once() { printf 'look ' >>"$DIR/did"; take problems; }
sleep() { printf '%s ' "$1" >>"$DIR/did"; [ -s "$DIR/glances" ] || exit 0; }
keep`, "{}")
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		did, err := os.ReadFile(filepath.Join(dir, "did"))
		if got := strings.TrimSpace(string(did)); err != nil || got != test.want {
			t.Errorf("%s: %s (%v), want %s", name, got, err, test.want)
		}
	}
}
