# shellcheck shell=bash
# Swarm nodes as the managers see them, asked from the bastion: readiness, labels, and removal.

# The functions below up to the next headline run on a manager.

# swarm_nodes: the Swarm's nodes, a JSON list; what the engine says where it can't tell, as one without a leader.
swarm_nodes() { engine GET /nodes </dev/null; }

# expel ID: that node is out of the raft, and then out of the Swarm. The raft lets nobody go whom it needs for its majority.
expel() {
  local raft
  raft=$(node_field '{{with .ManagerStatus}}{{.Addr}}{{end}}' "$1") || return 1
  if [ -n "$raft" ]; then
    docker node demote "$1" >/dev/null || return 1
    say "$raft is leaving the raft"
    return 1
  fi
  docker node rm --force "$1" >/dev/null
}

# past NODES ADDRESSES SET: of a JSON list of nodes, the ids of those of the past. They are down, and have the name of a node that
# is ready, or the name of a member of that set which is none any more, or are managers at an address that no manager has.
past() {
  jq -r --arg nodes "$1" --arg addresses "$2" --arg set "$3" '
    ($nodes | split(" ")) as $nodes | ($addresses | split(" ") | map("\(.):2377")) as $addresses
    | (map(select(.Status.State == "ready") | {key: .Description.Hostname, value: true}) | from_entries) as $ready
    | .[] | select(.Status.State == "down") | .Description.Hostname as $name
    | select(
        (any($nodes[]; . == $name) and $ready[$name])
        or ($set != "" and ($name | test("^\($set)-[0-9]+$")) and all($nodes[]; . != $name))
        or ((.ManagerStatus.Addr // "") as $at | $at != "" and ($ready[$name] or all($addresses[]; . != $at))))
    | .ID'
}

# settled ROLE NODES ADDRESSES SET: the nodes are ready in that role, each once. For a set, which may be none, it is all of them
# that there are: those of the past go now, and any other that is up leaves later in the update. ADDRESSES are the managers'.
settled() {
  local nodes id ids wrong
  nodes=$(swarm_nodes) || { say "$nodes"; return 1; }
  ids=$(past "$2" "$3" "$4" <<<"$nodes") || return 1
  for id in $ids; do
    expel "$id" || return 1
  done
  [ -z "$ids" ] || nodes=$(swarm_nodes) || { say "$nodes"; return 1; }
  wrong=$(jq -r --arg role "$1" --arg nodes "$2" --arg set "$4" '
    ($nodes | split(" ")) as $nodes
    | (group_by(.Description.Hostname) | map({key: .[0].Description.Hostname, value: .}) | from_entries) as $named
    | ($nodes[] | . as $name | $named[$name] // []
        | if length == 0 then "\($name): not in the Swarm"
          elif length > 1 then "\($name): \(length) times in the Swarm"
          else .[0] | [.Spec.Role, .Status.State, (.ManagerStatus.Reachability // empty)] | join(" ")
            | select(. != (if $role == "manager" then "manager ready reachable" else "worker ready" end)) | "\($name): \(.)"
          end),
      (select($role == "manager" and $set != "") | .[] | select(.ManagerStatus != null) | .Description.Hostname as $name
        | select(all($nodes[]; . != $name) and ($name | test("^\($set)-[0-9]+$") | not))
        | "\($name): a manager, which the configuration does not have; docker node demote it")' <<<"$nodes") || { say "the engine says: $nodes"; return 1; }
  [ -z "$wrong" ] || { say "${wrong//$'\n'/; }"; return 1; }
}

# majority_without NODE ADDRESS ADDRESSES: the raft has a leader, and keeps its majority when that manager leaves. Managers of the
# past, who count as well, go first.
majority_without() {
  local nodes id ids left
  nodes=$(swarm_nodes) || { say "$nodes"; return 1; }
  ids=$(past '' "$3" '' <<<"$nodes") || return 1
  for id in $ids; do
    expel "$id" || return 1
  done
  left=$(jq -r --arg node "$1" --arg address "$2:2377" '
    [.[] | select(.ManagerStatus != null and .Description.Hostname != $node and .ManagerStatus.Addr != $address)]
    | map(select(.ManagerStatus.Reachability == "reachable")) as $reachable
    | if ($reachable | length) * 2 > length then empty else
        "without \($node), \($reachable | length) of \(length) managers are reachable"
        + (. - $reachable | map("; \(.Description.Hostname) is not") | add // "") end' <<<"$nodes") || { say "the engine says: $nodes"; return 1; }
  [ -z "$left" ] || { say "$left"; return 1; }
}

# known_as NODE ADDRESS: ids of the nodes with that name, or in the raft at that address.
known_as() {
  local nodes
  nodes=$(swarm_nodes) || { say "$nodes" >&2; return 1; }
  jq -r --arg node "$1" --arg address "$2:2377" '.[] | select(.Description.Hostname == $node or .ManagerStatus.Addr == $address) | .ID' <<<"$nodes"
}

# out_of_swarm_raft NODE ADDRESS: the node is no manager any more, whatever became of its machine.
out_of_swarm_raft() {
  local id ids raft
  ids=$(known_as "$1" "$2") || return 1
  for id in $ids; do
    raft=$(node_field '{{with .ManagerStatus}}{{.Addr}}{{end}}' "$id") || return 1
    [ -n "$raft" ] || continue
    docker node demote "$id" >/dev/null || return 1
    say "$1 is leaving the raft"
    return 1
  done
}

# forget_node NODE ADDRESS: no node of that name or address is in the Swarm.
forget_node() {
  local id ids
  ids=$(known_as "$1" "$2") || return 1
  for id in $ids; do
    expel "$id" || return 1
  done
}

# reinstate ROLE NODE: a node that is up has its role, and a worker its work, whatever was done to take it out.
reinstate() {
  local id
  for id in $(nodes_named "$2"); do
    [ "$(node_field '{{.Status.State}}' "$id")" = ready ] || continue
    if [ "$1" = worker ]; then
      docker node update --availability active "$id" >/dev/null
    elif [ "$(node_field '{{.Spec.Role}}' "$id")" = worker ]; then
      docker node promote "$id" >/dev/null
    fi
  done
}

# The rest runs on the node itself, or on the bastion.

# leave_swarm: on the node itself.
leave_swarm() {
  systemctl disable --quiet --now azswarm-swarm-keeper.service 2>/dev/null || true
  docker swarm leave --force >/dev/null 2>&1 || true
}

# is_published KV: on a manager, Consul has its Swarm under that prefix. It has not after it was formed anew, for a while.
is_published() {
  local published
  published=$(kv_read "$1/cluster") || { say "$published"; return 1; }
  [ "$published" = "$(this_swarm)" ] || { say "Consul has the Swarm '$published'"; return 1; }
}

# this_swarm: on a manager, the id of its Swarm.
this_swarm() { docker info --format '{{with .Swarm.Cluster}}{{.ID}}{{end}}' | grep .; }

# bring_node_back NODE ADDRESS: what had only begun to take it out of the Swarm is undone first.
bring_node_back() {
  on_any "$MANAGER_PEERS" reinstate "$ROLE" "$1" || true
  bring_back "$1" "$2"
  [ "$ROLE" = manager ] || await 120 "labels of $1" on_any "$MANAGER_PEERS" label "$1" "$LABELS"
}

# swarm_ready: the set has these nodes, ready in their role in the Swarm and alive in Consul, and none of the past.
swarm_ready() {
  local set=${NODES%% *}
  set=${set%-*}
  if ! on_any "$MANAGER_PEERS" settled "$ROLE" "$NODES" "$MANAGER_PEERS" "$set" >/dev/null 2>&1; then
    take_back bring_node_back
    await 300 "Swarm ${ROLE}s" on_any "$MANAGER_PEERS" settled "$ROLE" "$NODES" "$MANAGER_PEERS" "$set"
  fi
  await 120 "Swarm ${ROLE}s in Consul" on_any "$CONSUL_PEERS" catalogued "$NODES" "$set"
  say "Swarm ${ROLE}s $NODES: ready"
  [ "$ROLE" = worker ] || await 120 'the Swarm in Consul' on_any "$MANAGER_PEERS" is_published "$WORKER_KV"
  [ "$ROLE" = worker ] || say "Swarm $(on_any "$MANAGER_PEERS" this_swarm)"
}

# swarm_member_ready: this node is ready, alone of its name, and has its labels.
swarm_member_ready() {
  back_if_left bring_node_back "$NODE" "$ADDRESS"
  await 300 "Swarm $ROLE $NODE" on_any "$MANAGER_PEERS" settled "$ROLE" "$NODE" "$MANAGER_PEERS" ''
  await 120 "labels of $NODE" on_any "$MANAGER_PEERS" label "$NODE" "$LABELS"
  if [ "$ROLE" = worker ]; then
    on "$ADDRESS" keep_size "$(secret vmSize)"
  else
    carried
  fi
  say "Swarm $ROLE $NODE: ready"
}

# reachable: the machine can be asked.
reachable() { on "$ADDRESS" true; }

# leave_raft MANAGERS DATA: the manager is out of the raft of those others. Unless its machine is fresh, and has nothing that could be
# lost, they are asked first, and nothing is done to it where they would lose their majority.
leave_raft() {
  if [ "$2" = 1 ]; then
    (await 60 "Swarm without $NODE" on_any "$1" out_of_swarm_raft "$NODE" "$ADDRESS") ||
      say "$NODE, which is lost, is left to the next manager that joins"
    return 0
  fi
  (await 120 "Swarm without $NODE" on_any "$1" majority_without "$NODE" "$ADDRESS" "$MANAGER_PEERS") || die "$NODE stays as it is: \
services could not be changed without it. Bring the other managers back first; where a machine is lost for good, run 'pulumi refresh' \
and 'pulumi up' with the configuration as it was. Then do again what was to be done."
  on "$ADDRESS" leaving || true
  (await 120 "drain $NODE" on_any "$1" drain "$NODE") || say "$NODE leaves with work still on it"
  await 120 "Swarm without $NODE" on_any "$1" out_of_swarm_raft "$NODE" "$ADDRESS"
}

# leave_as_manager MANAGERS: the manager may go. STOPPED says whether it was alone, and has stopped with its data carried over.
leave_as_manager() {
  local data=0
  exec 9>/run/lock/azswarm-manager # one manager leaves at a time: two at once can cost the raft its majority
  flock --wait 600 9 || die 'another manager is still leaving'
  [ -n "$1" ] || (await 120 "$NODE, the only manager" reachable) || say "$NODE, the only manager, is dead"
  on "$ADDRESS" holds_raft || data=$?
  if [ "$data" = 0 ] && on "$ADDRESS" is_alone; then
    [ "$NODE" = "$FIRST" ] || die "$NODE stays as it is: it is the only manager, and only $FIRST can go on with its Swarm. Have that join first"
    carry_out
    STOPPED=true
  elif [ -n "$1" ]; then
    leave_raft "$1" "$data"
  elif [ "$data" = 0 ]; then
    die "$NODE stays as it is: it is the only manager, and its Swarm can't be carried over while its engine does not serve it. Mend \
that; or, where the Swarm is to be given up, delete the machine, and run 'pulumi refresh' and 'pulumi up'"
  fi
}

# remove_swarm_member: works with the machine alive, fresh, or gone.
remove_swarm_member() {
  local managers STOPPED=false
  managers=$(others "$MANAGER_PEERS")
  reserve "$NODE"
  if [ "$ROLE" = worker ]; then
    on "$ADDRESS" leaving || true
    (await 120 "drain $NODE" on_any "$managers" drain "$NODE") || say "$NODE leaves with work still on it"
  else
    leave_as_manager "$managers"
  fi
  if [ "$STOPPED" = false ]; then
    on "$ADDRESS" leave_swarm || say "$NODE does not answer: removing it without its help"
    if [ -n "$managers" ]; then
      (await 60 "$NODE out of the Swarm" on_any "$managers" forget_node "$NODE" "$ADDRESS") || say "$NODE is left as a node that is down"
    fi
    on "$ADDRESS" leave_consul || true
  fi
  on_any "$CONSUL_PEERS" forget_consul "$NODE" || say "no Consul server answers: $NODE is left to be reaped"
}
