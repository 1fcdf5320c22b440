# shellcheck shell=bash
# What a manager keeps in order between updates: Consul has today's join tokens and the key that unlocks managers, whoever changed
# them when, and a manager that its engine's restart has locked is unlocked.

KEEPER=${KEEPER:-/usr/local/lib/azswarm/swarm-keeper}

cluster_id() { docker info --format '{{with .Swarm.Cluster}}{{.ID}}{{end}}'; }

# published_swarm: the id of the published Swarm, empty where there is none.
published_swarm() { kv_read "$WORKER_KV/cluster"; }

# unlock_keys KNOWN: the keys there are to publish. A manager that was away when the key changed wants an older one.
unlock_keys() {
  local key
  key=$(engine GET /swarm/unlockkey </dev/null) || { say "the engine says: $key"; return 1; }
  key=$(jq -r '.UnlockKey // empty' <<<"$key") || return 1
  printf '%s\n' "$key" "$1" | awk 'NF && !seen[$0]++ && ++kept <= 8'
}

# publish: cluster, tokens and keys in one transaction, which fails if another Swarm is published, or just then becomes so. What is
# published already is left.
publish() {
  local cluster current index=0 worker manager unlock known
  current=$(published_swarm) || { say "$current"; return 1; }
  cluster=$(cluster_id) || return 1
  [ -n "$cluster" ] || { say "$NODE is no manager, or the Swarm has no leader"; return 1; }
  worker=$(docker swarm join-token --quiet worker) || return 1
  manager=$(docker swarm join-token --quiet manager) || return 1
  known=$(kv_read "$MANAGER_KV/unlock") || { say "Consul does not tell the keys"; return 1; }
  unlock=$(unlock_keys "$known") || { say "$unlock"; return 1; }
  if [ -n "$current" ]; then
    [ "$current" = "$cluster" ] || { say "another Swarm is published: $current"; return 1; }
    [ "$unlock" != "$known" ] || [ "$(kv_read "$WORKER_KV/token")" != "$worker" ] || [ "$(kv_read "$MANAGER_KV/token")" != "$manager" ] || return 0
    index=$(consul GET "/v1/kv/$WORKER_KV/cluster" </dev/null | jq '.[0].ModifyIndex') || return 1
  fi
  jq --null-input --arg manager_kv "$MANAGER_KV" --arg worker_kv "$WORKER_KV" --argjson index "$index" --arg cluster "$cluster" \
    --rawfile worker <(printf %s "$worker") --rawfile manager <(printf %s "$manager") --rawfile unlock <(printf %s "$unlock") '
    def set(verb; key; value): {KV: {Verb: verb, Key: key, Value: (value | @base64)}};
    [(set("cas"; "\($worker_kv)/cluster"; $cluster) | .KV.Index = $index),
     set("set"; "\($worker_kv)/token"; $worker), set("set"; "\($manager_kv)/token"; $manager),
     (select($unlock != "") | set("set"; "\($manager_kv)/unlock"; $unlock))]' |
    consul PUT /v1/txn >/dev/null
}

# unlock: a locked engine gets the key, in a request body: an argument would show. It answers once its Swarm has a leader.
unlock() {
  local keys key answer=
  keys=$(kv_read "$MANAGER_KV/unlock") || { say "the engine is locked, and Consul does not answer: $keys"; return 1; }
  [ -n "$keys" ] || { say "the engine is locked, and Consul has no key"; return 1; }
  while IFS= read -r key; do
    ! answer=$(jq --null-input --rawfile key <(printf %s "$key") '{UnlockKey: $key}' | ENGINE_SECONDS=60 engine POST /swarm/unlock) || return 0
    [ "$(swarm_state)" = locked ] || return 0
  done <<<"$keys"
  say "the engine is locked, and says: $answer"
  return 1
}

# keep_once: one look.
keep_once() {
  local state
  state=$(swarm_state) || return 1
  case $state in
  locked) unlock ;;
  active) publish ;;
  *) say "the engine's Swarm is $state" ;;
  esac
}

# keep: for ever. Nothing tells that a token or a key was rotated: the engine is asked, and soon again while something is wrong, which
# is said once.
keep() {
  local problem last=
  while true; do
    problem=$(keep_once 2>&1) || problem=${problem:-failed}
    [ "$problem" = "$last" ] || say "${problem:-in order}"
    last=$problem
    if [ -n "$problem" ]; then sleep 5; else sleep 20; fi
  done
}

# ensure_keeper: a service does so on this machine, whether an update is under way or not.
ensure_keeper() {
  {
    printf '#!/bin/bash\nset -uo pipefail\numask 077\n'
    declare -p NODE WORKER_KV MANAGER_KV
    declare -f say engine consul swarm_state cluster_id kv_read published_swarm unlock_keys publish unlock keep_once keep
    printf 'keep\n'
  } | ensure_service azswarm-swarm-keeper "$KEEPER" 'Keys and tokens of the Swarm in Consul'
}
