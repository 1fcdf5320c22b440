# shellcheck shell=bash
# What a client agent of Consul does not mend by itself: after the loss of all servers, those made anew don't know its certificate,
# and it asks for another one only when it starts.

CONSUL_KEEPER=${CONSUL_KEEPER:-/usr/local/lib/azswarm/consul-keeper}

# cut_off: servers are there, and the agent knows no leader.
cut_off() {
  local leader server
  leader=$(consul GET /v1/status/leader </dev/null 2>/dev/null) || leader=
  case $leader in
  *:*) return 1 ;;
  esac
  for server in $(jq -r '.retry_join[]' "${CONSUL_JSON:-/etc/consul.d/consul.json}"); do
    # shellcheck disable=SC2016 # the inner shell expands it
    ! timeout 2 bash -c '</dev/tcp/$1/8300' - "$server" 2>/dev/null || return 0
  done
  return 1
}

# keep_agent: for ever. An agent that has been cut off for half a minute starts again; if that was no help, after twice as long.
keep_agent() {
  local patience=30 since=
  while true; do
    if ! cut_off; then
      since=
      patience=30
    elif [ -z "$since" ]; then
      since=$SECONDS
    elif [ $((SECONDS - since)) -ge "$patience" ]; then
      say "servers listen, and the agent has known no leader for ${patience}s: it starts again"
      docker restart consul >/dev/null || true
      since=
      patience=$((patience < 900 ? patience * 2 : patience))
    fi
    sleep 10
  done
}

# ensure_consul_keeper: a service does so on this machine.
ensure_consul_keeper() {
  {
    printf '#!/bin/bash\nset -uo pipefail\numask 077\n'
    declare -f say consul cut_off keep_agent
    printf 'keep_agent\n'
  } | ensure_service azswarm-consul-keeper "$CONSUL_KEEPER" 'The agent of Consul that finds its servers again'
}
