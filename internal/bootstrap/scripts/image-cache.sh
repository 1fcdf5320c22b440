# shellcheck shell=bash
# The cache of container images on a manager: what workers pull from Docker Hub is fetched from there once, and kept for a week.

CACHE_DIR=${CACHE_DIR:-/etc/azswarm/image-cache}

# cache_config: clients can only read what upstream has; to delete is for the cache itself, when a week is over.
cache_config() {
  jq --null-input --arg address "$ADDRESS:5000" --arg dir "$CACHE_DIR" --arg upstream "$IMAGE_UPSTREAM" '{
    version: "0.1",
    log: {level: "error", accesslog: {disabled: true}},
    storage: {filesystem: {rootdirectory: "/var/lib/registry"}, delete: {enabled: true}},
    http: {addr: $address, tls: {certificate: "\($dir)/server.pem", key: "\($dir)/server.key", minimumtls: "tls1.2"}},
    proxy: {remoteurl: $upstream}}'
}

# from_cache PATH: what the cache has there; what it lacks, it fetches.
from_cache() {
  local accept='application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json'
  accept+=', application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json'
  curl --silent --show-error --fail --max-time 300 --retry 3 --cacert "$CACHE_DIR/ca.pem" --header "Accept: $accept" \
    "https://$ADDRESS:5000/v2/$1"
}

cache_answers() {
  from_cache '' >/dev/null || { docker logs --tail 50 image_cache 2>&1 | grep --max-count 1 -e panic -e level=; return 1; }
}

# preload REPOSITORY/manifests/REFERENCE: all of that image is in the cache.
preload() {
  local repository=${1%/manifests/*} manifest digest blobs
  manifest=$(from_cache "$1") || return 1
  digest=$(jq -r 'first(.manifests[]? | select(.platform.os == "linux" and .platform.architecture == "amd64") | .digest) // empty' <<<"$manifest") ||
    return 1
  [ -z "$digest" ] || manifest=$(from_cache "$repository/manifests/$digest") || return 1
  blobs=$(jq -r '.config.digest, .layers[].digest' <<<"$manifest") || return 1
  for digest in $blobs; do
    from_cache "$repository/blobs/$digest" >/dev/null || return 1
  done
}

# remove_image_cache: of a cluster that had one.
remove_image_cache() {
  [ -d "$CACHE_DIR" ] || return 0
  docker rm --force image_cache >/dev/null 2>&1 || true
  docker volume rm --force azswarm-image-cache >/dev/null
  rm -rf "$CACHE_DIR"
}

# ensure_image_cache: the cache serves workers, and has what azswarm itself runs on them: all of them ask for that at the same
# time, and for what is not there yet the cache asks once for each.
ensure_image_cache() {
  local image
  [ -n "${IMAGE_CACHE:-}" ] || { remove_image_cache; return; }
  secret imageCacheCa | put "$CACHE_DIR/ca.pem" 0644 || true
  secret imageCacheCertificate | put "$CACHE_DIR/server.pem" 0644 || true
  secret imageCacheKey | put "$CACHE_DIR/server.key" 0600 || true
  cache_config | put "$CACHE_DIR/config.yml" 0644 || true
  ensure_image "$IMAGE_CACHE"
  # It trusts what this machine trusts. Where memory is short, it goes before the engine and Consul do. The entrypoint is named
  # so that the image's own start script, which differs between versions, plays no part.
  ensure_container image_cache "$(cat "$CACHE_DIR"/* | sha256sum)" \
    --network host --read-only --cap-drop ALL --security-opt no-new-privileges --oom-score-adj 500 \
    --volume "$CACHE_DIR:$CACHE_DIR:ro" --volume /etc/ssl/certs:/etc/ssl/certs:ro --volume azswarm-image-cache:/var/lib/registry \
    --entrypoint /bin/registry "$IMAGE_CACHE" serve "$CACHE_DIR/config.yml"
  await 120 "image cache on $NODE" cache_answers
  for image in $IMAGE_PRELOAD; do
    preload "$image" || say "image cache on $NODE: $image is left for workers to ask for"
  done
}
