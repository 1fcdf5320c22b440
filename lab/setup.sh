#!/bin/sh
# Makes a Debian 12 machine ready for the lab: setup.sh [--ci]
#
# Installs what is missing and starts Docker where none answers. Says what it does and why; has nothing to say, and
# nothing to do, on a machine that is ready. --ci adds what only the checks of this repository need.
set -eu

cache=${XDG_CACHE_HOME:-$HOME/.cache}/azswarm-lab
go_needed=1.26

say() { echo "setup: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND... runs a command as root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# require_root WHY refuses to go on where nothing can be done as root.
require_root() {
  if [ "$(id -u)" -ne 0 ] && ! has sudo; then
    fail "$1 needs root: run this as root, or install sudo"
  fi
}

systemd_runs() { [ -d /run/systemd/system ]; }

# docker_answers says whether any Docker engine answers where clients look for it.
docker_answers() {
  if has docker; then
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1
  else
    has curl && [ -z "${DOCKER_HOST:-}" ] && curl -fs --unix-socket /var/run/docker.sock http://docker/_ping >/dev/null 2>&1
  fi
}

# want COMMAND PACKAGE WHY adds a package to those to install, unless its command is there.
want() {
  if ! has "$1"; then
    missing="$missing $2"
    say "installing $2: $3"
  fi
}

# ensure_packages installs what is missing, in one go.
ensure_packages() {
  missing=
  want mmdebstrap mmdebstrap "builds the root file systems of the machines and images"
  want ssh openssh-client "logs in to the machines"
  want docker-registry docker-registry "serves the images that machines pull"
  if ! docker_answers; then
    want dockerd docker.io "no Docker answers, and the lab's machines are its containers"
    if grep -qs Y /sys/module/apparmor/parameters/enabled; then
      want apparmor_parser apparmor "Docker starts no container without it on a kernel that has AppArmor enabled"
    fi
  fi
  if [ "$ci" = yes ]; then
    want shellcheck shellcheck "checks the scripts (--ci)"
    want chromium chromium "looks at the page of a cluster in the end-to-end tests (--ci)"
    want node nodejs "runs the example in TypeScript in the end-to-end tests (--ci)"
    want npm npm "installs what that needs (--ci)"
  fi
  if [ -z "$missing" ]; then
    return
  fi
  has apt-get || fail "this machine has no apt-get: install by other means:$missing"
  require_root "installing packages"
  case "$missing" in
    *docker-registry*)
      # Its package starts a registry on port 5000 for all the world. The lab starts its own.
      if systemd_runs; then
        as_root systemctl mask --quiet docker-registry.service 2>/dev/null
      fi
      ;;
  esac
  as_root apt-get -qq update
  # The names are words of this script.
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    install --no-install-recommends $missing ca-certificates >/dev/null
}

# ensure_docker starts Docker where none answers, and never touches one that does.
ensure_docker() {
  if docker_answers; then
    return
  fi
  if [ -n "${DOCKER_HOST:-}" ]; then
    fail "no Docker answers at DOCKER_HOST=$DOCKER_HOST: start it, or unset DOCKER_HOST to use this machine's"
  fi
  if [ "$(id -u)" -ne 0 ] && has sudo && sudo docker version >/dev/null 2>&1; then
    fail "Docker answers root and not $(id -un): add yourself to the group docker and log in again, or run the lab as root"
  fi
  require_root "starting Docker"
  if systemd_runs; then
    say "starting docker.service: no Docker answers"
    as_root systemctl start docker.service
    await_docker "see: journalctl -u docker.service"
    return
  fi
  mkdir -p "$cache"
  forget_killed_docker
  say "starting dockerd: no Docker answers, and no init is here to start it (log: $cache/dockerd.log)"
  # The caller's log file and a session of its own, so that it outlives this script and its terminal.
  # shellcheck disable=SC2016
  as_root sh -c 'setsid dockerd >"$1" 2>&1 </dev/null & echo "$!" >"$2"' sh "$cache/dockerd.log" "$cache/dockerd.pid"
  await_docker "see: $cache/dockerd.log" "$(cat "$cache/dockerd.pid")"
}

# forget_killed_docker removes the pid file of a dockerd that was killed: where its number is another process's by now, the next
# one would not start.
forget_killed_docker() {
  file=/var/run/docker.pid
  if [ -f "$file" ] && [ "$(cat "/proc/$(cat "$file")/comm" 2>/dev/null)" != dockerd ]; then
    as_root rm -f "$file"
  fi
}

# await_docker HELP [PID] returns when Docker answers; with a process id, it gives up as soon as that process is gone.
await_docker() {
  tries=120
  until docker_answers; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      fail "Docker was started and does not answer after a minute: $1"
    fi
    if [ -n "${2:-}" ] && ! [ -d "/proc/$2" ]; then
      tail -n 5 "$cache/dockerd.log" >&2
      fail "dockerd gave up: $1"
    fi
    sleep 0.5
  done
}

# require_go refuses a machine without the Go that this repository needs, which Debian 12 does not have.
require_go() {
  has go || fail "Go is missing: install Go $go_needed or newer from https://go.dev/dl/"
  found=$(go env GOVERSION | sed 's/^go//; s/[^0-9.].*//')
  oldest=$(printf '%s\n%s\n' "$go_needed" "$found" | sort -V | head -n 1)
  if [ "$oldest" != "$go_needed" ]; then
    fail "Go $found is too old: install Go $go_needed or newer from https://go.dev/dl/"
  fi
}

ci=no
case "$*" in
  "") ;;
  --ci) ci=yes ;;
  *)
    echo "usage: setup.sh [--ci]" >&2
    exit 2
    ;;
esac
ensure_packages
ensure_docker
require_go
