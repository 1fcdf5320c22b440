# shellcheck shell=bash
# This node as a manager of the standalone Swarm. Managers elect a primary through Consul; the others, its replicas, forward
# to it what clients ask them. Whether they found each other is asked from the bastion.

manager_listens() {
  timeout 2 bash -c "</dev/tcp/$ADDRESS/4000" 2>/dev/null || { docker logs --tail 1 swarm_manager 2>&1; return 1; }
}

# join_as_manager: the node serves the Swarm's API to clients with a certificate of the Swarm's own CA.
join_as_manager() {
  local tls=/etc/azswarm/swarm-tls
  ensure_tls "$tls"
  printf 'CONSUL_HTTP_TOKEN=%s\n' "$(secret classic-manage)" | put /etc/azswarm/swarm-manage.env 0600 || true
  ensure_image "$SWARM_IMAGE"
  # Its certificate is a client's as well: of the workers' engines, and of the primary.
  ensure_container swarm_manager "$(cat "$tls"/* /etc/azswarm/swarm-manage.env | sha256sum)" \
    --network host --env-file /etc/azswarm/swarm-manage.env --volume "$tls:/tls:ro" \
    "$SWARM_IMAGE" manage --replication --advertise "$ADDRESS:4000" --heartbeat 10s --host "tcp://$ADDRESS:4000" \
    --tlsverify --tlscacert /tls/ca.pem --tlscert /tls/server.pem --tlskey /tls/server.key consul://127.0.0.1:8500
  await 120 "Swarm manager $NODE" manager_listens
  say "Swarm manager $NODE is up"
}
