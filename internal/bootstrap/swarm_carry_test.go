package bootstrap

import (
	"strings"
	"testing"
)

func TestOnlyManagersSwarmIsCarriedOver(t *testing.T) {
	const (
		alone   = "MANAGER_PEERS=10.0.2.4; "
		stop    = "10.0.2.4 stop docker.socket docker.service; "
		out     = stop + "10.0.2.4 start docker.socket; Consul forgets managers-0"
		unpack  = "10.0.2.4 stop docker.socket docker.service; 10.0.2.4 start docker.socket docker.service"
		archive = `tar --create --gzip --file "$CARRIED/managers-0.tar.gz" --directory "$DIR/other" swarm; `
		kept    = `mkdir -p "$CARRIED" "$DIR/other/swarm/raft/wal-v3-encrypted"; touch "$DIR/other/swarm/raft/wal-v3-encrypted/0.wal"; ` + archive
		look    = `; ls "$CARRIED" 2>/dev/null; ls "$DIR/10.0.2.4/swarm/raft" 2>/dev/null || say "no raft"`
		publish = `printf lost >"$DIR/published"; consul() { say "$1 $2" >>"$DIR/calls"; }; `
		forget  = "DELETE /v1/kv/w?recurse; DELETE /v1/kv/m?recurse"
	)
	only, fresh := []string{"10.0.2.4 raft", "10.0.1.4"}, []string{"10.0.2.4", "10.0.1.4"}
	for name, test := range map[string]struct {
		nodes, machines []string
		call, calls     string
		prints          string
		fails           bool
	}{
		"it stops, and the bastion has its data": {[]string{first}, only, alone + "remove_swarm_member" + look, out, "managers-0.tar.gz\nwal-v3-encrypted", false},
		"others were planned, and are none": {[]string{first}, append([]string{"10.0.2.5"}, only...), "remove_swarm_member" + look,
			stop + "10.0.2.4 start docker.socket; Consul forgets managers-0", "managers-0.tar.gz", false},
		"it had stopped when it was killed": {nil, only, alone + `touch "$DIR/10.0.2.4/stopped"; remove_swarm_member` + look, out, "managers-0.tar.gz", false},
		"it can't be copied": {[]string{first}, only, alone + `pack_swarm() { return 1; }; remove_swarm_member`,
			stop + "10.0.2.4 start docker.socket docker.service", "its Swarm could not be copied", true},
		"it does not serve its Swarm":    {[]string{firstDown}, only, alone + "remove_swarm_member", "", "it is the only manager, and its Swarm can't be carried over", true},
		"it is another than the first":   {[]string{first}, only, alone + "FIRST=managers-1; remove_swarm_member", "", "only managers-1 can go on with its Swarm", true},
		"it is dead":                     {[]string{first}, []string{"10.0.1.4"}, alone + "remove_swarm_member", "Consul forgets managers-0", "managers-0, the only manager, is dead", false},
		"it is fresh":                    {nil, fresh, alone + "remove_swarm_member", "10.0.2.4 leaves; 10.0.2.4 leaves Consul; Consul forgets managers-0", "", false},
		"the next one goes on with it":   {nil, fresh, alone + kept + "carry_in" + look, unpack, "UTC\nmanagers-0.tar.gz\nwal-v3-encrypted", false},
		"once it works, nothing is kept": {nil, fresh, alone + kept + "carried" + look, "", "no raft", false},
		"the same machine is taken back": {nil, only, alone + kept + "carry_in" + look, "10.0.2.4 start docker.socket docker.service", "wal-v3-encrypted", false},
		"the first one ever":             {nil, fresh, alone + "carry_in; say silent", "", "silent", false},
		"the Swarm is lost":              {nil, fresh, alone + publish + "carry_in", forget, "The Swarm lost is lost", false},
		"the Swarm is another manager's": {nil, append([]string{"10.0.2.5 raft", "10.0.2.6"}, fresh...), publish + "carry_in; say silent", "", "silent", false},
		"it may be":                      {nil, append([]string{"10.0.2.6"}, fresh...), publish + "carry_in; say silent", "", "silent", false},
		"planned managers never had any": {nil, append([]string{"10.0.2.5", "10.0.2.6"}, fresh...), publish + "carry_in", forget, "The Swarm lost is lost", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			output, calls, err := swarmManagers(t, test.nodes, test.machines, test.call)
			if (err != nil) != test.fails || !strings.Contains(output, test.prints) || test.prints == "silent" && output != "silent\n" {
				t.Errorf("printed %q (%v), want %q", output, err, test.prints)
			}
			if calls != test.calls {
				t.Errorf("did  %s\nwant %s", calls, test.calls)
			}
		})
	}
}
