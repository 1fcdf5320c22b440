# shellcheck shell=bash
# This node as a worker of the Swarm.

# is_member: one attempt to be a member of the published Swarm. Whoever is in another one leaves that: it is gone.
is_member() {
  local published state
  published=$(kv_get "$WORKER_KV/cluster") || { say "no Swarm in Consul yet: $published"; return 1; }
  state=$(swarm_state)
  case $state in
  inactive) join_swarm "$WORKER_KV/token"; return ;;
  active) ! in_swarm "$published" || return 0 ;;
  pending | error)
    if never_joined; then
      [ "$state" = error ] || { say 'joining'; return 1; }
    elif in_swarm "$published"; then
      trouble
      return 1
    fi
    ;;
  *) trouble; return 1 ;;
  esac
  docker swarm leave --force >/dev/null
  return 1
}

# join_as_worker: the node is a worker of the published Swarm.
join_as_worker() {
  leave_unfinished
  await 300 "Swarm worker $NODE: a Swarm to join" is_member
  say "Swarm worker $NODE joined"
}
