# shellcheck shell=bash
# The Consul agent of this node, server or client, as a container on the host's network.

ensure_consul_files() {
  secret ca | put /etc/consul.d/ca.pem 0644 || true
  if [ "$CONSUL_SERVER" = true ]; then
    secret certificate | put /etc/consul.d/server.pem 0644 || true
    secret key | put /etc/consul.d/server.key 0600 || true
  fi
  printf 'X-Consul-Token: %s\n' "$(secret token)" | put /etc/azswarm/consul.header 0600 || true
  secret token | put /etc/azswarm/consul.token 0600 || true
  mkdir -p /var/lib/consul
  # Secrets are joined in by jq from its standard input; CONSUL_CONFIG has none.
  jq --argjson config "$CONSUL_CONFIG" --argjson recursors "$(recursors)" '
    . as $secret | $config
    | .encrypt = $secret.gossip
    | .acl.tokens.agent = $secret.agent
    | if .server then
        .acl.tokens.initial_management = $secret.management
        | .acl.tokens.default = $secret.discovery
      else
        # Containers reach this agent: without a token they get names from DNS, and nothing from the API.
        .recursors = $recursors
        | .acl.tokens.dns = $secret.discovery
        | .acl.tokens.config_file_service_registration = $secret.agent
      end' <<<"$SECRETS" | put /etc/consul.d/consul.json 0600 || true
}

# Where the agent sends names that are not Consul's: what this machine itself asks.
recursors() {
  awk '$1 == "nameserver" && $2 !~ /:/ { print $2 }' /etc/resolv.conf | jq --raw-input --slurp 'split("\n") | map(select(. != ""))'
}

# What a restart is needed for. Addresses to join and the expected count only matter to an agent that starts anyway,
# so adding a server restarts none of the others.
consul_fingerprint() {
  {
    jq --sort-keys 'del(.retry_join, .bootstrap_expect)' /etc/consul.d/consul.json
    cat /etc/consul.d/*.pem
  } | sha256sum
}

# alone: what a killed update left running here ends before this run changes anything.
alone() {
  exec 9>/run/lock/azswarm-join
  flock --wait 600 9 || die "another run is still at work on $NODE"
}

ensure_consul() {
  ensure_image "$CONSUL_IMAGE"
  ensure_consul_files
  # The entrypoint is named so that the image's own start script, which differs between builds, plays no part.
  ensure_container consul "$(consul_fingerprint)" \
    --network host --hostname "$NODE" \
    --volume /etc/consul.d:/etc/consul.d:ro --volume /var/lib/consul:/var/lib/consul \
    --entrypoint /bin/consul "$CONSUL_IMAGE" agent -config-dir=/etc/consul.d
  await 180 "Consul agent on $NODE" consul_answers
  [ "$CONSUL_SERVER" = true ] || ensure_consul_keeper
}

# consul_answers: a client knows the leader; a server answers, as it may be the first of several to come up.
consul_answers() {
  local leader
  leader=$(consul GET /v1/status/leader </dev/null) || {
    [ "$CONSUL_SERVER" = true ] && [[ $leader == *'No cluster leader'* ]] && return 0
    say "${leader:-no answer}"
    return 1
  }
  [ "$CONSUL_SERVER" = true ] || [ "$leader" != '""' ] || { say 'no leader elected'; return 1; }
}
