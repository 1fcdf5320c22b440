# shellcheck shell=bash
# The Swarm of an only manager: what it has on its disk is carried over to the machine that takes its place. The bastion keeps it
# until that machine is a manager.

CARRIED=${CARRIED:-/var/lib/azswarm/carried}

# The functions below up to the next headline run on the manager.

# holds_raft: this machine has the data of a manager.
holds_raft() { compgen -G "${SWARM_DATA:-/var/lib/docker/swarm}/raft/wal*/*" >/dev/null; }

# is_alone: no other manager is in the raft. One that has stopped here, as its data is carried over, was alone.
is_alone() {
  local nodes
  nodes=$(swarm_nodes) || { [ -e "${SWARM_STOPPED:-/var/lib/azswarm/swarm-stopped}" ]; return; }
  jq --exit-status 'map(select(.ManagerStatus != null)) | length == 1' <<<"$nodes" >/dev/null
}

# stop_swarm: nothing changes the data any more. A machine that is still there after two minutes, as whoever was to delete it was
# killed or refused, goes on: a run that deletes it does so at once.
stop_swarm() {
  put "${SWARM_STOPPED:-/var/lib/azswarm/swarm-stopped}" 0600 </dev/null || true
  systemctl stop azswarm-swarm-resume.timer azswarm-swarm-keeper.service 2>/dev/null || true
  systemd-run --quiet --collect --unit azswarm-swarm-resume --on-active 120 --timer-property AccuracySec=1s \
    /bin/bash -c "$(declare -f start_swarm_again); start_swarm_again"
  systemctl stop docker.socket docker.service
}

# sleep_swarm: the engine only starts if something asks it, as an update does that takes this very machine back.
sleep_swarm() { systemctl start docker.socket; }

# pack_swarm: the data, as an archive. The logs of the raft are mostly holes.
pack_swarm() { tar --create --sparse --gzip --directory "$(dirname "${SWARM_DATA:-/var/lib/docker/swarm}")" swarm; }

# start_swarm_again: the engine works with the data there is.
start_swarm_again() {
  systemctl start docker.socket docker.service
  systemctl start azswarm-swarm-keeper.service 2>/dev/null || true # a machine that is new has none yet
  systemctl stop azswarm-swarm-resume.timer 2>/dev/null || true
  rm -f "${SWARM_STOPPED:-/var/lib/azswarm/swarm-stopped}"
}

# unpack_swarm: the data in the archive on standard input is this machine's. Whole or not at all: a run that is killed leaves nothing
# that passes for a manager's.
unpack_swarm() {
  local data=${SWARM_DATA:-/var/lib/docker/swarm}
  ! holds_raft || return 1
  systemctl stop docker.socket docker.service
  rm -rf "$data.new"
  mkdir -p "$data.new"
  tar --extract --gzip --directory "$data.new"
  sync
  rm -rf "$data"
  mv "$data.new/swarm" "$data"
  rmdir "$data.new"
  start_swarm_again
}

# published_cluster KEY: on a Consul server, the id of the Swarm that machines join; empty where there is none.
published_cluster() {
  local answer
  answer=$(kv_read "$1/cluster") || { say "$answer" >&2; return 1; }
  printf %s "$answer"
}

# forget_swarm KEYS...: on a Consul server, no Swarm is published any more.
forget_swarm() {
  local key
  for key in "$@"; do
    consul DELETE "/v1/kv/$key?recurse" </dev/null >/dev/null || return 1
  done
}

# The rest runs on the bastion.

# carry_out: the data of this only manager is on the bastion, and its engine has stopped. Where that fails, it goes on as before.
carry_out() {
  local archive=$CARRIED/$NODE.tar.gz
  mkdir -p "$CARRIED"
  on "$ADDRESS" stop_swarm || die "$NODE, the only manager, does not stop: it stays, as its Swarm would be lost with it"
  if ! on "$ADDRESS" pack_swarm >"$archive.new" || ! tar --list --gzip --file "$archive.new" | grep '^swarm/docker-state.json$' >/dev/null; then
    on "$ADDRESS" start_swarm_again || true
    die "$NODE, the only manager, stays: its Swarm could not be copied"
  fi
  sync "$archive.new"
  mv "$archive.new" "$archive"
  on "$ADDRESS" sleep_swarm || true
  say "$NODE, the only manager, has stopped: its Swarm is carried over to the machine that takes its place"
}

# lost: the published Swarm is gone, as no machine that may be a manager has its data. Of one that can't be asked, nothing is known.
lost() {
  local address known
  for address in $(others "$MANAGER_PEERS"); do
    known=0
    on "$address" holds_raft || known=$?
    [ "$known" = 1 ] || return 1
  done
}

# carry_in: this machine goes on with the Swarm that was carried over to it. Where the Swarm that machines are to join is lost, they
# are told of none, so that a new one is started.
carry_in() {
  local archive=$CARRIED/$NODE.tar.gz cluster data=0
  on "$ADDRESS" holds_raft || data=$?
  case $data in
  0) # it is the machine it was
    on "$ADDRESS" start_swarm_again
    rm -f "$archive"
    return 0
    ;;
  1) ;;
  *) die "$NODE can't be asked what it has" ;;
  esac
  if [ -s "$archive" ]; then
    INPUT=$archive on "$ADDRESS" unpack_swarm
    say "$NODE goes on with the Swarm that was carried over to it, as it was at $(date --utc --reference "$archive" '+%F %T') UTC"
    return 0
  fi
  cluster=$(on_any "$CONSUL_PEERS" published_cluster "$WORKER_KV") || die "no Consul server tells whether there is a Swarm"
  if [ -n "$cluster" ] && lost; then
    on_any "$CONSUL_PEERS" forget_swarm "$WORKER_KV" "$MANAGER_KV" || die "no Consul server forgets the Swarm $cluster, which is lost"
    say "The Swarm $cluster is lost, with its services, networks, secrets and configs: $NODE starts a new one, and all workers join that."
  fi
}

# carried: the manager works, and what was kept for it is not needed any more.
carried() { rm -f "$CARRIED/$NODE.tar.gz" "$CARRIED/$NODE.tar.gz.new"; }
