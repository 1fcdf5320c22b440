package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAgentStartsAgainOnceServersListenThatDoNotKnowIt(t *testing.T) {
	for name, test := range map[string]struct {
		answers string // of the agent, one each time it is asked
		listens string // the server that does
		want    string
	}{
		"it knows a leader":             {strings.Repeat(`"10.0.1.4:8300" `, 9), "10.0.1.4", ""},
		"no server listens":             {strings.Repeat(`"" `, 9), "none", ""},
		"servers listen, it knows none": {strings.Repeat(`"" `, 9), "10.0.1.5", "restart consul"},
		"an election takes a while":     {`"" "" "" "10.0.1.4:8300" "" "" "" "10.0.1.4:8300" ""`, "10.0.1.5", ""},
		"it does not answer":            {strings.Repeat("down ", 9), "10.0.1.5", "restart consul"},
	} {
		dir := t.TempDir()
		keeper, config := filepath.Join(dir, "keeper"), filepath.Join(dir, "consul.json")
		for path, text := range map[string]string{
			config: `{"retry_join": ["10.0.1.4", "10.0.1.5"]}`, filepath.Join(dir, "answers"): strings.Join(strings.Fields(test.answers), "\n") + "\n",
		} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		// The service's own text runs, with a clock of its own: nine looks, ten seconds apart.
		out, err := run(t, Script{Parameters: []Parameter{
			{"CONSUL_KEEPER", keeper}, {"UNITS", dir}, {"CONSUL_JSON", config}, {"DIR", dir}, {"LISTENS", test.listens},
		}, Files: []string{"consul-keeper"}}, `systemctl() { :; }
ensure_consul_keeper
sed -i '/^keep_agent$/d' "$CONSUL_KEEPER"
cat >>"$CONSUL_KEEPER" <<'E'
consul() {
  local answer
  answer=$(head -n 1 "$DIR/answers")
  sed -i 1d "$DIR/answers"
  [ "$answer" != down ] || return 7
  printf %s "$answer"
}
timeout() { [ "$6" = "$LISTENS" ]; }
sleep() { SECONDS=$((SECONDS + $1)); [ -s "$DIR/answers" ] || exit 0; }
docker() { printf '%s\n' "$*" >>"$DIR/calls"; }
keep_agent
E
export DIR LISTENS CONSUL_JSON
"$CONSUL_KEEPER"`, "{}")
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		calls, err := os.ReadFile(filepath.Join(dir, "calls"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(string(calls)); got != test.want {
			t.Errorf("%s: did %q, want %q\n%s", name, got, test.want, out)
		}
	}
}
