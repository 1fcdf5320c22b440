# shellcheck shell=bash
# One node of the Swarm, its labels and its work, and how a worker gives up its work before Azure restarts it with another size.

# The label azswarm.restarting is that of a node that was drained for a restart, and not by an operator: its work comes back.

# The functions below up to the next headline run on a manager.

# nodes_named NODE: ids of the Swarm's nodes with that host name; several where a machine was replaced.
nodes_named() {
  docker node ls --filter "name=$1" --format '{{.ID}} {{.Hostname}}' | awk -v name="$1" '$2 == name { print $1 }'
}

# node_field FORMAT ID
node_field() { docker node inspect --format "$1" "$2"; }

# label NODE LABELS: the labels of the node are these and no others. One that was set aside for a restart has work again.
label() {
  local id label options=()
  for id in $(nodes_named "$1"); do
    while IFS= read -r label; do
      [ "$label" != azswarm.restarting ] || options+=(--availability active)
      jq --exit-status --arg key "$label" 'has($key)' <<<"$2" >/dev/null || options+=(--label-rm "$label")
    done < <(docker node inspect --format '{{json .Spec.Labels}}' "$id" | jq -r '. // {} | keys[]')
    while IFS= read -r label; do
      options+=(--label-add "$label")
    done < <(jq -r 'to_entries[] | "\(.key)=\(.value)"' <<<"$2")
    [ "${#options[@]}" = 0 ] || docker node update "${options[@]}" "$id" >/dev/null || return 1
  done
}

# tasks KEY IDS: the tasks of those nodes or services, a JSON list.
tasks() {
  engine GET "/tasks?filters=$(jq -rn --arg key "$1" --arg ids "$2" '{($key): ($ids | split(" ") | map({(.): true}) | add)} | @json | @uri')" </dev/null
}

# at_work ID: what still runs on that node, and what ran there and does not run elsewhere yet; empty where nothing does. What no other
# node may run waits for this one.
at_work() {
  local had services now
  had=$(tasks node "$1") || { say "$had"; return 1; }
  services=$(jq -r '[.[] | select(.Slot) | .ServiceID] | unique | join(" ")' <<<"$had")
  now='[]'
  [ -z "$services" ] || now=$(tasks service "$services") || { say "$now"; return 1; }
  jq -r --argjson had "$had" '
    ($had | map(select(.Slot) | {key: "\(.ServiceID).\(.Slot)", value: true}) | from_entries) as $slots
    | ($had | map(select(.Status.State == "running"))) as $here
    | map(select($slots["\(.ServiceID).\(.Slot)"] and (.DesiredState == "running" or .DesiredState == "ready") and .Status.State != "running"
        and (.Status.State != "pending" or (.Status.Err // "") == ""))) as $coming
    | [(if $here != [] then "\($here | length) tasks still run there" else empty end),
       (if $coming != [] then "\($coming | length) tasks are not yet running elsewhere" else empty end)] | join("; ")' <<<"$now"
}

# drain NODE: nothing is scheduled there any more, and its work runs elsewhere.
drain() {
  local id left
  for id in $(nodes_named "$1"); do
    docker node update --availability drain "$id" >/dev/null
    [ "$(node_field '{{.Status.State}}' "$id")" = ready ] || continue
    left=$(at_work "$id") || { say "$left"; return 1; }
    [ -z "$left" ] || { say "$1: $left"; return 1; }
  done
}

# set_aside NODE: nothing of the Swarm runs there any more, until it has its labels again.
set_aside() {
  local id
  for id in $(nodes_named "$1"); do
    docker node update --label-add azswarm.restarting=true "$id" >/dev/null || return 1
  done
  drain "$1"
}

# The functions below up to the next headline run on the node's machine.

# size_was: the size that the machine had when it was last in order; empty where it never was.
size_was() { cat "${JOINED:-/var/lib/azswarm}/vm-size" 2>/dev/null || true; }

# keep_size SIZE
keep_size() { put "${JOINED:-/var/lib/azswarm}/vm-size" 0644 <<<"$1" || true; }

# The rest runs on the bastion.

# drained_for_restart: the worker's work runs elsewhere, as far as it can, before Azure restarts its machine with the size to come.
# What it prints is another text each time it does anything.
drained_for_restart() {
  local size was
  size=$(secret vmSize)
  was=$(on "$ADDRESS" size_was) || { say "$NODE does not answer: nothing runs there"; return 0; }
  [ -n "$was" ] && [ "$was" != "$size" ] || return 0
  (await 120 "drain $NODE" on_any "$MANAGER_PEERS" set_aside "$NODE") || say "$NODE restarts with work still on it"
  say "$NODE: set aside for $size on $(date --utc --iso-8601=seconds)"
}
