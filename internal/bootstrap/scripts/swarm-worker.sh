# shellcheck shell=bash
# This node as a worker of the Swarm.

# leave_other_swarm: a worker cannot tell which Swarm it is in, so it remembers; the published one may be a new one.
leave_other_swarm() {
  local published joined=/var/lib/azswarm/swarm-cluster
  published=$(kv_get "$WORKER_KV/cluster") || { say "no Swarm in Consul yet: $published"; return 1; }
  if [ "$(swarm_state)" = active ] && [ "$(cat "$joined" 2>/dev/null)" != "$published" ]; then
    docker swarm leave --force >/dev/null
  fi
  put "$joined" 0600 <<<"$published" || true
}

is_member() {
  case $(swarm_state) in
  active) return 0 ;;
  pending) say 'joining'; return 1 ;;
  *) join_swarm "$WORKER_KV/token" ;;
  esac
}

# join_as_worker: the node is a worker of the published Swarm.
join_as_worker() {
  leave_unfinished
  await 300 "Swarm worker $NODE: a Swarm to join" leave_other_swarm
  await 300 "Swarm worker $NODE: join" is_member
  say "Swarm worker $NODE joined"
}
