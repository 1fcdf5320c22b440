# shellcheck shell=bash
# This node as a worker of the standalone Swarm: its engine keeps overlay networks in Consul, and `swarm join` announces it
# to the managers there.

# has_key KEY: the key is in Consul.
has_key() { consul GET "/v1/kv/$1?raw" </dev/null >/dev/null 2>&1 || { say "no $1 in Consul"; return 1; }; }

# join_as_worker: the managers can find this node and use its engine.
join_as_worker() {
  ensure_engine
  await 180 "Consul agent on $NODE beside the engine" consul_answers
  await 180 "engine of $NODE in the cluster store" has_key "docker/nodes/$ADDRESS:2376"
  ensure_image "$SWARM_IMAGE"
  printf 'CONSUL_HTTP_TOKEN=%s\n' "$(secret classic-join)" | put /etc/azswarm/swarm-join.env 0600 || true
  # What is announced lives as long as a session of half the ttl, of which Consul takes no less than 10 s.
  ensure_container swarm_join "$(sha256sum </etc/azswarm/swarm-join.env)" \
    --network host --env-file /etc/azswarm/swarm-join.env \
    "$SWARM_IMAGE" join --advertise "$ADDRESS:2376" --heartbeat 10s --ttl 30s consul://127.0.0.1:8500
  await 120 "Swarm worker $NODE: announce it" has_key "docker/swarm/nodes/$ADDRESS:2376"
  say "Swarm worker $NODE joined"
}
