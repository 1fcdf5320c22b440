#!/bin/bash
# Prints, as root on a Consul server, who may do what: the rules by policy, and the policies by token, a JSON object in a line each.
set -euo pipefail
consul() { curl --silent --show-error --fail --max-time 15 --header @/etc/azswarm/consul.header "http://127.0.0.1:8500$1"; }

consul /v1/acl/policies | jq --raw-output '.[].Name | select(startswith("azswarm-"))' | while read -r name; do
  consul "/v1/acl/policy/name/$name"
done | jq --compact-output --slurp 'map({key: .Name, value: .Rules}) | from_entries'
consul /v1/acl/tokens | jq --compact-output '
  map(select(.Description | startswith("azswarm ")) | {key: .Description[8:], value: [.Policies[].Name]}) | from_entries'
