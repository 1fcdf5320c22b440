# shellcheck shell=bash
# The managers' image caches as mirrors of Docker Hub, for a worker's engine. It asks them in turn, and Docker Hub itself where
# none answers.

ENGINE_CONFIG=${ENGINE_CONFIG:-/etc/docker}
MIRRORS_STAMP=${MIRRORS_STAMP:-/var/lib/azswarm/image-mirrors}

# trust_mirrors: the engine takes the caches' authority for the caches alone.
trust_mirrors() {
  local file host
  for file in "$ENGINE_CONFIG"/certs.d/*/azswarm.crt; do
    host=$(basename "$(dirname "$file")")
    [[ " ${IMAGE_MIRRORS:-}" == *" https://$host/"* ]] || { rm -f "$file"; rmdir "$(dirname "$file")" 2>/dev/null || true; }
  done
  for host in ${IMAGE_MIRRORS:-}; do
    host=${host#https://}
    secret imageCacheCa | put "$ENGINE_CONFIG/certs.d/${host%/}/azswarm.crt" 0644 || true
  done
}

# configure_mirrors LIST: the engine's configuration has that list, or with null none. cloud-init has written the rest.
configure_mirrors() {
  local text
  text=$(jq --argjson mirrors "$1" 'if $mirrors then ."registry-mirrors" = $mirrors else del(."registry-mirrors") end' \
    "$ENGINE_CONFIG/daemon.json") || die "$ENGINE_CONFIG/daemon.json on $NODE: is no JSON"
  put "$ENGINE_CONFIG/daemon.json" 0644 <<<"$text" || true
}

# asks_mirrors LIST: the running engine asks these.
asks_mirrors() {
  local have
  have=$(docker info --format '{{range .RegistryConfig.Mirrors}}{{.}} {{end}}') || return 1
  [ "${have% }" = "$1" ] || { say "it asks ${have:-none}"; return 1; }
}

# reload_mirrors LIST: an engine with a configuration of its own, made from this one, is restarted for it later.
reload_mirrors() {
  if declare -F has_own_configuration >/dev/null && has_own_configuration; then return 0; fi
  asks_mirrors "$1" >/dev/null || systemctl reload docker.service
  await 60 "image caches as mirrors of the engine on $NODE" asks_mirrors "$1"
}

# ensure_mirrors: the engine asks the caches. Without any, what an earlier run has configured goes, and nothing else.
ensure_mirrors() {
  local mirrors=${IMAGE_MIRRORS:-}
  [ -n "$mirrors" ] || [ -e "$MIRRORS_STAMP" ] || return 0
  put "$MIRRORS_STAMP" 0600 <<<"$mirrors" || true
  trust_mirrors
  # An engine that is reloaded without a list keeps the one it has: it goes when there is an empty one.
  configure_mirrors "$(jq --raw-input 'split(" ")' <<<"$mirrors")"
  reload_mirrors "$mirrors"
  [ -z "$mirrors" ] || return 0
  configure_mirrors null
  rm -f "$MIRRORS_STAMP"
}
