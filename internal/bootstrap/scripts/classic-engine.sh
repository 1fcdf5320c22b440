# shellcheck shell=bash
# The engine that classic workers need: with the Consul cluster store, which Docker's own 20.10 has, distributions leave out,
# and Docker removed in 23.0. It uses the distribution's containerd and runc where these run, as its unit does.

ENGINES=${ENGINES:-/opt/azswarm/engines}

# check_engine DIRECTORY: the engine there can keep its overlay networks in Consul, or the reason why it is not used.
check_engine() {
  local version text=$1/dockerd
  [ -x "$text" ] || die "$ENGINE_URL: is no archive of a Docker engine: it has no docker/dockerd"
  version=$("$text" --version 2>&1) || die "$ENGINE_URL: its dockerd does not run on $NODE: $version"
  [[ $version =~ ^Docker\ version\ ([0-9]+)\.([0-9]+) ]] || die "$ENGINE_URL: its dockerd calls itself $version; must be a Docker version of 20.10 or older"
  if ((BASH_REMATCH[1] > 20 || BASH_REMATCH[1] == 20 && BASH_REMATCH[2] > 10)); then
    die "$ENGINE_URL: is $version; must be 20.10 or older: Docker removed the cluster store in 23.0"
  fi
  # Go keeps the names of all packages that are linked in.
  grep --quiet --text --fixed-strings docker/libkv/store/consul "$text" ||
    die "$ENGINE_URL: is $version without the Consul cluster store, as distributions build it; must be Docker's own archive"
}

fetch_engine() {
  curl --silent --show-error --fail --location --proto =https --max-time 600 --output "$1" "$ENGINE_URL"
}

# ensure_archive DIRECTORY: the archive's programs are there. Nothing of an archive is used, or even unpacked, before its
# checksum is right.
ensure_archive() {
  local dir=$1 work sum
  [ ! -d "$dir" ] || return 0
  rm -rf "$ENGINES"/unfinished.*
  mkdir -p "$ENGINES"
  chmod 0755 "$ENGINES"
  work=$(mktemp -d "$ENGINES/unfinished.XXXXXX")
  await 300 "download $ENGINE_URL" fetch_engine "$work/archive"
  sum=$(sha256sum <"$work/archive")
  sum=${sum%% *}
  [ "$sum" = "$ENGINE_SHA256" ] || die "$ENGINE_URL: has the SHA-256 $sum; must be $ENGINE_SHA256"
  tar --extract --gzip --no-same-owner --directory "$work" --file "$work/archive"
  check_engine "$work/docker"
  mv "$work/docker" "$dir"
  rm -rf "$work"
}

# has_own_configuration: it is that engine. A reload would make it forget the cluster store, which is on its command line only.
has_own_configuration() { [ -e "${ENGINE_CONFIG:-/etc/docker}/classic.json" ]; }

# ensure_engine: docker.service is that engine, on its socket and, with mutual TLS, on this node's address.
ensure_engine() {
  local dir=$ENGINES/${ENGINE_SHA256:0:16} tls=/etc/docker/tls
  ensure_archive "$dir"
  ensure_tls "$tls"
  printf 'CONSUL_HTTP_TOKEN=%s\n' "$(secret classic-engine)" | put /etc/azswarm/engine.env 0600 || true
  # What cloud-init wrote, the node's Consul agent as containers' DNS included, and the labels that constraints refer to.
  jq --argjson labels "$LABELS" '.labels = ($labels | to_entries | map("\(.key)=\(.value)"))' /etc/docker/daemon.json |
    put /etc/docker/classic.json 0644 || true
  # The agent that it keeps its networks with is a container of its own: it starts without an answer, and asks again.
  # Containers outlive its restarts.
  ensure_unit docker-api "$tls"/* /etc/azswarm/engine.env /etc/docker/classic.json <<EOF
[Service]
EnvironmentFile=/etc/azswarm/engine.env
Environment=PATH=$dir:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ExecStart=
ExecStart=$dir/dockerd --config-file=/etc/docker/classic.json --live-restore -H fd:// -H tcp://$ADDRESS:2376 --tlsverify --tlscacert=$tls/ca.pem --tlscert=$tls/server.pem --tlskey=$tls/server.key --cluster-store=consul://127.0.0.1:8500 --cluster-advertise=$ADDRESS:2376 --cluster-store-opt discovery.heartbeat=10 --cluster-store-opt discovery.ttl=30
EOF
  find "$ENGINES" -mindepth 1 -maxdepth 1 ! -path "$dir" -exec rm -rf {} +
}
