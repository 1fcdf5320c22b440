# shellcheck shell=bash
# This node as a manager of the Swarm, its API open to clients with a certificate of the Swarm's own CA.

ensure_api() {
  ensure_tls /etc/docker/tls
  ensure_unit docker-api /etc/docker/tls/* <<EOF
[Service]
ExecStart=
ExecStart=$(command -v dockerd) -H fd:// -H tcp://$ADDRESS:2376 --tlsverify --tlscacert=/etc/docker/tls/ca.pem --tlscert=/etc/docker/tls/server.pem --tlskey=/etc/docker/tls/server.key
EOF
}

cluster_id() { docker info --format '{{with .Swarm.Cluster}}{{.ID}}{{end}}'; }

# published_swarm: the id of the published Swarm, empty where there is none. A Consul that does not answer is no sign of there
# being none: whoever took it for one would start a second Swarm.
published_swarm() {
  local answer
  answer=$(curl --silent --show-error --max-time 15 --header @/etc/azswarm/consul.header --write-out '\n%{http_code}' \
    "http://127.0.0.1:8500/v1/kv/$WORKER_KV/cluster?raw&consistent") || { say "$answer"; return 1; }
  case ${answer##*$'\n'} in
  200) printf %s "${answer%$'\n'*}" ;;
  404) ;;
  *) say "Consul says: $answer"; return 1 ;;
  esac
}

# publish: cluster and tokens in one transaction, which fails if another Swarm is published, or just then becomes so.
publish() {
  local current index=0
  current=$(published_swarm) || { say "$current"; return 1; }
  if [ -n "$current" ]; then
    [ "$current" = "$(cluster_id)" ] || { say "another Swarm is published: $current"; return 1; }
    index=$(consul GET "/v1/kv/$WORKER_KV/cluster" </dev/null | jq '.[0].ModifyIndex') || return 1
  fi
  jq --null-input --arg manager_kv "$MANAGER_KV" --arg worker_kv "$WORKER_KV" --argjson index "$index" --rawfile cluster <(printf %s "$(cluster_id)") \
    --rawfile worker <(docker swarm join-token --quiet worker | tr -d '\n') \
    --rawfile manager <(docker swarm join-token --quiet manager | tr -d '\n') '
    def set(verb; key; value): {KV: {Verb: verb, Key: key, Value: (value | @base64)}};
    [(set("cas"; "\($worker_kv)/cluster"; $cluster) | .KV.Index = $index),
     set("set"; "\($worker_kv)/token"; $worker), set("set"; "\($manager_kv)/token"; $manager)]' |
    consul PUT /v1/txn >/dev/null
}

# start_swarm: start one and publish it, only with the lock held. One that cannot be published is given up.
start_swarm() {
  docker swarm init --advertise-addr "$ADDRESS" --listen-addr "$ADDRESS:2377" --data-path-addr "$ADDRESS" \
    --default-addr-pool "$OVERLAY_POOL" --default-addr-pool-mask-length 24 >/dev/null || return 1
  publish || { docker swarm leave --force >/dev/null; return 1; }
}

# start_with_lock: the lock goes with the session, so a manager that dies holding it delays the others by the TTL.
start_with_lock() {
  local session taken current managers
  managers=$(listening "$MANAGER_ADDRESSES")
  [ -z "$managers" ] || { say "managers listen at $managers, but Consul knows of no Swarm; a second one is not started"; return 1; }
  session=$(jq --null-input --arg node "$NODE" '{Name: "azswarm swarm start", Node: $node, TTL: "15s", LockDelay: "1s"}' |
    consul PUT /v1/session/create) || { say "no Consul session: $session"; return 1; }
  session=$(jq -r .ID <<<"$session")
  taken=$(printf %s "$NODE" | consul PUT "/v1/kv/$MANAGER_KV/lock?acquire=$session") || taken=false
  if [ "$taken" = true ] && current=$(published_swarm) && [ -z "$current" ]; then
    start_swarm || true # the next attempt joins, or tries again
  fi
  consul PUT "/v1/session/destroy/$session" </dev/null >/dev/null || true
  [ "$(swarm_state)" = active ] || { say 'another manager is starting the Swarm'; return 1; }
}

# found_or_join: one attempt to be a member of the published Swarm, whichever way is open.
found_or_join() {
  local published
  published=$(published_swarm) || { say "$published"; return 1; }
  case $(swarm_state) in
  active)
    [ -n "$published" ] || { publish; return; }
    [ "$published" != "$(cluster_id)" ] || return 0
    # A Swarm of this node's own that lost the race to be published: nobody else can be in it.
    [ "$(docker node ls --quiet | wc -l)" = 1 ] || die "$NODE is in a Swarm other than the published one, with members"
    docker swarm leave --force >/dev/null
    return 1
    ;;
  pending)
    say 'joining'
    return 1
    ;;
  esac
  if [ -n "$published" ]; then join_swarm "$MANAGER_KV/token"; else start_with_lock; fi
}

manager_is_active() {
  [ "$(docker info --format '{{.Swarm.ControlAvailable}}')" = true ] || { say 'not a manager yet'; return 1; }
  docker node ls >/dev/null
}

# join_as_manager: the node is a manager of the published Swarm, and its API is open.
join_as_manager() {
  ensure_api
  leave_unfinished
  await 300 "Swarm manager $NODE: a Swarm to start or join" found_or_join
  await 120 "Swarm manager $NODE: in the raft" manager_is_active
  # Tokens that were rotated, or a Consul restored without them: any manager that runs this publishes them again.
  await 60 "Swarm manager $NODE: publish join tokens" publish
  # Managers manage: applications run on workers.
  docker node update --availability drain "$(docker info --format '{{.Swarm.NodeID}}')" >/dev/null
  say "Swarm manager $NODE is up"
}
