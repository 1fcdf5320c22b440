# shellcheck shell=bash
# Swarm nodes as the managers see them, asked from the bastion: readiness, labels, and removal.

# The functions below up to the next headline run on a manager.

# nodes_named NODE: ids of the Swarm's nodes with that host name; several where a machine was replaced.
nodes_named() {
  docker node ls --filter "name=$1" --format '{{.ID}} {{.Hostname}}' | awk -v name="$1" '$2 == name { print $1 }'
}

# node_field FORMAT ID
node_field() { docker node inspect --format "$1" "$2"; }

# not_ready ROLE NODES: say which nodes are not ready in that role. Fails while there are any.
not_ready() {
  local role=$1 node id state found missing=
  for node in $2; do
    found=
    state='not in the Swarm'
    for id in $(nodes_named "$node"); do
      state=$(node_field '{{.Spec.Role}} {{.Status.State}} {{with .ManagerStatus}}{{.Reachability}}{{end}}' "$id")
      case $role:$state in
      "worker:worker ready"* | "manager:manager ready reachable") found=yes ;;
      esac
    done
    [ -n "$found" ] || missing+="$node: $state; "
  done
  [ -z "$missing" ] || { say "$missing"; return 1; }
}

# enroll NODE LABELS: the labels of the node are these and no others; what an earlier machine of that name left goes.
enroll() {
  local id label options=()
  for id in $(nodes_named "$1"); do
    if [ "$(node_field '{{.Status.State}}' "$id")" = down ]; then
      docker node demote "$id" >/dev/null 2>&1 || true
      docker node rm --force "$id" >/dev/null
      continue
    fi
    while IFS= read -r label; do
      jq --exit-status --arg label "$label" 'has($label)' <<<"$2" >/dev/null || options+=(--label-rm "$label")
    done < <(docker node inspect --format '{{json .Spec.Labels}}' "$id" | jq -r '. // {} | keys[]')
    while IFS= read -r label; do
      options+=(--label-add "$label")
    done < <(jq -r 'to_entries[] | "\(.key)=\(.value)"' <<<"$2")
    [ "${#options[@]}" = 0 ] || docker node update "${options[@]}" "$id" >/dev/null
  done
}

# drain NODE: nothing is scheduled there any more. Fails while containers of the Swarm still run there.
drain() {
  local id busy
  for id in $(nodes_named "$1"); do
    docker node update --availability drain "$id" >/dev/null
    [ "$(node_field '{{.Status.State}}' "$id")" = ready ] || continue
    busy=$(docker node ps --filter desired-state=running --quiet "$id" | wc -l)
    [ "$busy" = 0 ] || { say "$busy tasks still run on $1"; return 1; }
  done
}

demote() {
  local id
  for id in $(nodes_named "$1"); do
    [ "$(node_field '{{.Spec.Role}}' "$id")" = worker ] || docker node demote "$id" >/dev/null
  done
}

forget_node() {
  local id
  for id in $(nodes_named "$1"); do
    docker node rm --force "$id" >/dev/null
  done
}

# The rest runs on the node itself, or on the bastion.

# leave_swarm KEYS...: on the node itself. The last manager takes the published Swarm, those keys, with it.
leave_swarm() {
  local key
  for key in "$@"; do
    consul DELETE "/v1/kv/$key?recurse" </dev/null >/dev/null || true
  done
  docker swarm leave --force >/dev/null 2>&1 || true
}

# swarm_ready: the nodes are ready in their role.
swarm_ready() {
  await 300 "Swarm ${ROLE}s" on_any "$MANAGER_PEERS" not_ready "$ROLE" "$NODES"
  say "Swarm ${ROLE}s $NODES: ready"
}

# swarm_member_ready: this node is ready, and has its labels.
swarm_member_ready() {
  swarm_ready
  await 120 "labels of $NODE" on_any "$MANAGER_PEERS" enroll "$NODE" "$LABELS"
}

# remove_swarm_member: works with the machine alive, fresh, or gone.
remove_swarm_member() {
  local managers published=()
  managers=$(others "$MANAGER_PEERS")
  [ -n "$managers" ] || published=("$WORKER_KV" "$MANAGER_KV")
  if [ "$ROLE" = manager ]; then
    exec 9>/run/lock/azswarm-manager # one manager leaves at a time: two at once can cost the raft its majority
    flock --wait 600 9 || die 'another manager is still leaving'
  fi
  if [ -n "$managers" ]; then
    (await 120 "drain $NODE" on_any "$managers" drain "$NODE") || say "$NODE leaves with work still on it"
    on_any "$managers" demote "$NODE" || say "$NODE was not demoted"
  fi
  on "$ADDRESS" leave_swarm "${published[@]}" || say "$NODE does not answer: removing it without its help"
  if [ -n "$managers" ]; then
    on_any "$managers" forget_node "$NODE" || say "no manager answers: $NODE is left as a node that is down"
  fi
  on "$ADDRESS" leave_consul || true
  on_any "$CONSUL_PEERS" forget_consul "$NODE" || say "no Consul server answers: $NODE is left to be reaped"
}
