# shellcheck shell=bash
# What the bastion needs to ask members of the cluster for something. The operator's key stays in an agent in memory.

PEER_WORK=$(mktemp -d)
eval "$(ssh-agent -s)" >/dev/null
trap 'ssh-agent -k >/dev/null; rm -rf "$PEER_WORK"' EXIT
secret sshKey | ssh-add -q -
secret knownHosts >"$PEER_WORK/known_hosts"

# on ADDRESS FUNCTION ARGUMENTS...: run a function of this script, as root, on a machine. All functions go along, no
# variable does.
on() {
  local address=$1
  shift
  {
    printf 'set -euo pipefail\n'
    declare -f
    printf '%q ' "$@"
  } | ssh -o BatchMode=yes -o ConnectTimeout=5 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 \
    -o UserKnownHostsFile="$PEER_WORK/known_hosts" -o StrictHostKeyChecking=yes -o LogLevel=ERROR \
    "$ADMIN@$address" sudo -n bash
}

# on_any "ADDRESSES" FUNCTION ARGUMENTS...: run it on the first machine where it succeeds.
on_any() {
  local addresses=$1 address
  shift
  for address in $addresses; do
    on "$address" "$@" && return 0
  done
  return 1
}

# others ADDRESSES: the addresses but that of the node which a command is about.
others() {
  local address
  for address in $1; do
    [ "$address" = "$ADDRESS" ] || printf '%s ' "$address"
  done
}
