# shellcheck shell=bash
# The Docker engine as a service that clients reach over the network, with mutual TLS.

# ensure_tls DIRECTORY: what to serve the Docker API with, for root only.
ensure_tls() {
  secret dockerCa | put "$1/ca.pem" 0644 || true
  secret dockerCertificate | put "$1/server.pem" 0644 || true
  secret dockerKey | put "$1/server.key" 0600 || true
}

# ensure_unit STAMP FILES...: docker.service runs as the unit's text on standard input says, restarted if that or any of the
# files changed.
ensure_unit() {
  local applied=/var/lib/azswarm/$1 unit=/etc/systemd/system/docker.service.d/azswarm-api.conf want
  shift
  put "$unit" 0644 || true
  # The stamp is written after the restart, so a run killed in between restarts again.
  want=$(cat "$@" "$unit" | sha256sum)
  [ "$(cat "$applied" 2>/dev/null)" != "$want" ] || return 0
  systemctl daemon-reload
  systemctl restart docker.service
  await 60 "Docker engine on $NODE after its restart" docker version
  put "$applied" 0600 <<<"$want" || true
}
