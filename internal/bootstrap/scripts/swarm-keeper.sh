# shellcheck shell=bash
# What a manager keeps in order between updates: Consul has today's join tokens and the key that unlocks managers, whoever changed
# them when, and a manager that its engine's restart has locked is unlocked.

KEEPER=${KEEPER:-/usr/local/lib/azswarm/swarm-keeper}

# published_swarm: the id of the published Swarm, empty where there is none.
published_swarm() { kv_read "$WORKER_KV/cluster"; }

# known: what Consul has of a Swarm: its id, the index at which that was published, tokens, and keys. Texts are empty where it has none.
known() {
  local answer
  answer=$(jq --null-input --arg worker "$WORKER_KV" --arg manager "$MANAGER_KV" \
    '["\($worker)/cluster", "\($worker)/token", "\($manager)/token", "\($manager)/unlock"] | map({KV: {Verb: "get-or-empty", Key: .}})' |
    consul PUT '/v1/txn?consistent') || { say "Consul says: $answer"; return 1; }
  jq '[.Results[].KV] | {index: .[0].ModifyIndex} + ([["cluster", "worker", "manager", "unlock"], map(.Value // "" | @base64d)] | transpose
    | map({key: .[0], value: .[1]}) | from_entries)' <<<"$answer"
}

# today: the same of the engine's Swarm: its id, tokens, and the key there is, which a Swarm has that locks its managers.
today() {
  local swarm key='{}'
  swarm=$(engine GET /swarm </dev/null) || { say "the engine says: $swarm"; return 1; }
  case $swarm in
  *'"AutoLockManagers":true'*) key=$(engine GET /swarm/unlockkey </dev/null) || { say "the engine says: $key"; return 1; } ;;
  esac
  printf '%s\n' "$swarm" "$key" |
    jq --slurp '.[0] as $swarm | {cluster: $swarm.ID, worker: $swarm.JoinTokens.Worker, manager: $swarm.JoinTokens.Manager, unlock: (.[1].UnlockKey // "")}'
}

# publish: cluster, tokens and keys in one transaction, which fails if another Swarm is published, or just then becomes so. What is
# published already is left. Of keys the newest eight stay: a manager that was away when the key changed wants an older one.
publish() {
  local known today change
  today=$(today) || { say "$today"; return 1; }
  known=$(known) || { say "$known"; return 1; }
  change=$(printf '%s\n' "$known" "$today" | jq --slurp --arg worker_kv "$WORKER_KV" --arg manager_kv "$MANAGER_KV" '
    .[0] as $known | .[1]
    | .unlock = ([.unlock, ($known.unlock | split("\n")[])] | map(select(. != "")) | reduce .[] as $key ([]; if index([$key]) then . else . + [$key] end) | .[:8] | join("\n"))
    | if $known.cluster != "" and $known.cluster != .cluster then "another Swarm is published: \($known.cluster)"
      elif ($known | del(.index)) == . then empty
      else
        def set(verb; key; value): {KV: {Verb: verb, Key: key, Value: (value | @base64)}};
        [(set("cas"; "\($worker_kv)/cluster"; .cluster) | .KV.Index = $known.index),
         set("set"; "\($worker_kv)/token"; .worker), set("set"; "\($manager_kv)/token"; .manager),
         (select(.unlock != "") | set("set"; "\($manager_kv)/unlock"; .unlock))]
      end') || return 1
  case $change in
  '') ;;
  '['*) consul PUT /v1/txn <<<"$change" >/dev/null ;;
  *)
    say "${change//\"/}"
    return 1
    ;;
  esac
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
  local state problem
  problem=$(publish 2>&1) && return
  state=$(swarm_state) || return 1
  case $state in
  locked) unlock ;;
  active) say "$problem" ;;
  *) say "the engine's Swarm is $state" ;;
  esac
}

# glance: what changes with whatever there is to publish, and with what is published.
glance() { engine GET /swarm </dev/null && kv_read "$WORKER_KV/cluster"; }

# keep: for ever. Nothing tells that a token or a key was rotated: the engine is asked, and soon again while something is wrong, which
# is said once. Where a glance shows what the last did, one in ten is followed by a look.
keep() {
  local problem last='' seen='' now same=0
  while true; do
    now=$(glance 2>/dev/null) || now=
    if [ -n "$now" ] && [ "$now" = "$seen" ] && [ "$same" -lt 10 ]; then
      same=$((same + 1))
    else
      problem=$(keep_once 2>&1) || problem=${problem:-failed}
      [ "$problem" = "$last" ] || say "${problem:-in order}"
      last=$problem same=0 seen=
      [ -n "$problem" ] || seen=$now
    fi
    if [ -n "$last" ]; then sleep 5; else sleep 20; fi
  done
}

# ensure_keeper: a service does so on this machine, whether an update is under way or not.
ensure_keeper() {
  {
    printf '#!/bin/bash\nset -uo pipefail\numask 077\n'
    declare -p NODE WORKER_KV MANAGER_KV
    declare -f say engine consul swarm_state kv_read known today publish unlock keep_once glance keep
    printf 'keep\n'
  } | ensure_service azswarm-swarm-keeper "$KEEPER" 'Keys and tokens of the Swarm in Consul'
}
