# shellcheck shell=bash
# Consul servers as the others see them, asked from the bastion: whether they are healthy voters, and their removal.

# awaits_others: on a server, whether the cluster has never formed, as the servers it expects have yet to come.
awaits_others() { [ "$(consul GET /v1/status/peers </dev/null)" = '[]' ]; }

# unhealthy NODES FORMING: on a server, say which of the nodes are not healthy voters. Fails while there are any. With
# FORMING, a cluster that has never formed is no failure: later members complete it.
unhealthy() {
  local health missing
  [ "$2" != forming ] || ! awaits_others || return 0
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

# leave_consul: on the node itself, leave for good: nothing restarts the agent and nothing of its data is left to rejoin with.
leave_consul() {
  docker inspect consul >/dev/null 2>&1 || return 0
  docker update --restart no consul >/dev/null
  consul PUT /v1/agent/leave </dev/null >/dev/null || true
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

# consul_member_ready: this server is in order as far as it can be alone.
consul_member_ready() {
  await 300 "Consul server $NODE" on "$ADDRESS" unhealthy "$NODE" forming
}

# consul_ready: all servers are healthy voters, and policies and tokens are as they should be.
consul_ready() {
  await 300 'Consul servers' on_any "$CONSUL_PEERS" unhealthy "$NODES" formed
  await 120 'Consul policies and tokens' on_any "$CONSUL_PEERS" ensure_acl "$ACL_POLICIES" "$ACL_TOKENS" "$(jq -c '.tokens + .applications' <<<"$SECRETS")"
  say "Consul servers $NODES: healthy voters"
}

# remove_consul_member: works with the machine alive, fresh, or gone.
remove_consul_member() {
  exec 9>/run/lock/azswarm-consul # one server leaves at a time
  flock --wait 600 9 || die 'another server is still leaving'
  on "$ADDRESS" leave_consul || say "$NODE does not answer: removing it without its help"
  on_any "$CONSUL_PEERS" forget_consul "$NODE" || say "no other Consul server answers: $NODE is left to autopilot"
}
