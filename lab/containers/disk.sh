# shellcheck shell=bash
# Fills the disk of a directory of a machine, or empties it again: disk fill|free DIRECTORY
#
# All machines of a lab share one real disk, which must not fill up. So the directory gets a disk of its own: a file on a loop
# device, with a file system of the size DISK, but with holes where nothing is written. What fills it is space that is reserved
# and never written. The directory stays on that disk until the machine is replaced; to empty it takes the reservation away.
#
# The engine and its containers, which have files open in the directory, restart when it moves.
set -euo pipefail

DISK=8G
home=/var/lib/azswarm-disk
reserved=.azswarm-reserved

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# ensure_mounts: the machine mounts its disks itself whenever it boots, before its engine starts.
ensure_mounts() {
  mkdir -p "$home"
  touch "$home/list"
  cat >"$home/mount" <<'EOF'
#!/bin/bash
# Mounts the disks listed beside this file where they belong, unless they are.
set -euo pipefail
[ -c /dev/loop-control ] || mknod -m 0600 /dev/loop-control c 10 237
for i in {0..63}; do
  [ -b "/dev/loop$i" ] || mknod -m 0600 "/dev/loop$i" b 7 "$i"
done
while IFS=$'\t' read -r image directory; do
  # Tables of free inodes, if they were written, would fill the file's holes.
  findmnt --noheadings --output SOURCE --mountpoint "$directory" | grep -q '^/dev/loop' ||
    mount -o loop,discard,noinit_itable "$image" "$directory"
done <"${BASH_SOURCE%/*}/list"
EOF
  chmod 0755 "$home/mount"
  cat >/etc/systemd/system/azswarm-disk.service <<EOF
[Unit]
Before=docker.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$home/mount
[Install]
RequiredBy=docker.service
EOF
  systemctl enable --quiet azswarm-disk.service
  "$home/mount"
}

# move DIRECTORY: to a disk of its own.
move() {
  local image="$home/${1//\//-}.img" running=
  ensure_mounts
  ! grep -qxF "$image"$'\t'"$1" "$home/list" || return 0
  mkdir -p "$home/new"
  rm -f "$image"
  truncate --size "$DISK" "$image"
  mkfs.ext4 -q -m 0 -E lazy_itable_init=1,lazy_journal_init=1,nodiscard "$image"
  ! systemctl is-active --quiet docker.service || running=yes
  [ -z "$running" ] || systemctl stop docker.socket docker.service
  mount -o loop,discard,noinit_itable "$image" "$home/new"
  cp --archive --one-file-system "$1/." "$home/new/" || die "$1 could not be copied to a disk of its own"
  umount "$home/new"
  printf '%s\t%s\n' "$image" "$1" >>"$home/list"
  "$home/mount"
  [ -z "$running" ] || systemctl start docker.socket docker.service
}

# reserve DIRECTORY: all the space that its disk has left.
reserve() {
  local file step=$((1 << 30))
  file="$1/$reserved"
  touch "$file"
  while [ "$step" -ge 4096 ]; do
    fallocate --offset "$(stat --format %s "$file")" --length "$step" "$file" 2>/dev/null || step=$((step / 2))
  done
  ! printf 'x%.0s' {1..8192} >"$1/$reserved.rest" 2>/dev/null || die "the disk of $1 is not full"
}

# free DIRECTORY: what was reserved. An engine that gave up starting on the full disk starts.
free() {
  rm -f "$1/$reserved" "$1/$reserved.rest"
  if systemctl is-failed --quiet docker.service; then
    systemctl reset-failed docker.service docker.socket
    systemctl start docker.socket docker.service
  fi
}

directory=$2
[ -d "$directory" ] || die "$directory is no directory of this machine"
case $1 in
fill)
  move "$directory"
  reserve "$directory"
  ;;
free) free "$directory" ;;
esac
