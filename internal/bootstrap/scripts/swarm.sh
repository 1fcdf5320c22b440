# shellcheck shell=bash
# Membership of the engine's built-in Swarm. Managers race for a lock in Consul: the winner starts the Swarm, everybody
# else joins with the token it published. Tokens live in Consul's KV behind ACLs, and nowhere else:
#   $WORKER_KV/cluster, $WORKER_KV/token   what workers may read
#   $MANAGER_KV/token, $MANAGER_KV/lock    what only managers may read and write
#   $MANAGER_KV/unlock                     and keys of a Swarm that locks its managers, the newest first, one a line

swarm_state() { docker info --format '{{.Swarm.LocalNodeState}}'; }

kv_get() { consul GET "/v1/kv/$1?raw" </dev/null; }

# listening ADDRESSES: those at which a manager listens. The engine tries any address it is given, again and again, so one
# that nobody listens at yet, or any more, can keep it from joining for minutes.
listening() {
  local address found=
  for address in $1; do
    # shellcheck disable=SC2016 # the inner shell expands it
    ! timeout 2 bash -c '</dev/tcp/$1/2377' - "$address" 2>/dev/null || found+="$address "
  done
  printf %s "$found"
}

# join_swarm KEY: join with the token under that key, which decides the role. It goes in a request body: an argument
# would show.
join_swarm() {
  local token managers answer
  token=$(kv_get "$1") || { say 'no join token in Consul yet'; return 1; }
  managers=$(listening "$MANAGER_ADDRESSES")
  [ -n "$managers" ] || { say "no manager listens at any of $MANAGER_ADDRESSES"; return 1; }
  # A token that was rotated just now is published anew within seconds.
  answer=$(jq --null-input --rawfile token <(printf %s "$token") --arg ip "$ADDRESS" --arg remotes "${managers% }" \
    '{ListenAddr: "\($ip):2377", AdvertiseAddr: $ip, DataPathAddr: $ip, JoinToken: $token,
      RemoteAddrs: ($remotes | split(" ") | map("\(.):2377"))}' |
    engine POST /swarm/join) || { say "the engine says: $answer"; return 1; }
}

# in_swarm CLUSTER: this node is in that Swarm, as its certificate says, whether it works or not.
in_swarm() {
  local certificate=${SWARM_DATA:-/var/lib/docker/swarm}/certificates/swarm-node.crt
  [ -f "$certificate" ] || return 1
  sed '/^-----END/q' "$certificate" | sed '/^-----/d' | base64 --decode | LC_ALL=C grep --text --count --fixed-strings -- "$1" >/dev/null
}

# never_joined: the engine was told to join a Swarm and never became a member, so it has nothing that could be lost.
never_joined() {
  local data=${SWARM_DATA:-/var/lib/docker/swarm}
  jq --exit-status '.JoinInProgress == true' "$data/docker-state.json" >/dev/null 2>&1 && ! compgen -G "$data/raft/wal*/*" >/dev/null
}

# leave_unfinished: an earlier run that was killed while joining left the engine neither in nor out.
leave_unfinished() {
  case $(swarm_state) in
  pending | error) ! never_joined || docker swarm leave --force >/dev/null ;;
  esac
}

# trouble: what keeps this node, which is in a Swarm, from working there, and what can be done. Its data is not thrown away.
trouble() {
  docker info --format "the engine says: {{.Swarm.LocalNodeState}}: {{.Swarm.Error}}. $NODE keeps its Swarm's data: bring back what it misses \
(other managers, the right time, the key of a locked Swarm), or have the machine replaced"
}
