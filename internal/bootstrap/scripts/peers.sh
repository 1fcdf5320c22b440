# shellcheck shell=bash
# What the bastion needs to reach other machines. The operator's key stays in an agent in memory.

PEER_WORK=$(mktemp -d)
# Connections outlive the command that made them, for those that follow: a machine is connected to once in an update, not by every
# command. Only root gets at them.
PEER_SOCKETS=${PEER_SOCKETS:-/run/azswarm-ssh}
mkdir -p "$PEER_SOCKETS"
PEER=(-o BatchMode=yes -o ConnectTimeout=5 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o LogLevel=ERROR
  -o UserKnownHostsFile="$PEER_WORK/known_hosts" -o StrictHostKeyChecking=yes -o ControlPath="$PEER_SOCKETS/%h")
eval "$(ssh-agent -s)" >/dev/null
trap 'ssh-agent -k >/dev/null; rm -rf "$PEER_WORK"' EXIT
secret sshKey | ssh-add -q -
secret knownHosts >"$PEER_WORK/known_hosts"

# connect ADDRESS: there is a connection to the machine. Whoever comes while another makes it waits for that.
connect() {
  local status=0
  ! just_reached "$1" || return 0
  exec 7>"$PEER_SOCKETS/$1.lock"
  flock --wait 60 7 || true
  ensure_connection "$1" 7>&- 8>&- 9>&- || status=$? # what goes on in the background holds no lock
  exec 7>&-
  return "$status"
}

# just_reached ADDRESS: the machine answered this command over the connection there is, seconds ago.
just_reached() {
  local now reached=0
  [ -S "$PEER_SOCKETS/$1" ] && [ -e "$PEER_WORK/reached-$1" ] || return 1
  printf -v now '%(%s)T' -1
  read -r reached <"$PEER_WORK/reached-$1" || true
  [ "$((now - reached))" -lt 10 ]
}

# ensure_connection ADDRESS: one that an sshd drops, as it does while it boots or has too many, or that a machine refuses, is tried
# again; a machine that does not answer, or is another one, fails at once.
ensure_connection() {
  local attempt said=$PEER_WORK/said-$1
  # What is there already may lead to a machine that is no more. It goes on for whoever still waits for that.
  [ ! -S "$PEER_SOCKETS/$1" ] || ! timeout 10 ssh "${PEER[@]}" -o ControlMaster=no -o ProxyCommand=false "$ADMIN@$1" true </dev/null >/dev/null 2>&1 || return 0
  for attempt in 1 2 3 4 5 6 7 8; do
    rm -f "$PEER_SOCKETS/$1"
    # It goes on in the background: nobody may wait for the end of what it prints.
    ssh "${PEER[@]}" -o ControlMaster=yes -o ControlPersist=120 -f -N "$ADMIN@$1" </dev/null >/dev/null 2>"$said" && return 0
    case $(cat "$said") in
    *'Host key verification failed'*)
      echo "ssh: host key mismatch: what answers at $1 has another key than the machine"
      return 255
      ;;
    *'timed out'* | *'No route to host'*) break ;;
    esac
    [ "$attempt" = 8 ] || sleep 1
  done
  sed -n '$s/^\(ssh: \)\{0,1\}/ssh: /p' "$said"
  return 255
}

# on ADDRESS FUNCTION ARGUMENTS...: run a function of this script, as root, on a machine. All functions go along, no
# variable does. It reads the file INPUT, where that is set.
on() {
  local address=$1 status=0
  shift
  connect "$address" >&2 || return
  {
    printf 'set -euo pipefail\n'
    declare -f
    printf '%q ' "$@"
    printf '\n'
    cat "${INPUT:-/dev/null}"
  } | ssh "${PEER[@]}" "$ADMIN@$address" sudo -n bash || status=$?
  if [ "$status" = 255 ]; then
    rm -f "$PEER_WORK/reached-$address"
  else
    printf '%(%s)T\n' -1 >"$PEER_WORK/reached-$address"
  fi
  return "$status"
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

# The functions below up to the next headline run on a member's machine.

# leaving: the machine is about to leave its cluster. It says so until it has joined again, or is no more.
leaving() {
  mkdir -p "${JOINED:-/var/lib/azswarm}"
  : >"${JOINED:-/var/lib/azswarm}/left"
}

has_left() { [ -e "${JOINED:-/var/lib/azswarm}/left" ]; }

# come_back: join again, in the way that the machine joined last.
come_back() {
  local dir=${JOINED:-/var/lib/azswarm}
  bash -s <"$dir/join"
  rm -f "$dir/left"
}

# The rest runs on the bastion.

# reserve NODE: nobody else takes this node out, or brings it back, until this run ends: an update that was killed may be at work
# here still.
reserve() {
  exec 8>"/run/lock/azswarm-$1"
  flock --wait 600 8 || die "another run is still at work on $1"
}

# take_back BRING: members that have left, and whose machines are there all the same, come back. BRING NODE ADDRESS does it.
take_back() {
  local node addresses
  read -ra addresses <<<"$ADDRESSES"
  for node in $NODES; do
    back_if_left "$1" "$node" "${addresses[0]}"
    addresses=("${addresses[@]:1}")
  done
}

# back_if_left BRING NODE ADDRESS: the same for one member. An update was killed, or Azure refused to delete the machine: the command that
# took the member out may be gone from the state already, so that whatever asks for the member next has it come back.
back_if_left() {
  if on "$3" has_left 2>/dev/null; then
    reserve "$2"
    say "$2 has left, and its machine is still there: it comes back"
    "$1" "$2" "$3"
  fi
}

# bring_back NODE ADDRESS
bring_back() { on "$2" come_back; }
