# shellcheck shell=bash
# Consul servers as the others see them, asked from the bastion: whether they are healthy voters, and their removal.

# The functions below up to the next headline run on a server.

# in_cluster: this server has been in a cluster, or may have been: one that does not answer counts. One that has just started
# does not know of any cluster yet.
in_cluster() {
  local peers
  [ -d "${CONSUL_DATA:-/var/lib/consul}/raft" ] || return 1
  peers=$(consul GET /v1/status/peers </dev/null) || return 0
  [ "$peers" != '[]' ]
}

# unhealthy NODES: say which of the nodes are not healthy voters. Fails while there are any.
unhealthy() {
  local health missing
  health=$(consul GET /v1/operator/autopilot/health </dev/null) || [ -n "$health" ] || return 1
  missing=$(jq -r --arg nodes "$1" '
    (.Servers // []) as $servers | $nodes | split(" ")[]
    | . as $node | ($servers | map(select(.Name == $node))[0]) as $server
    | if $server == null then "\($node): not a server of the cluster"
      elif $server.Healthy != true then "\($node): \($server.SerfStatus), not healthy"
      elif $server.Voter != true then "\($node): not a voter yet"
      else empty end' <<<"$health") || { say "Consul says: $health"; return 1; }
  [ -z "$missing" ] || { say "$missing"; return 1; }
}

# works_without NODE: the cluster has a leader, and keeps its majority when that server leaves.
works_without() {
  local health left
  health=$(consul GET /v1/operator/autopilot/health </dev/null) || [ -n "$health" ] || return 1
  left=$(jq -r --arg node "$1" '
    [.Servers[] | select(.Voter == true and .Name != $node)] | map(select(.Healthy == true)) as $healthy
    | if ($healthy | length) * 2 > length then empty else
        "without \($node), \($healthy | length) of \(length) voters are healthy" end' <<<"$health") || { say "Consul says: $health"; return 1; }
  [ -z "$left" ] || { say "$left"; return 1; }
}

# leave_consul: on the node itself, leave for good: nothing restarts the agent and nothing of its data is left to rejoin with.
leave_consul() {
  docker inspect consul >/dev/null 2>&1 || return 0
  docker update --restart no consul >/dev/null
  CONSUL_SECONDS=60 consul PUT /v1/agent/leave </dev/null >/dev/null || true
  docker rm --force consul >/dev/null
  rm -rf /var/lib/consul
}

# forget_consul NODE: on a server, remove a node that left or died.
forget_consul() {
  local status
  status=$(consul PUT "/v1/agent/force-leave/$1?prune" </dev/null 2>&1) || case $status in
  *"agent: No node found"* | *"No node found"*) ;;
  *) say "$status"; return 1 ;;
  esac
}

# out_of_raft ADDRESS: no server at that address counts as a voter. One that died while it left may still do.
out_of_raft() {
  local peers
  peers=$(consul GET /v1/status/peers </dev/null) || { say "$peers"; return 1; }
  [ "$peers" != '[]' ] || { say 'this server is in no cluster'; return 1; }
  jq --exit-status --arg peer "$1:8300" 'index($peer)' <<<"$peers" >/dev/null || return 0
  consul DELETE "/v1/operator/raft/peer?address=$1:8300" </dev/null || true
  say "$1 is still a voter"
  return 1
}

# catalogued NODES SET: of the set, Consul has these nodes, alive and in the catalog. Those of the past go now; any other that is
# alive leaves later in the update.
catalogued() {
  local members catalog wrong name
  members=$(consul GET /v1/agent/members </dev/null) || { say "Consul says: $members"; return 1; }
  catalog=$(consul GET /v1/catalog/nodes </dev/null) || { say "Consul says: $catalog"; return 1; }
  wrong=$(printf '%s\n' "$members" "$catalog" | jq -rs --arg nodes "$1" --arg set "$2" '
    ($nodes | split(" ") | map({key: ., value: true}) | from_entries) as $wanted
    | (.[0] | map(select(.Status == 1) | {key: .Name, value: true}) | from_entries) as $alive
    | (.[1] | map({key: .Node, value: true}) | from_entries) as $listed
    | ([.[0][].Name, .[1][].Node] | unique[] | select(test("^\($set)-[0-9]+$") and ($wanted[.] or $alive[.] | not)) | "past \(.)"),
      ($wanted | keys_unsorted[] | if $alive[.] | not then "\(.): not alive in Consul" elif $listed[.] | not then "\(.): not in the catalog" else empty end)') ||
    return 1
  while read -r name; do
    forget_consul "$name" || return 1
    jq --null-input --arg node "$name" '{Node: $node}' | consul PUT /v1/catalog/deregister >/dev/null || return 1
  done < <(sed -n 's/^past //p' <<<"$wrong")
  wrong=$(sed '/^past /d' <<<"$wrong")
  [ -z "$wrong" ] || { say "${wrong//$'\n'/; }"; return 1; }
}

# only_these NODES ADDRESSES SET: the raft has these servers, each once. Those of the past, at addresses that no server has, go now;
# any other that is alive leaves later in the update.
only_these() {
  local raft members wrong address
  raft=$(consul GET /v1/operator/raft/configuration </dev/null) || { say "Consul says: $raft"; return 1; }
  members=$(consul GET /v1/agent/members </dev/null) || { say "Consul says: $members"; return 1; }
  wrong=$(printf '%s\n' "$raft" "$members" | jq -rs --arg nodes "$1" --arg addresses "$2" --arg set "$3" '
    .[0].Servers as $raft | (.[1] | map(select(.Status == 1) | {key: "\(.Addr):8300", value: true}) | from_entries) as $alive
    | ($nodes | split(" ")) as $nodes | ($addresses | split(" ") | map("\(.):8300")) as $addresses
    | ($raft[] | .Address as $at | select(all($addresses[]; . != $at))
        | if $alive[$at] | not then "past \($at)" elif .Node | test("^\($set)-[0-9]+$") then empty
          else "\(.Node) at \($at): a server, which the configuration does not have; consul leave it" end),
      ($nodes[] | . as $node | [$raft[] | select(.Node == $node)] | select(length != 1) | "\($node): \(length) times in the raft")') || return 1
  while read -r address; do
    consul DELETE "/v1/operator/raft/peer?address=$address" </dev/null || return 1
  done < <(sed -n 's/^past //p' <<<"$wrong")
  wrong=$(sed '/^past /d' <<<"$wrong")
  [ -z "$wrong" ] || { say "${wrong//$'\n'/; }"; return 1; }
}

# The rest runs on the bastion.

# never_formed: no server knows of a cluster. All are asked, as one that has just started knows of none. One that cannot be
# reached has no say: it may have yet to come.
never_formed() {
  local address
  for address in $CONSUL_PEERS; do
    ! on "$address" in_cluster || return 1
  done
}

# in_order: this server is a healthy voter, or one of a cluster that later servers complete.
in_order() {
  never_formed 2>/dev/null || on "$ADDRESS" unhealthy "$NODE"
}

consul_member_ready() {
  back_if_left bring_back "$NODE" "$ADDRESS"
  await 300 "Consul server $NODE" in_order
}

# consul_ready: all servers are healthy voters, and policies and tokens are as they should be.
consul_ready() {
  local set=${NODES%% *}
  set=${set%-*}
  if ! on_any "$CONSUL_PEERS" unhealthy "$NODES" >/dev/null 2>&1; then
    take_back bring_back
    await 300 'Consul servers' on_any "$CONSUL_PEERS" unhealthy "$NODES"
  fi
  await 120 'Consul servers and no others' on_any "$CONSUL_PEERS" only_these "$NODES" "$CONSUL_PEERS" "$set"
  await 120 'Consul servers in the catalog' on_any "$CONSUL_PEERS" catalogued "$NODES" "$set"
  await 120 'Consul policies and tokens' on_any "$CONSUL_PEERS" ensure_acl "$ACL_POLICIES" "$ACL_TOKENS" "$(jq -c '.tokens + .applications' <<<"$SECRETS")"
  say "Consul servers $NODES: healthy voters"
}

# remove_consul_member: works with the machine alive, fresh, or gone.
remove_consul_member() {
  reserve "$NODE"
  exec 9>/run/lock/azswarm-consul # one server leaves at a time
  flock --wait 600 9 || die 'another server is still leaving'
  local peers
  peers=$(others "$CONSUL_PEERS")
  # What only this server has, others must have first. Nothing is asked of a machine that is lost, or fresh.
  if [ -n "$peers" ] && on "$ADDRESS" in_cluster; then
    await 300 "Consul without $NODE" on_any "$peers" works_without "$NODE"
  fi
  on "$ADDRESS" leaving || true
  on "$ADDRESS" leave_consul || say "$NODE does not answer: removing it without its help"
  [ -n "$peers" ] || return 0
  if on_any "$peers" forget_consul "$NODE"; then
    (await 60 "$NODE out of the raft" on_any "$peers" out_of_raft "$ADDRESS") || say "$NODE is left to autopilot"
  else
    say "no other Consul server answers: $NODE is left to autopilot"
  fi
}
