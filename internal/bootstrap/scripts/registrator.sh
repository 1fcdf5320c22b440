# shellcheck shell=bash
# Registrator on a worker: published ports of its containers become services of its Consul agent.

ensure_registrator() {
  # The token goes through a root-only file: an argument would show in the process list.
  printf 'CONSUL_HTTP_TOKEN=%s\n' "$(secret registrator)" | put /etc/azswarm/registrator.env 0600 || true
  ensure_image "$REGISTRATOR_IMAGE"
  ensure_container registrator "$(sha256sum </etc/azswarm/registrator.env)" \
    --network host --volume /run/docker.sock:/tmp/docker.sock --env-file /etc/azswarm/registrator.env \
    "$REGISTRATOR_IMAGE" -ip "$ADDRESS" -resync 30 -cleanup -retry-attempts -1 consul://127.0.0.1:8500
}
