package bootstrap

import (
	"strings"
	"testing"
)

// task is one as a manager's engine shows it.
func task(service string, slot, node, desired, state, err string) string {
	slotted := ""
	if slot != "" {
		slotted = `"Slot":` + slot + `,`
	}
	return `{` + slotted + `"ServiceID":"` + service + `","NodeID":"` + node + `","DesiredState":"` + desired + `","Status":{"State":"` + state + `","Err":"` + err + `"}}`
}

// managersTasks stands for a manager's engine that has these tasks, and the node w, which is web-0.
func managersTasks(tasks ...string) string {
	return `
TASKS='[` + strings.Join(tasks, ",") + `]'
engine() {
  local filter
  filter=$(jq -rn --arg path "$2" '$path | split("filters=")[1] | gsub("%22"; "\"") | gsub("%7B"; "{") | gsub("%7D"; "}") | gsub("%3A"; ":") | gsub("%2C"; ",")')
  jq --argjson filter "$filter" 'map(select(($filter.node // {(.NodeID): true})[.NodeID] and ($filter.service // {(.ServiceID): true})[.ServiceID]))' <<<"$TASKS"
}
docker() {
  case "$1 $2" in
  "node ls") say 'w web-0' ;;
  "node inspect") say ready ;;
  "node update") say "$*" >&2 ;;
  esac
}
`
}

func TestDrainedMeansThatTheWorkRunsElsewhere(t *testing.T) {
	moved := task("s", "1", "w", "shutdown", "shutdown", "")
	for name, test := range map[string]struct {
		tasks []string
		left  string
	}{
		"nothing ever ran there":                {nil, ""},
		"its work runs":                         {[]string{task("s", "1", "w", "running", "running", "")}, "1 tasks still run there"},
		"its work is ending":                    {[]string{task("s", "1", "w", "shutdown", "running", ""), task("s", "1", "x", "ready", "ready", "")}, "1 tasks still run there; 1 tasks are not yet running elsewhere"},
		"its work is starting elsewhere":        {[]string{moved, task("s", "1", "x", "running", "starting", "")}, "1 tasks are not yet running elsewhere"},
		"its work waits for a node":             {[]string{moved, task("s", "1", "", "running", "pending", "")}, "1 tasks are not yet running elsewhere"},
		"its work runs elsewhere":               {[]string{moved, task("s", "1", "x", "running", "running", "")}, ""},
		"no other node may run it":              {[]string{moved, task("s", "1", "", "running", "pending", "no suitable node")}, ""},
		"its service has been taken away":       {[]string{moved}, ""},
		"another replica never was there":       {[]string{moved, task("s", "1", "x", "running", "running", ""), task("s", "2", "x", "running", "starting", "")}, ""},
		"another service's never was there":     {[]string{moved, task("s", "1", "x", "running", "running", ""), task("r", "1", "x", "running", "starting", "")}, ""},
		"one of each node's is just taken away": {[]string{task("g", "", "w", "shutdown", "shutdown", ""), task("g", "", "x", "running", "starting", "")}, ""},
		"one of each node's still runs":         {[]string{task("g", "", "w", "shutdown", "running", "")}, "1 tasks still run there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := run(t, Script{Files: []string{"swarm-node"}}, managersTasks(test.tasks...)+"drain web-0 2>/dev/null", "{}")
			want := ""
			if test.left != "" {
				want = "web-0: " + test.left + "\n"
			}
			if out != want || (err == nil) != (want == "") {
				t.Errorf("printed %q (%v), want %q", out, err, want)
			}
		})
	}
}

func TestWorkerIsDrainedForAnotherSizeAlone(t *testing.T) {
	const aside = "node update --label-add azswarm.restarting=true w\nnode update --availability drain w\n"
	for name, test := range map[string]struct{ on, was, printed string }{
		"it has the size":         {"on", "Standard_B2as_v2", ""},
		"it never was in order":   {"on", "", ""},
		"it has another":          {"on", "Standard_B2s", aside + "web-0: set aside for Standard_B2as_v2 on "},
		"it does not answer":      {"off", "Standard_B2s", "web-0 does not answer: nothing runs there\n"},
		"its work can't be moved": {"busy", "Standard_B2s", "web-0 restarts with work still on it\nweb-0: set aside for Standard_B2as_v2 on "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := run(t, Script{Parameters: []Parameter{{"NODE", "web-0"}, {"ADDRESS", "10.0.128.4"}, {"MANAGER_PEERS", "10.0.2.4"}}, Files: []string{"swarm-node"}},
				managersTasks()+`JOINED=$(mktemp -d)
[ -z '`+test.was+`' ] || keep_size '`+test.was+`'
on() { [ `+test.on+` != off ] || return 255; "${@:2}"; }
on_any() { [ `+test.on+` != busy ] || { say busy; return 1; }; "${@:2}"; }
await() { "${@:3}" 2>&1; }
drained_for_restart
[ `+test.on+` = off ] || keep_size Standard_B2as_v2
[ -z "$(drained_for_restart)" ] || [ `+test.on+` = off ] || say again`, `{"vmSize":"Standard_B2as_v2"}`)
			if err != nil || !strings.Contains(out, test.printed) || (test.printed == "" && out != "") || strings.Contains(out, "again") {
				t.Errorf("printed %q (%v), want %q", out, err, test.printed)
			}
		})
	}
}

func TestWorkerThatWasSetAsideHasWorkAgainWithItsLabels(t *testing.T) {
	for had, want := range map[string]string{
		`{"tier":"web"}`:                               "node update --label-add tier=web w",
		`{"azswarm.restarting":"true"}`:                "node update --availability active --label-rm azswarm.restarting --label-add tier=web w",
		`{"azswarm.restarting":"true","other":"true"}`: "node update --availability active --label-rm azswarm.restarting --label-rm other --label-add tier=web w",
	} {
		out, err := run(t, Script{Files: []string{"swarm-node"}}, managersTasks()+`
eval "other_$(declare -f docker)"
docker() { case "$1 $2" in "node inspect") say '`+had+`' ;; "node update") say "$*" >"$DID" ;; *) other_docker "$@" ;; esac; }
DID=$(mktemp)
label web-0 '{"tier":"web"}'
cat "$DID"`, "{}")
		if err != nil || strings.TrimSpace(out) != want {
			t.Errorf("%s: %q (%v), want %q", had, out, err, want)
		}
	}
}
