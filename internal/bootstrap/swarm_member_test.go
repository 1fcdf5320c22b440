package bootstrap

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/keys"
)

// node is one of the Swarm, as the fake managers see it: "ID name role state", and "address reachability" of a manager.
func node(text string) map[string]any {
	f := append(strings.Fields(text), "", "")
	n := map[string]any{
		"ID": f[0], "Description": map[string]any{"Hostname": f[1]}, "Spec": map[string]any{"Role": f[2], "Labels": map[string]any{}},
		"Status": map[string]any{"State": f[3]},
	}
	if f[4] != "" {
		n["ManagerStatus"] = map[string]any{"Addr": f[4] + ":2377", "Reachability": f[5]}
	}
	return n
}

// Managers as they should be, and some that are not.
const (
	first      = "a managers-0 manager ready 10.0.2.4 reachable"
	second     = "b managers-1 manager ready 10.0.2.5 reachable"
	third      = "c managers-2 manager ready 10.0.2.6 reachable"
	thirdDown  = "c managers-2 manager down 10.0.2.6 unreachable"
	firstDown  = "a managers-0 manager down 10.0.2.4 unreachable"
	firstOld   = "o managers-0 manager down 10.0.2.4 unreachable"
	fourthUp   = "d managers-3 manager ready 10.0.2.7 reachable"
	fourthDown = "d managers-3 manager down 10.0.2.7 unreachable"
)

// swarmManagers runs a call as the bastion does for managers-0, 10.0.2.4. Machines are "address" for one that can be reached, and
// "address raft" for one that has a manager's data besides. A manager that is asked to demote somebody takes it out of the raft
// at once, and refuses where the raft would lose its majority, as the engine does.
func swarmManagers(t *testing.T, nodes, machines []string, call string) (output, calls string, err error) {
	t.Helper()
	dir := t.TempDir()
	var list []any
	for _, text := range nodes {
		list = append(list, node(text))
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "nodes"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, machine := range machines {
		address, raft, _ := strings.Cut(machine, " ")
		data := filepath.Join(dir, address, "swarm")
		if raft != "" {
			data = filepath.Join(data, "raft", "wal-v3-encrypted")
		}
		if err := os.MkdirAll(data, 0o700); err != nil {
			t.Fatal(err)
		}
		if raft != "" {
			for _, file := range []string{filepath.Join(data, "0.wal"), filepath.Join(dir, address, "swarm", "docker-state.json")} {
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	key, err := keys.NewSSH("operator")
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := json.Marshal(map[string]string{"sshKey": key.Private})
	if err != nil {
		t.Fatal(err)
	}
	output, err = run(t, Script{Parameters: []Parameter{
		{"DIR", dir}, {"ROLE", "manager"}, {"NODE", "managers-0"}, {"ADDRESS", "10.0.2.4"}, {"LABELS", "{}"},
		{"NODES", "managers-0 managers-1 managers-2"}, {"MANAGER_PEERS", "10.0.2.4 10.0.2.5 10.0.2.6"},
		{"ADDRESSES", "10.0.2.4 10.0.2.5 10.0.2.6"}, {"CONSUL_PEERS", "10.0.1.4"},
		{"WORKER_KV", "w"}, {"MANAGER_KV", "m"}, {"FIRST", "managers-0"}, {"CARRIED", dir + "/carried"},
	}, Files: []string{"peers", "consul-member", "swarm-node", "swarm-member", "swarm-carry"}}, `on() {
  AT=$1 SWARM_DATA=$DIR/$1/swarm SWARM_STOPPED=$DIR/$1/stopped JOINED=$DIR/$1/joined
  shift
  [ -d "$DIR/$AT" ] || return 255
  if [ -n "${INPUT:-}" ]; then "$@" <"$INPUT"; else "$@"; fi
}
systemd-run() { :; }
systemctl() { [[ $* != *' docker.'* ]] || say "$AT $1 ${*:2}" >>"$DIR/calls"; }
kv_read() { cat "$DIR/published" 2>/dev/null || true; }
exec() { :; }
flock() { :; }
sleep() { :; }
await() { local what=$2 try; shift 2; for try in 1 2 3 4; do last=$("$@" 2>&1) && return; done; die "$what: $last"; }
leave_consul() { say "$AT leaves Consul" >>"$DIR/calls"; }
forget_consul() { say "Consul forgets $1" >>"$DIR/calls"; }
catalogued() { :; }
engine() {
  case $2 in /tasks*) say '[]'; return ;; esac
  [ -d "$SWARM_DATA/raft" ] || { say "not a manager"; return 22; }
  jq --exit-status 'map(select(.ManagerStatus)) | (map(select(.ManagerStatus.Reachability == "reachable")) | length) * 2 > length' "$DIR/nodes" >/dev/null ||
    { say "no leader"; return 22; }
  cat "$DIR/nodes"
}
docker() {
  case "$1 $2" in
  "node inspect") jq -r --arg id "$5" --arg format "$4" '.[] | select(.ID == $id) | if $format | contains("Addr") then .ManagerStatus.Addr // "" else .Status.State end' "$DIR/nodes" ;;
  "node ls") jq -r '.[] | "\(.ID) \(.Description.Hostname)"' "$DIR/nodes" ;;
  "node update") say "drain $5" >>"$DIR/calls" ;;
  "node demote")
    say "demote $3" >>"$DIR/calls"
    jq --arg id "$3" 'map(if .ID == $id then del(.ManagerStatus) | .Spec.Role = "worker" else . end)
      | if map(select(.ManagerStatus)) | (map(select(.ManagerStatus.Reachability == "reachable")) | length) * 2 > length then . else error("loss of quorum") end' \
      "$DIR/nodes" >"$DIR/new" || return 1
    mv "$DIR/new" "$DIR/nodes"
    ;;
  "node rm")
    say "rm $4" >>"$DIR/calls"
    jq --exit-status --arg id "$4" 'all(.[]; .ID != $id or (.ManagerStatus | not))' "$DIR/nodes" >/dev/null || return 1
    jq --arg id "$4" 'map(select(.ID != $id))' "$DIR/nodes" >"$DIR/new" && mv "$DIR/new" "$DIR/nodes"
    ;;
  "info --format") say c ;;
  "swarm leave") say "$AT leaves" >>"$DIR/calls" ;;
  esac
}
`+call, string(secrets))
	made, readErr := os.ReadFile(filepath.Join(dir, "calls"))
	if readErr != nil && !os.IsNotExist(readErr) {
		t.Fatal(readErr)
	}
	return output, strings.ReplaceAll(strings.TrimSpace(string(made)), "\n", "; "), err
}

func TestManagerLeavesOnlyARaftThatKeepsItsMajority(t *testing.T) {
	machines := []string{"10.0.2.4 raft", "10.0.2.5 raft", "10.0.2.6 raft", "10.0.1.4"}
	const (
		out    = "drain a; demote a; 10.0.2.4 leaves; rm a; 10.0.2.4 leaves Consul; Consul forgets managers-0"
		silent = "drain a; demote a; rm a; Consul forgets managers-0"
	)
	for name, test := range map[string]struct {
		nodes, machines []string
		calls           string // that change something
		refused         string
	}{
		"all are there":          {[]string{first, second, third}, machines, out, ""},
		"another is down":        {[]string{first, second, thirdDown}, machines, "", "without managers-0, 1 of 2 managers are reachable; managers-2 is not"},
		"another can't be asked": {[]string{first, second, third}, []string{"10.0.2.4 raft", "10.0.2.6 raft", "10.0.1.4"}, out, ""},
		"there is no leader":     {[]string{first, "b managers-1 manager down 10.0.2.5 unreachable", thirdDown}, machines, "", "no leader"},
		"nobody can be asked":    {[]string{first, second, third}, []string{"10.0.2.4 raft", "10.0.1.4"}, "", "managers-0 stays as it is"},
		"one of the past counts": {[]string{first, second, third, fourthDown}, machines, "demote d; " + out, ""},
		"an old self counts too": {[]string{firstOld, first, second, third}, machines,
			"demote o; drain o; drain a; demote a; 10.0.2.4 leaves; rm o; rm a; 10.0.2.4 leaves Consul; Consul forgets managers-0", ""},
		"it is dead":                    {[]string{firstDown, second, third}, []string{"10.0.2.5 raft", "10.0.2.6 raft", "10.0.1.4"}, silent, ""},
		"it is dead, and so is another": {[]string{firstDown, second, thirdDown}, []string{"10.0.2.5 raft", "10.0.1.4"}, "", "no leader"},
		"it has been replaced": {[]string{firstDown, second, third}, []string{"10.0.2.4", "10.0.2.5 raft", "10.0.2.6 raft", "10.0.1.4"},
			"demote a; 10.0.2.4 leaves; rm a; 10.0.2.4 leaves Consul; Consul forgets managers-0", ""},
		"it has been replaced, and the others have no leader": {[]string{firstDown, second, thirdDown}, []string{"10.0.2.4", "10.0.2.5 raft", "10.0.1.4"},
			"10.0.2.4 leaves; 10.0.2.4 leaves Consul; Consul forgets managers-0", ""},
		"it left before, when it was killed": {[]string{second, third}, []string{"10.0.2.4", "10.0.2.5 raft", "10.0.2.6 raft", "10.0.1.4"},
			"10.0.2.4 leaves; 10.0.2.4 leaves Consul; Consul forgets managers-0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, calls, err := swarmManagers(t, test.nodes, test.machines, "remove_swarm_member")
			if (err == nil) != (test.refused == "") || !strings.Contains(output, test.refused) {
				t.Errorf("printed %q (%v), want %q", output, err, test.refused)
			}
			if calls != test.calls {
				t.Errorf("did  %s\nwant %s", calls, test.calls)
			}
		})
	}
}

func TestReadyMeansTheNodesOfTheConfigurationAndNoMore(t *testing.T) {
	var machines []string
	for i := 4; i <= 6; i++ {
		machines = append(machines, fmt.Sprintf("10.0.2.%d raft", i))
	}
	machines = append(machines, "10.0.1.4")
	const workers = "ROLE=worker; NODES='web-0 web-1'; swarm_ready"
	with := func(nodes ...string) []string { return append([]string{first, second, third}, nodes...) }
	const published = `printf c >"$DIR/published"; `
	for name, test := range map[string]struct {
		nodes       []string
		call, calls string
		wrong       string
	}{
		"all":                           {with(), "swarm_ready", "", ""},
		"Consul tells of none":          {with(), `rm "$DIR/published"; swarm_ready`, "", "Consul has the Swarm ''"},
		"Consul tells of another":       {with(), `printf d >"$DIR/published"; swarm_ready`, "", "Consul has the Swarm 'd'"},
		"one is missing":                {[]string{first, second}, "swarm_ready", "", "managers-2: not in the Swarm"},
		"one is down":                   {[]string{first, second, thirdDown}, "swarm_ready", "", "managers-2: manager down unreachable"},
		"one is a worker":               {[]string{first, second, "c managers-2 worker ready"}, "swarm_ready", "", "managers-2: worker ready"},
		"one is there twice":            {with("e managers-2 manager ready 10.0.2.6 reachable"), "swarm_ready", "", "managers-2: 2 times in the Swarm"},
		"an old self goes":              {with(firstOld), "swarm_ready", "demote o; rm o", ""},
		"an old self that had no vote":  {with("o managers-0 manager down"), "swarm_ready", "rm o", ""},
		"one of the past goes":          {with(fourthDown), "swarm_ready", "demote d; rm d", ""},
		"one that leaves later stays":   {with(fourthUp), "swarm_ready", "", ""},
		"a manager by hand":             {with("w web-0 manager ready 10.0.128.4 reachable"), "swarm_ready", "", "web-0: a manager, which the configuration does not have"},
		"workers are no business of it": {with("w web-0 worker down", "x web-1 worker ready"), "swarm_ready", "", ""},
		"a member minds itself alone":   {[]string{first, second, thirdDown}, "swarm_member_ready", "", ""},
		"a member and its old self":     {with(firstOld), "swarm_member_ready", "demote o; rm o", ""},
		"workers":                       {with("w web-0 worker ready", "x web-1 worker ready"), workers, "", ""},
		"a worker that is down":         {with("w web-0 worker ready", "x web-1 worker down"), workers, "", "web-1: worker down"},
		"a worker's old self":           {with("w web-0 worker ready", "x web-1 worker down", "y web-1 worker ready"), workers, "rm x", ""},
		"a worker of the past":          {with("w web-0 worker ready", "x web-1 worker ready", "y web-2 worker down"), workers, "rm y", ""},
		"a worker that leaves later":    {with("w web-0 worker ready", "x web-1 worker ready", "y web-2 worker ready"), workers, "", ""},
		"workers of other pools":        {with("w web-0 worker ready", "x web-1 worker ready", "y batch-2 worker down", "z web-1-0 worker down"), workers, "", ""},
		"a worker minds itself alone":   {with("w web-0 worker ready", "x web-1 worker down"), "ROLE=worker; NODE=web-0; swarm_member_ready", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, calls, err := swarmManagers(t, test.nodes, machines, published+test.call)
			if (err == nil) != (test.wrong == "") || !strings.Contains(output, test.wrong) {
				t.Errorf("printed %q (%v), want %q", output, err, test.wrong)
			}
			if calls != test.calls {
				t.Errorf("did %q, want %q", calls, test.calls)
			}
		})
	}
}
