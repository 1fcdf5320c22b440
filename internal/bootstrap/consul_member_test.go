package bootstrap

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/internal/keys"
)

const (
	nobody  = "[]" // peers of a server that has just started
	members = `["10.0.1.4:8300","10.0.1.5:8300","10.0.1.6:8300"]`
	voters  = `{"Name": "consul-1", "Healthy": true, "Voter": true}, {"Name": "consul-2", "Healthy": true, "Voter": true}`
	joined  = `{"Name": "consul-0", "Healthy": true, "Voter": true}`
)

// consulServers runs a call as the bastion does for consul-0, 10.0.1.4. Servers answer what their files say, by address and the
// last part of the path: one that has no file can't be reached, one without the file that is asked for does not answer, and one whose
// peers are "none" never had an agent.
func consulServers(t *testing.T, answers map[string]string, call string) (output, calls string, err error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range answers {
		server := filepath.Dir(name)
		data := filepath.Join(dir, server)
		if answers[server+"/peers"] != "none" {
			data = filepath.Join(data, "raft")
		}
		if err := os.MkdirAll(data, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key, err := keys.NewSSH("operator")
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := json.Marshal(map[string]string{"sshKey": key.Private, "knownHosts": ""})
	if err != nil {
		t.Fatal(err)
	}
	output, err = run(t, Script{Parameters: []Parameter{
		{"DIR", dir}, {"NODE", "consul-0"}, {"ADDRESS", "10.0.1.4"}, {"CONSUL_PEERS", "10.0.1.4 10.0.1.5 10.0.1.6"},
	}, Files: []string{"peers", "consul-member"}}, `on() { CONSUL_DATA=$DIR/$1; shift; [ -d "$CONSUL_DATA" ] || return 255; "$@"; }
exec() { :; }
flock() { :; }
docker() { :; }
rm() { [ "$*" = '-rf /var/lib/consul' ] || command rm "$@"; }
await() { shift 2; "$@" || die "given up"; }
consul() {
  local file=${2##*/}
  file=$CONSUL_DATA/${file%%\?*}
  case $1 in
  GET) cat "$file" 2>/dev/null ;;
  *) say "${CONSUL_DATA##*/} $1 ${2#/v1/}" >>"$DIR/calls" ;;
  esac
}
`+call, string(secrets))
	text, readErr := os.ReadFile(filepath.Join(dir, "calls"))
	if readErr != nil && !os.IsNotExist(readErr) {
		t.Fatal(readErr)
	}
	return output, string(text), err
}

func TestServerIsInOrderOnceItIsAVoterOfTheClusterThereIs(t *testing.T) {
	for name, test := range map[string]struct {
		answers map[string]string
		want    bool
	}{
		"first of a new cluster":                             {map[string]string{"10.0.1.4/peers": nobody, "10.0.1.5/peers": "none", "10.0.1.6/peers": "none"}, true},
		"others can't be reached, as they are still to come": {map[string]string{"10.0.1.4/peers": nobody}, true},
		"second of a new cluster":                            {map[string]string{"10.0.1.4/peers": nobody, "10.0.1.5/peers": nobody, "10.0.1.6/peers": "none"}, true},
		"replaced, and not known to the others yet":          {map[string]string{"10.0.1.4/peers": nobody, "10.0.1.5/peers": members, "10.0.1.6/peers": members, "10.0.1.4/health": "{}"}, false},
		"replaced, and only the last one answers":            {map[string]string{"10.0.1.4/peers": nobody, "10.0.1.6/peers": members, "10.0.1.4/health": "No cluster leader"}, false},
		"an agent that does not answer":                      {map[string]string{"10.0.1.4/peers": nobody, "10.0.1.5/health": "", "10.0.1.4/health": "No cluster leader"}, false},
		"replaced, and not a voter yet": {map[string]string{"10.0.1.4/peers": members,
			"10.0.1.4/health": `{"Servers": [` + voters + `, {"Name": "consul-0", "Healthy": true, "Voter": false}]}`}, false},
		"replaced, and not healthy yet": {map[string]string{"10.0.1.4/peers": members,
			"10.0.1.4/health": `{"Servers": [` + voters + `, {"Name": "consul-0", "Healthy": false, "Voter": true}]}`}, false},
		"a healthy voter": {map[string]string{"10.0.1.4/peers": members, "10.0.1.4/health": `{"Servers": [` + voters + "," + joined + `]}`}, true},
	} {
		if output, _, err := consulServers(t, test.answers, "in_order"); (err == nil) != test.want {
			t.Errorf("%s: in order is %v, want %v\n%s", name, err == nil, test.want, output)
		}
	}
}

func TestServerLeavesOnlyAClusterThatWorksWithoutIt(t *testing.T) {
	const left = "10.0.1.4 PUT agent/leave\n10.0.1.5 PUT agent/force-leave/consul-0?prune\n"
	without := strings.Replace(members, `"10.0.1.4:8300",`, "", 1)
	for name, test := range map[string]struct {
		answers map[string]string
		leaves  bool
		calls   string // that change something
	}{
		"others are healthy": {map[string]string{"10.0.1.4/peers": members,
			"10.0.1.5/health": `{"Servers": [` + voters + "," + joined + `]}`, "10.0.1.5/peers": without}, true, left},
		"it is the last voter": {map[string]string{"10.0.1.4/peers": members,
			"10.0.1.5/health": `{"Servers": [` + joined + `]}`, "10.0.1.5/peers": without}, false, ""},
		"one of two others is healthy": {map[string]string{"10.0.1.4/peers": members,
			"10.0.1.5/health": `{"Servers": [` + joined + "," + strings.Replace(voters, "true", "false", 1) + `]}`, "10.0.1.5/peers": without}, false, ""},
		"no leader":                 {map[string]string{"10.0.1.4/peers": members, "10.0.1.5/peers": members, "10.0.1.5/health": "No cluster leader"}, false, ""},
		"no other can be reached":   {map[string]string{"10.0.1.4/peers": members}, false, ""},
		"a machine that is fresh":   {map[string]string{"10.0.1.4/peers": "none", "10.0.1.5/peers": without}, true, left},
		"an agent that just began":  {map[string]string{"10.0.1.4/peers": nobody, "10.0.1.5/peers": without}, true, left},
		"a machine that is lost":    {map[string]string{"10.0.1.5/peers": without}, true, "10.0.1.5 PUT agent/force-leave/consul-0?prune\n"},
		"all machines are lost":     {map[string]string{}, true, ""},
		"a lost one, still a voter": {map[string]string{"10.0.1.5/peers": members}, true, "10.0.1.5 PUT agent/force-leave/consul-0?prune\n10.0.1.5 DELETE operator/raft/peer?address=10.0.1.4:8300\n"},
	} {
		output, calls, err := consulServers(t, test.answers, "remove_consul_member")
		if (err == nil) != test.leaves || calls != test.calls {
			t.Errorf("%s: leaves is %v with calls %q, want %v with %q\n%s", name, err == nil, calls, test.leaves, test.calls, output)
		}
	}
}

func TestLoneServerMayLeave(t *testing.T) {
	for _, answers := range []map[string]string{{"10.0.1.4/peers": `["10.0.1.4:8300"]`}, {"10.0.1.4/peers": "none"}} {
		if output, _, err := consulServers(t, answers, "CONSUL_PEERS=10.0.1.4; remove_consul_member"); err != nil {
			t.Errorf("with %v: %v\n%s", slices.Collect(maps.Values(answers)), err, output)
		}
	}
}

// askConsul runs a call on a server that answers with these texts, and returns what it printed and what it changed.
func askConsul(t *testing.T, raft, members, catalog, call string) (output, calls string, err error) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "calls")
	output, err = run(t, Script{Parameters: []Parameter{
		{"LOG", log}, {"RAFT", raft}, {"MEMBERS", members}, {"CATALOG", catalog},
	}, Files: []string{"consul-member"}}, `consul() {
  case "$1 $2" in
  "GET /v1/operator/raft/configuration") say "$RAFT" ;;
  "GET /v1/agent/members") say "$MEMBERS" ;;
  "GET /v1/catalog/nodes") say "$CATALOG" ;;
  *) say "$1 ${2#/v1/} $(cat)" >>"$LOG" ;;
  esac
}
`+call, "{}")
	text, readErr := os.ReadFile(log)
	if readErr != nil && !os.IsNotExist(readErr) {
		t.Fatal(readErr)
	}
	return output, strings.Join(strings.Fields(string(text)), " "), err
}

func TestRaftHasTheServersOfTheConfigurationAndNoMore(t *testing.T) {
	servers := func(more string) string {
		return `{"Servers": [{"Node": "consul-0", "Address": "10.0.1.4:8300"}, {"Node": "consul-1", "Address": "10.0.1.5:8300"}` + more + `]}`
	}
	alive := func(more string) string {
		return `[{"Name": "consul-0", "Addr": "10.0.1.4", "Status": 1}, {"Name": "consul-1", "Addr": "10.0.1.5", "Status": 1}` + more + `]`
	}
	for name, test := range map[string]struct{ raft, members, wrong, calls string }{
		"all":            {servers(""), alive(""), "", ""},
		"one is missing": {`{"Servers": [{"Node": "consul-0", "Address": "10.0.1.4:8300"}]}`, alive(""), "consul-1: 0 times in the raft", ""},
		"one of the past goes": {servers(`, {"Node": "(unknown)", "Address": "10.0.1.8:8300"}`), alive(`, {"Name": "consul-4", "Addr": "10.0.1.8", "Status": 4}`), "",
			"DELETE operator/raft/peer?address=10.0.1.8:8300"},
		"one that leaves later stays": {servers(`, {"Node": "consul-4", "Address": "10.0.1.8:8300"}`), alive(`, {"Name": "consul-4", "Addr": "10.0.1.8", "Status": 1}`), "", ""},
		"one by hand": {servers(`, {"Node": "other", "Address": "10.0.1.9:8300"}`), alive(`, {"Name": "other", "Addr": "10.0.1.9", "Status": 1}`),
			"other at 10.0.1.9:8300: a server, which the configuration does not have", ""},
		"no leader": {"No cluster leader", alive(""), "", ""},
	} {
		output, calls, err := askConsul(t, test.raft, test.members, "[]", "only_these 'consul-0 consul-1' '10.0.1.4 10.0.1.5' consul")
		if wrong := test.wrong != "" || name == "no leader"; (err != nil) != wrong || !strings.Contains(output, test.wrong) || calls != test.calls {
			t.Errorf("%s: printed %q (%v) and did %q, want %q and %q", name, output, err, calls, test.wrong, test.calls)
		}
	}
}

func TestCatalogHasTheNodesOfTheConfigurationAndNoMore(t *testing.T) {
	const both = `{"Name": "web-0", "Status": 1}, {"Name": "web-1", "Status": 1}`
	for name, test := range map[string]struct{ members, catalog, wrong, calls string }{
		"all":                     {both, `{"Node": "web-0"}, {"Node": "web-1"}`, "", ""},
		"one is not there":        {`{"Name": "web-0", "Status": 1}`, `{"Node": "web-0"}`, "web-1: not alive in Consul", ""},
		"one is down":             {`{"Name": "web-0", "Status": 1}, {"Name": "web-1", "Status": 4}`, `{"Node": "web-0"}, {"Node": "web-1"}`, "web-1: not alive in Consul", ""},
		"one is yet to be listed": {both, `{"Node": "web-0"}`, "web-1: not in the catalog", ""},
		"one of the past goes": {both + `, {"Name": "web-2", "Status": 4}`, `{"Node": "web-0"}, {"Node": "web-1"}, {"Node": "web-2"}`, "",
			`PUT agent/force-leave/web-2?prune PUT catalog/deregister { "Node": "web-2" }`},
		"one that is left in the catalog goes": {both, `{"Node": "web-0"}, {"Node": "web-1"}, {"Node": "web-3"}`, "",
			`PUT agent/force-leave/web-3?prune PUT catalog/deregister { "Node": "web-3" }`},
		"one that leaves later stays": {both + `, {"Name": "web-2", "Status": 1}`, `{"Node": "web-0"}, {"Node": "web-1"}, {"Node": "web-2"}`, "", ""},
		"others are no business of it": {both + `, {"Name": "batch-0", "Status": 4}, {"Name": "web-1-0", "Status": 4}`,
			`{"Node": "web-0"}, {"Node": "web-1"}, {"Node": "batch-0"}`, "", ""},
	} {
		output, calls, err := askConsul(t, "{}", "["+test.members+"]", "["+test.catalog+"]", "catalogued 'web-0 web-1' web")
		if (err != nil) != (test.wrong != "") || !strings.Contains(output, test.wrong) || calls != test.calls {
			t.Errorf("%s: printed %q (%v) and did %q, want %q and %q", name, output, err, calls, test.wrong, test.calls)
		}
	}
}
