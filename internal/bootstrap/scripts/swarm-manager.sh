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
  local published state
  published=$(published_swarm) || { say "$published"; return 1; }
  state=$(swarm_state)
  case $state in
  inactive) if [ -n "$published" ]; then join_swarm "$MANAGER_KV/token"; else start_with_lock; fi ;;
  active)
    [ -n "$published" ] || { publish; return; }
    ! in_swarm "$published" || return 0
    # A Swarm of this node's own that lost the race to be published: nobody else can be in it, and nothing.
    if [ "$(docker node ls --quiet)" != "$(docker info --format '{{.Swarm.NodeID}}')" ] || [ -n "$(docker service ls --quiet)" ]; then
      say "$NODE is in a Swarm with members or services, and another one is published: $published"
      return 1
    fi
    docker swarm leave --force >/dev/null
    return 1
    ;;
  locked) unlock; return 1 ;;
  *)
    never_joined || { trouble; return 1; }
    [ "$state" = pending ] || { docker swarm leave --force >/dev/null; return 1; }
    say 'joining'
    return 1
    ;;
  esac
}

manager_is_active() {
  [ "$(docker info --format '{{.Swarm.ControlAvailable}}')" = true ] || { say 'not a manager yet'; return 1; }
  docker node ls >/dev/null
}

# ensure_autolock: managers that restart are locked where that is wanted. Where it is not, only a lock that was wanted before goes,
# and none that somebody set by hand.
ensure_autolock() {
  local swarm change
  swarm=$(engine GET /swarm </dev/null) || { say "the engine says: $swarm"; return 1; }
  change=$(jq --arg wanted "$AUTOLOCK" '
    (.Spec.EncryptionConfig.AutoLockManagers == true) as $locks | (.Spec.Labels["azswarm.autolock"] == "true") as $ours
    | if $wanted == "true" and ($locks and $ours | not) then .Spec.EncryptionConfig.AutoLockManagers = true | .Spec.Labels["azswarm.autolock"] = "true"
      elif $wanted != "true" and $ours then .Spec.EncryptionConfig.AutoLockManagers = false | del(.Spec.Labels["azswarm.autolock"])
      else empty end' <<<"$swarm") || return 1
  [ -n "$change" ] || return 0
  swarm=$(jq .Spec <<<"$change" | engine POST "/swarm/update?version=$(jq .Version.Index <<<"$change")") || { say "the engine says: $swarm"; return 1; }
}

# join_as_manager: the node is a manager of the published Swarm, and its API is open.
join_as_manager() {
  ensure_api
  leave_unfinished
  await 300 "Swarm manager $NODE: a Swarm to start or join" found_or_join
  await 120 "Swarm manager $NODE: in the raft" manager_is_active
  await 60 "Swarm manager $NODE: lock or no lock" ensure_autolock
  await 60 "Swarm manager $NODE: publish join tokens" publish
  ensure_keeper
  # Managers manage: applications run on workers.
  docker node update --availability drain "$(docker info --format '{{.Swarm.NodeID}}')" >/dev/null
  say "Swarm manager $NODE is up"
}
