# shellcheck shell=bash
# What a machine does, as root. The calls follow this text on standard input, and secrets are in them, so that none is on a command line.

set -euo pipefail
umask 077

all() { local job; for job in $(jobs -p); do wait "$job"; done; }

# api METHOD PATH: this node's agent, with the token of its role; the body comes on standard input.
api() {
  curl --silent --show-error --fail-with-body --max-time 15 --request "$1" --header @/etc/azswarm/consul.header --data-binary @- "http://127.0.0.1:8500$2"
}

# until_so COMMAND...: it is asked five times a second, for up to three minutes.
until_so() {
  local begun=$SECONDS
  until "$@" >/dev/null 2>&1; do
    [ $((SECONDS - begun)) -lt 180 ] || { echo "not so after 180 s: $*" >&2; return 1; }
    sleep 0.2
  done
}

# booted IMAGES...: the machine is there, and its images are.
booted() {
  local image
  cloud-init status --wait >/dev/null || [ $? = 2 ]
  until_so docker version
  for image; do docker pull --quiet "$image" >/dev/null & done
  all
}

# agent NODE IMAGE TOKEN AUTHORITY CONFIGURATION [CERTIFICATE KEY]: an agent of Consul runs.
agent() {
  mkdir -p /etc/azswarm /etc/consul.d /var/lib/consul
  printf 'X-Consul-Token: %s\n' "$3" >/etc/azswarm/consul.header
  printf '%s\n' "$4" >/etc/consul.d/ca.pem
  [ $# = 5 ] || { printf '%s\n' "$6" >/etc/consul.d/server.pem; printf '%s\n' "$7" >/etc/consul.d/server.key; }
  awk '$1 == "nameserver" && $2 !~ /:/ { print $2 }' /etc/resolv.conf | jq --raw-input --slurp --slurpfile config <(printf %s "$5") '
    split("\n") | map(select(. != "")) as $recursors | $config[0] | if .server then . else .recursors = $recursors end' >/etc/consul.d/consul.json
  docker run --detach --name consul --restart always --network host --hostname "$1" --log-opt max-size=10m --log-opt max-file=3 \
    --volume /etc/consul.d:/etc/consul.d:ro --volume /var/lib/consul:/var/lib/consul \
    --entrypoint /bin/consul "$2" agent -config-dir=/etc/consul.d >/dev/null
}

# access_control POLICIES TOKENS SECRETS: on a server, policies and tokens are there.
access_control() {
  local name
  until_so acl_answers
  for name in $(jq -r 'keys[]' <<<"$1"); do policy "$name" "$1" & done
  all
  for name in $(jq -r 'keys[]' <<<"$2"); do token "$name" "$2" "$3" & done
  all
}
policy() { jq --arg name "$1" '{Name: $name, Rules: .[$name]}' <<<"$2" | api PUT /v1/acl/policy >/dev/null; }
token() {
  jq --arg name "$1" --slurpfile secrets <(printf %s "$3") \
    '{SecretID: $secrets[0][$name], Description: "azswarm \($name)", Policies: (.[$name] | map({Name: .}))}' <<<"$2" | api PUT /v1/acl/token >/dev/null
}
acl_answers() { api GET /v1/acl/policies </dev/null; }

# voters COUNT: so many servers are healthy voters.
voters() { until_so voters_now "$1"; }
voters_now() { api GET /v1/operator/autopilot/health </dev/null | jq --exit-status --argjson count "$1" '[.Servers[] | select(.Healthy and .Voter)] | length == $count'; }

# catalogued NODES...: all are alive, and in the catalog.
catalogued() { until_so catalogued_now "$@"; }
catalogued_now() {
  { api GET /v1/agent/members </dev/null; api GET /v1/catalog/nodes </dev/null; } | jq --slurp --exit-status --arg nodes "$*" '
    ($nodes | split(" ")) as $wanted | $wanted - [.[0][] | select(.Status == 1).Name] == [] and $wanted - [.[1][].Node] == []'
}

# publish KEY VALUE [KEY VALUE]...
publish() {
  while [ $# -gt 0 ]; do
    printf %s "$2" | api PUT "/v1/kv/$1" >/dev/null
    shift 2
  done
}

# swarm_api ADDRESS AUTHORITY CERTIFICATE KEY: the engine takes clients with a certificate.
swarm_api() {
  local dir=/etc/docker/tls
  mkdir -p "$dir" /etc/systemd/system/docker.service.d
  printf '%s\n' "$2" >"$dir/ca.pem"
  printf '%s\n' "$3" >"$dir/server.pem"
  printf '%s\n' "$4" >"$dir/server.key"
  printf '[Service]\nExecStart=\nExecStart=%s -H fd:// -H tcp://%s:2376 --tlsverify --tlscacert=%s --tlscert=%s --tlskey=%s\n' \
    "$(command -v dockerd)" "$1" "$dir/ca.pem" "$dir/server.pem" "$dir/server.key" >/etc/systemd/system/docker.service.d/azswarm-api.conf
  systemctl daemon-reload
  systemctl restart docker.service
}

# start_swarm ADDRESS POOL: prints the Swarm's id and its join tokens, the workers' first.
start_swarm() {
  docker swarm init --advertise-addr "$1" --listen-addr "$1:2377" --data-path-addr "$1" --default-addr-pool "$2" --default-addr-pool-mask-length 24 >/dev/null
  docker info --format '{{.Swarm.Cluster.ID}}'
  docker swarm join-token --quiet worker
  docker swarm join-token --quiet manager
}

# join_swarm ADDRESS TOKEN MANAGER: the token goes in a request body, as a command line would show it.
join_swarm() {
  jq --null-input --rawfile token <(printf %s "$2") --arg ip "$1" --arg manager "$3:2377" \
    '{ListenAddr: "\($ip):2377", AdvertiseAddr: $ip, DataPathAddr: $ip, JoinToken: $token, RemoteAddrs: [$manager]}' |
    curl --silent --show-error --fail-with-body --unix-socket /run/docker.sock --header 'Content-Type: application/json' --data-binary @- http://docker/swarm/join
}

# tiers LABEL COUNT: on a manager, managers run no applications, and so many workers are ready and have the label.
tiers() {
  local node
  until_so ready_now "$2"
  for node in $(docker node ls --quiet --filter role=manager); do docker node update --availability drain "$node" >/dev/null & done
  for node in $(docker node ls --quiet --filter role=worker); do docker node update --label-add "$1" "$node" >/dev/null & done
  all
}
ready_now() { [ "$(docker node ls --filter role=worker --format '{{.Status}}' | grep --count Ready)" = "$1" ]; }

# registrator IMAGE TOKEN ADDRESS
registrator() {
  printf 'CONSUL_HTTP_TOKEN=%s\n' "$2" >/etc/azswarm/registrator.env
  docker run --detach --name registrator --restart always --network host --log-opt max-size=10m --log-opt max-file=3 \
    --volume /run/docker.sock:/tmp/docker.sock --env-file /etc/azswarm/registrator.env \
    "$1" -ip "$3" -resync 30 -cleanup -retry-attempts -1 consul://127.0.0.1:8500 >/dev/null
}

# demo NETWORK IMAGE SERVER CLIENT: two services on two workers, and both run.
demo() {
  docker network create --driver overlay --attachable "$1" >/dev/null
  docker service create --detach --quiet --name nginx_test --network "$1" --constraint "node.hostname==$3" --endpoint-mode dnsrr \
    --publish mode=host,target=80,published=8000 "$2" >/dev/null &
  docker service create --detach --quiet --name client_test --network "$1" --constraint "node.hostname==$4" --endpoint-mode dnsrr \
    --entrypoint sleep "$2" infinity >/dev/null &
  all
  until_so running_now nginx_test
  until_so running_now client_test
}
running_now() { docker service ps --filter desired-state=running --format '{{.CurrentState}}' "$1" | grep '^Running'; }
