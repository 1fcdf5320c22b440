# shellcheck shell=bash
# Members of the standalone Swarm as its managers see them, asked from the bastion: whether they are in order, and their
# removal.

# The functions below up to the next headline run on a manager. Its own address comes first.

# swarm_status ADDRESS: what the manager knows, a JSON list of pairs. A replica answers for itself.
swarm_status() {
  local tls=/etc/azswarm/swarm-tls
  curl --silent --show-error --fail --max-time 15 --cacert "$tls/ca.pem" --cert "$tls/server.pem" --key "$tls/server.key" \
    "https://$1:4000/info" | jq '.SystemStatus'
}

# knows_primary ADDRESS: the manager is the primary, or forwards to it.
knows_primary() {
  local status
  status=$(swarm_status "$1") || { say "$1: no answer"; return 1; }
  jq --exit-status 'map({key: .[0], value: .[1]}) | from_entries | .Role == "primary" or (.Primary // "") != ""' \
    <<<"$status" >/dev/null || { say "$1: no primary is elected"; return 1; }
}

# not_healthy ADDRESS NODES: say which of the nodes are not healthy workers. Fails while there are any.
not_healthy() {
  local status missing
  status=$(swarm_status "$1") || { say "$1: no answer"; return 1; }
  # A node's line has its name, and those that follow what is known of it, each after a branch.
  missing=$(jq -r --arg nodes "$2" '
    reduce .[] as [$key, $value] ({};
      if ($key | contains("└")) then (if ($key | endswith("Status")) then .health[.node] = $value else . end)
      elif ($key | startswith(" ")) then .node = ($key | ltrimstr(" ")) else . end)
    | .health as $health | $nodes | split(" ")[]
    | if $health[.] == null then "\(.): not in the Swarm" elif $health[.] != "Healthy" then "\(.): \($health[.])" else empty end' <<<"$status") ||
    { say "the Swarm says: $status"; return 1; }
  [ -z "$missing" ] || { say "$missing"; return 1; }
}

# forget_worker ADDRESS WORKER: what the worker announced goes, now and not only when it has expired.
forget_worker() {
  local key
  for key in docker/swarm/nodes docker/nodes; do
    consul DELETE "/v1/kv/$key/$2:2376" </dev/null >/dev/null || return 1
  done
}

# The rest runs on the node itself, or on the bastion.

# leave_swarm: on the node itself. Nobody moves a worker's containers: they are stopped, so that they end as they would wish to
# and their endpoints leave their networks. The agent and Registrator are needed until then.
leave_swarm() {
  local busy
  docker rm --force swarm_join swarm_manager >/dev/null 2>&1 || true
  mapfile -t busy < <(docker ps --format '{{.Names}}' | grep -vx -e consul -e registrator || true)
  [ "${#busy[@]}" = 0 ] || docker stop --time 10 "${busy[@]}" >/dev/null
}

# on_manager FUNCTION ARGUMENTS...: run it on the first manager where it succeeds.
on_manager() {
  local address
  for address in $MANAGER_PEERS; do
    on "$address" "$1" "$address" "${@:2}" && return 0
  done
  return 1
}

managers_in_order() {
  local address
  for address in $MANAGER_PEERS; do
    on "$address" knows_primary "$address" || return 1
  done
}

# swarm_in_order: the nodes are in order in their role.
swarm_in_order() {
  if [ "$ROLE" = manager ]; then
    managers_in_order
  else
    on_manager not_healthy "$NODES"
  fi
}

# swarm_ready: the set has these nodes, in order in their role and alive in Consul, and none of the past.
swarm_ready() {
  local set=${NODES%% *}
  swarm_in_order >/dev/null 2>&1 || take_back bring_back
  await 300 "Swarm ${ROLE}s" swarm_in_order
  await 120 "Swarm ${ROLE}s in Consul" on_any "$CONSUL_PEERS" catalogued "$NODES" "${set%-*}"
  say "Swarm ${ROLE}s $NODES: ready"
}

# swarm_member_ready: this node is in order.
swarm_member_ready() {
  back_if_left bring_back "$NODE" "$ADDRESS"
  if [ "$ROLE" = manager ]; then
    await 300 "Swarm manager $NODE" on "$ADDRESS" knows_primary "$ADDRESS"
  else
    await 300 "Swarm worker $NODE" on_manager not_healthy "$NODE"
  fi
  say "Swarm $ROLE $NODE: ready"
}

# remove_swarm_member: works with the machine alive, fresh, or gone. A manager leaves nothing but its place: if it was the
# primary, the others elect another once its session has expired.
remove_swarm_member() {
  reserve "$NODE"
  on "$ADDRESS" leaving || true
  on "$ADDRESS" leave_swarm || say "$NODE does not answer: removing it without its help"
  on "$ADDRESS" leave_consul || true
  if [ "$ROLE" = worker ]; then
    on_manager forget_worker "$ADDRESS" || say "no manager answers: $NODE is forgotten when what it announced expires"
  fi
  on_any "$CONSUL_PEERS" forget_consul "$NODE" || say "no Consul server answers: $NODE is left to be reaped"
}
