# shellcheck shell=bash
# Membership of the engine's built-in Swarm. Managers race for a lock in Consul: the winner starts the Swarm, everybody
# else joins with the token it published. Tokens live in Consul's KV behind ACLs, and nowhere else:
#   $WORKER_KV/cluster, $WORKER_KV/token   what workers may read
#   $MANAGER_KV/token, $MANAGER_KV/lock    what only managers may read and write

swarm_state() { docker info --format '{{.Swarm.LocalNodeState}}'; }

kv_get() { consul GET "/v1/kv/$1?raw" </dev/null; }

# join_swarm KEY: join with the token under that key, which decides the role. It goes in a request body: an argument
# would show.
join_swarm() {
  local token
  token=$(kv_get "$1") || { say 'no join token in Consul yet'; return 1; }
  jq --null-input --rawfile token <(printf %s "$token") --arg ip "$ADDRESS" --arg remotes "$MANAGER_ADDRESSES" \
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
