#!/bin/sh
# Packs the static archive of Docker Engine: build.sh NODE.tar DOCKERD OUTPUT.tgz
#
# Laid out like Docker's own (download.docker.com/linux/static). DOCKERD is the daemon; the programs around it are those of
# the node image's root file system, NODE.tar: Debian's, of the same versions. Same input, same archive.
set -eu

if [ $# -ne 3 ]; then
  echo "usage: build.sh NODE.tar DOCKERD OUTPUT.tgz" >&2
  exit 2
fi
node=$1
dockerd=$2
output=$3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
mkdir -p "$work/node" "$work/root/docker"
programs="./usr/bin/containerd ./usr/bin/containerd-shim ./usr/bin/containerd-shim-runc-v2 ./usr/bin/ctr ./usr/bin/docker
  ./usr/bin/tini-static ./usr/sbin/docker-proxy ./usr/sbin/runc"
# The names are words of this script.
# shellcheck disable=SC2086
tar -xf "$node" -C "$work/node" $programs

install -m 0755 "$dockerd" "$work/root/docker/dockerd"
for program in $programs; do
  name=$(basename "$program")
  if [ "$name" = tini-static ]; then
    name=docker-init
  fi
  install -m 0755 "$work/node/$program" "$work/root/docker/$name"
done
tar --create --file "$work/archive.tar" --directory "$work/root" --numeric-owner --owner 0 --group 0 --sort name --mtime @0 docker
gzip -n <"$work/archive.tar" >"$output"
