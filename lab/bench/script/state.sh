#!/bin/bash
# Prints, as root on a machine of a cluster, what state it is in: the same for two clusters that are in the same one. No ids, no times
# and no secrets.
set -euo pipefail

consul() { curl --silent --show-error --fail --max-time 15 --header @/etc/azswarm/consul.header "http://127.0.0.1:8500$1"; }

consul /v1/agent/self | jq --compact-output '{
  node: .Config.NodeName, server: .Config.Server, version: .Config.Version, encrypted: .Stats.serf_lan.encrypted,
  acl: .DebugConfig.ACLsEnabled, policy: .DebugConfig.ACLResolverSettings.ACLDefaultPolicy, tokens: .DebugConfig.ACLTokens | (. // {} | keys),
  auto_encrypt: [.DebugConfig.AutoEncryptTLS, .DebugConfig.AutoEncryptAllowTLS], connect: .DebugConfig.ConnectEnabled,
  tls: .DebugConfig.TLS | {InternalRPC, HTTPS} | map_values({VerifyIncoming, VerifyOutgoing, VerifyServerHostname}),
  dns: .DebugConfig.DNSAddrs, http: .DebugConfig.HTTPAddrs, reconnect: .DebugConfig.AdvertiseReconnectTimeout}'
curl --silent --output /dev/null --write-out 'without a token: %{http_code}\n' http://127.0.0.1:8500/v1/agent/self
docker ps --format '{{.Names}} {{.Image}}' | grep --extended-regexp '^(consul|registrator) ' | sort

case $(hostname) in
consul-0)
  consul /v1/operator/autopilot/health | jq --raw-output '.Servers | sort_by(.Name)[] | "server \(.Name) healthy=\(.Healthy) voter=\(.Voter)"'
  consul /v1/acl/policies | jq --raw-output 'sort_by(.Name)[].Name | select(startswith("azswarm-"))' | while read -r name; do
    consul "/v1/acl/policy/name/$name" | jq --compact-output '[.Name, .Rules]'
  done
  consul /v1/acl/tokens | jq --compact-output 'map([.Policies // [] | .[].Name] | sort) | sort[]'
  consul /v1/catalog/nodes | jq --compact-output 'map("\(.Node) \(.Address)") | sort'
  consul /v1/catalog/services | jq --compact-output 'keys'
  consul '/v1/kv/azswarm/swarm?keys' | jq --compact-output 'map(select(endswith("/lock") | not)) | sort'
  ;;
managers-*)
  tr '\0' ' ' <"/proc/$(pidof dockerd)/cmdline"
  echo
  docker info --format '{{json .Swarm.Cluster.DefaultAddrPool}} {{.Swarm.Cluster.SubnetSize}}'
  # shellcheck disable=SC2046 # ids
  docker node inspect $(docker node ls --quiet) | jq --compact-output 'map([.Description.Hostname, .Spec.Role, .Spec.Availability, .Spec.Labels, .Status.State]) | sort[]'
  docker network ls --filter driver=overlay --format '{{.Name}}' | sort | while read -r network; do
    docker network inspect "$network" | jq --compact-output '.[0] | [.Name, .Attachable, .Internal]'
  done
  # shellcheck disable=SC2046 # ids
  docker service inspect $(docker service ls --quiet) | jq --compact-output 'map([.Spec.Name, (.Spec.TaskTemplate.ContainerSpec.Image | split("@")[0]),
    (.Spec.TaskTemplate.ContainerSpec | (.Command // []) + (.Args // [])), .Spec.TaskTemplate.Placement.Constraints,
    .Spec.EndpointSpec.Mode, [.Spec.EndpointSpec.Ports // [] | .[] | [.TargetPort, .PublishedPort, .PublishMode]]]) | sort[]'
  docker service ls --format '{{.Name}} {{.Replicas}}' | sort
  ;;
esac
