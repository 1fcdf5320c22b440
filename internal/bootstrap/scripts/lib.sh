# shellcheck shell=bash
# What every script on a node shares. Parameters come as variables set above this text; secrets come as one JSON
# object, a line of standard input, so that none is ever on a command line.

set -euo pipefail
umask 077

IFS= read -r SECRETS

say() { printf '%s\n' "$*"; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# main CALL: run CALL. Where it fails, the reason is what is printed first: what came before it follows.
main() {
  local status output
  output=$(mktemp)
  set +e # or the call would run without it, too
  (set -e && eval "$1") >"$output" 2>&1
  status=$?
  set -e
  if [ "$status" = 0 ]; then
    cat "$output"
  else
    awk '{ line[NR] = $0 } /^error: / { reason = NR }
      END {
        if (!reason) reason = NR
        for (i = reason; i <= NR; i++) print line[i]
        for (i = 1; i < reason; i++) print line[i]
      }' "$output" >&2
  fi
  rm -f "$output"
  return "$status"
}

# secret NAME: the value of one secret; empty where there is none.
secret() { jq -r --arg name "$1" '.[$name] // empty' <<<"$SECRETS"; }

# await SECONDS WHAT COMMAND...: run COMMAND until it succeeds; its last message says what is missing. What takes long is asked for less
# often, up to every 4 seconds: asking keeps machines from what they are asked for.
await() {
  local seconds=$1 what=$2 begun=$SECONDS last
  shift 2
  until last=$("$@" 2>&1); do
    [ "$((SECONDS - begun))" -lt "$seconds" ] || die "$what: not so after ${seconds}s: ${last:-no message}"
    sleep "$((SECONDS - begun < 45 ? 1 + (SECONDS - begun) / 15 : 4))"
  done
}

# put FILE MODE: write standard input to FILE if it differs. Succeeds if the file changed.
put() {
  local file=$1 mode=$2 new
  mkdir -p "$(dirname "$file")"
  new=$(mktemp "$file.XXXXXX")
  cat >"$new"
  chmod "$mode" "$new"
  if [ -f "$file" ] && cmp -s "$new" "$file"; then
    rm -f "$new"
    return 1
  fi
  mv -f "$new" "$file"
}

# engine METHOD PATH: call this node's Docker API; a request body comes on standard input. It has ENGINE_SECONDS to answer.
engine() {
  curl --silent --show-error --fail-with-body --max-time "${ENGINE_SECONDS:-600}" --unix-socket /run/docker.sock \
    --request "$1" --header 'Content-Type: application/json' --data-binary @- "http://docker$2"
}

# consul METHOD PATH: call this node's Consul agent with the token of this node's role; it has CONSUL_SECONDS to answer.
consul() {
  curl --silent --show-error --fail-with-body --max-time "${CONSUL_SECONDS:-15}" --request "$1" \
    --header @/etc/azswarm/consul.header --data-binary @- "http://127.0.0.1:8500$2"
}

# kv_read KEY: what Consul has there, empty where there is nothing. A Consul that does not answer is no sign of there being nothing:
# whoever took it for one would start a second Swarm.
kv_read() {
  local answer
  answer=$(curl --silent --show-error --max-time 15 --header @/etc/azswarm/consul.header --write-out '\n%{http_code}' \
    "http://127.0.0.1:8500/v1/kv/$1?raw&consistent") || { say "$answer"; return 1; }
  case ${answer##*$'\n'} in
  200) printf %s "${answer%$'\n'*}" ;;
  404) ;;
  *) say "Consul says: $answer"; return 1 ;;
  esac
}

# ensure_container NAME FINGERPRINT ARGUMENTS...: run a container, anew if its fingerprint (what it was made from) or its
# arguments changed.
ensure_container() {
  local name=$1 fingerprint=$2 want have
  shift 2
  want=$(printf '%s\n' "$fingerprint" "$@" | sha256sum | cut -c1-32)
  have=$(docker container inspect --format '{{.State.Running}} {{index .Config.Labels "azswarm.fingerprint"}}' "$name" 2>/dev/null || true)
  case $have in
  "true $want") return 0 ;;
  "false $want")
    docker start "$name" >/dev/null
    return 0
    ;;
  '') ;;
  *) docker rm --force "$name" >/dev/null ;;
  esac
  docker run --detach --name "$name" --label "azswarm.fingerprint=$want" --restart always \
    --log-opt max-size=10m --log-opt max-file=3 "$@" >/dev/null
}

# ensure_service NAME PROGRAM DESCRIPTION: the program on standard input runs as a service of this machine, and from its boot on.
ensure_service() {
  local changed=false
  put "$2" 0700 && changed=true
  put "${UNITS:-/etc/systemd/system}/$1.service" 0644 <<EOF && changed=true
[Unit]
Description=$3
After=docker.service

[Service]
ExecStart=$2
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
EOF
  if [ "$changed" = true ]; then
    systemctl daemon-reload
    systemctl enable --quiet "$1.service"
    systemctl restart "$1.service"
  fi
  systemctl start "$1.service"
}

# ensure_image IMAGE: pull unless present; a registry that answers late is asked again.
ensure_image() {
  docker image inspect "$1" >/dev/null 2>&1 || await 300 "pull image $1" docker pull --quiet "$1"
}
