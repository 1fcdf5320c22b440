# shellcheck shell=bash
# Membership of the engine's built-in Swarm. Managers race for a lock in Consul: the winner starts the Swarm, everybody
# else joins with the token it published. Tokens live in Consul's KV behind ACLs, and nowhere else:
#   $WORKER_KV/cluster, $WORKER_KV/token   what workers may read
#   $MANAGER_KV/token, $MANAGER_KV/lock    what only managers may read and write

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
  local token managers
  token=$(kv_get "$1") || { say 'no join token in Consul yet'; return 1; }
  managers=$(listening "$MANAGER_ADDRESSES")
  [ -n "$managers" ] || { say "no manager listens at any of $MANAGER_ADDRESSES"; return 1; }
  jq --null-input --rawfile token <(printf %s "$token") --arg ip "$ADDRESS" --arg remotes "${managers% }" \
    '{ListenAddr: "\($ip):2377", AdvertiseAddr: $ip, DataPathAddr: $ip, JoinToken: $token,
      RemoteAddrs: ($remotes | split(" ") | map("\(.):2377"))}' |
    engine POST /swarm/join >/dev/null || return 1
}

# leave_unfinished: an earlier run that was killed while joining left the engine neither in nor out.
leave_unfinished() {
  case $(swarm_state) in
  pending | error | locked) docker swarm leave --force >/dev/null ;;
  esac
}
