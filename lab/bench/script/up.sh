#!/bin/bash
# Makes a cluster of machines that are booting: up.sh DIRECTORY
#
# The fastest way that we know by hand: all machines at the same time, over one SSH connection each, and nothing waits but for what it
# needs. It ends in the state that azswarm ends in, and can do nothing else: no second run, no change, no repair.
#
# DIRECTORY has ssh_config, nodes (lines "name tier address"), public (the address of the managers' load balancer), policies.json and
# tokens.json (rules by policy, policies by token). The cluster's secrets are left there.
set -euo pipefail
umask 077
here=$(dirname "$(realpath "$0")")
# shellcheck source=lab/bench/script/dev.env
. "$here/dev.env"
cd "$1"

declare -A address
servers=() managers=() workers=()
while read -r node tier ip; do
  address[$node]=$ip
  case $tier in
  consul) servers+=("$node") ;;
  managers) managers+=("$node") ;;
  workers) workers+=("$node") ;;
  esac
done <nodes

note() { printf '%s %s\n' "$(date +%s%N)" "$1" >>milestones; }

# each CALL NODES...: call it for all nodes at the same time.
each() {
  local call=$1 node job jobs=()
  shift
  for node; do
    "$call" "$node" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job"; done
}

# on NODE FUNCTION ARGUMENTS...: run functions of node.sh on a machine; several are separated by ';'.
on() {
  local node=$1 word
  shift
  {
    cat "$here/node.sh"
    for word; do if [ "$word" = ';' ]; then echo; else printf '%q ' "$word"; fi; done
    echo
  } | ssh -F ssh.conf "$node" sudo -n bash
}

# connected NODE: there is a connection, which later ones share.
connected() {
  local begun=$SECONDS
  until ssh -F ssh.conf -o ConnectTimeout=3 "$1" true 2>/dev/null; do
    [ $((SECONDS - begun)) -lt 300 ] || { echo "$1 does not answer by SSH" >&2; return 1; }
    sleep 0.2
  done
}

disconnect() {
  local socket
  for socket in ./*; do
    [ ! -S "$socket" ] || ssh -o ControlPath="$socket" -O exit machine 2>/dev/null || true
  done
}

# secrets_made: they are made while machines boot.
secrets_made() { flock --shared secrets.lock true; }

secret() { jq -r --arg name "$1" '.tokens[$name]' secrets.json; }

# configuration NODE: of its agent, secrets included.
configuration() {
  jq --arg node "$1" --arg address "${address[$1]}" --argjson expect "${#servers[@]}" \
    --arg servers "$(for node in "${servers[@]}"; do printf '%s ' "${address[$node]}"; done)" '
    def service(name; port): {id: name, name: name, address: $address, port: port, tags: [],
      check: {id: name, name: "TCP", tcp: "\($address):\(port)", interval: "15s", timeout: "3s"}};
    . as $secret | {
      datacenter: "dc1", node_name: $node, data_dir: "/var/lib/consul", bind_addr: $address, client_addr: "127.0.0.1",
      retry_join: ($servers | split(" ") | map(select(. != ""))), retry_interval: "500ms", disable_update_check: true, encrypt: $secret.gossip,
      acl: {enabled: true, default_policy: "deny", enable_token_persistence: true}
    } | if $node | startswith("consul-") then .server = true | .bootstrap_expect = $expect
        | .ports = {serf_wan: -1, grpc: -1, grpc_tls: -1} | .connect.enabled = true | .auto_encrypt.allow_tls = true
        | .ui_config.enabled = true | .performance.raft_multiplier = 1
        | .acl.tokens = {agent: $secret.tokens["server-agent"], initial_management: $secret.tokens.management, default: $secret.tokens.discovery}
        | .tls = {defaults: {ca_file: "/etc/consul.d/ca.pem", cert_file: "/etc/consul.d/server.pem", key_file: "/etc/consul.d/server.key",
            verify_incoming: true, verify_outgoing: true}, internal_rpc: {verify_server_hostname: true}}
      else .server = false | .ports = {dns: 53, grpc: -1, grpc_tls: -1} | .addresses = {dns: "127.0.0.1 172.17.0.1", http: "127.0.0.1 172.17.0.1"}
        | (if $node | startswith("managers-") then "manager" else "worker" end) as $role
        | .services = (if $role == "manager" then [service("docker-api"; 2376), service("swarm-manager"; 2377)] else [] end)
        | .advertise_reconnect_timeout = "1h0m0s" | .auto_encrypt.tls = true | .leave_on_terminate = false
        | $secret.tokens["\($role)-agent"] as $agent
        | .acl.tokens = {agent: $agent, dns: $secret.tokens.discovery, config_file_service_registration: $agent}
        | .tls = {defaults: {ca_file: "/etc/consul.d/ca.pem", verify_outgoing: true}, internal_rpc: {verify_incoming: true, verify_server_hostname: true}}
      end' secrets.json
}

server() {
  connected "$1"
  secrets_made
  on "$1" booted "$CONSUL_IMAGE" ';' agent "$1" "$CONSUL_IMAGE" "$(secret management)" "$(<consul-ca.pem)" "$(configuration "$1")" \
    "$(<consul.pem)" "$(<consul.key)"
}

consul() {
  each server "${servers[@]}"
  on "${servers[0]}" access_control "$(<policies.json)" "$(<tokens.json)" "$(jq .tokens secrets.json)"
  note consul
}

manager() {
  connected "$1"
  secrets_made
  on "$1" booted ';' swarm_api "${address[$1]}" "$(<swarm-ca.pem)" "$(<swarm.pem)" "$(<swarm.key)" ';' booted "$CONSUL_IMAGE"
}

swarm() {
  each manager "${managers[@]}"
  on "${managers[0]}" start_swarm "${address[${managers[0]}]}" "$OVERLAY_POOL" >swarm
  mapfile -t swarm <swarm
  each joins_as_manager "${managers[@]:1}"
  note managers
}
joins_as_manager() { on "$1" join_swarm "${address[$1]}" "${swarm[2]}" "${address[${managers[0]}]}"; }

worker() {
  connected "$1"
  on "$1" booted "$CONSUL_IMAGE" "$REGISTRATOR_IMAGE" "$DEMO_IMAGE"
}
joins_as_worker() { on "$1" join_swarm "${address[$1]}" "${swarm[1]}" "${address[${managers[0]}]}"; }

# clients and their agents: of them, servers know nothing before their tokens are there.
client_of_manager() { on "$1" agent "$1" "$CONSUL_IMAGE" "$(secret swarm-manager)" "$(<consul-ca.pem)" "$(configuration "$1")"; }
client_of_worker() {
  on "$1" agent "$1" "$CONSUL_IMAGE" "$(secret swarm-worker)" "$(<consul-ca.pem)" "$(configuration "$1")" ';' \
    registrator "$REGISTRATOR_IMAGE" "$(secret registrator)" "${address[$1]}"
}

client() { case $1 in managers-*) client_of_manager "$1" ;; *) client_of_worker "$1" ;; esac; }

clients() {
  local starting
  each client "${managers[@]}" "${workers[@]}" &
  starting=$!
  on "${servers[0]}" publish azswarm/swarm/worker/managers/cluster "${swarm[0]}" azswarm/swarm/worker/managers/token "${swarm[1]}" \
    azswarm/swarm/manager/managers/token "${swarm[2]}" ';' voters "${#servers[@]}" ';' catalogued "${servers[@]}" "${managers[@]}" "${workers[@]}"
  wait "$starting"
  note agents
}

{
  printf 'Host *\n  ControlMaster auto\n  ControlPath %s/%%h\n  ControlPersist 300\n\n' "$PWD"
  cat ssh_config
} >ssh.conf
trap disconnect EXIT
addresses=
for node in "${managers[@]}"; do addresses+="${address[$node]} "; done
exec 9>secrets.lock
flock 9
# shellcheck disable=SC2046 # names
"$here/secrets.sh" "$addresses" "$(<public)" management $(jq -r 'keys[]' tokens.json) &
secrets=$!
exec 9>&-
connected bastion

consul &
consul=$!
each worker "${workers[@]}" &
prepared=$!
swarm
wait "$secrets"
wait "$prepared"
each joins_as_worker "${workers[@]}"
wait "$consul"
clients &
clients=$!
on "${managers[0]}" tiers "$LABEL" "${#workers[@]}"
note workers
on "${managers[0]}" demo "$DEMO_NETWORK" "$DEMO_IMAGE" "${workers[0]}" "${workers[1]}"
note demo
wait "$clients"
