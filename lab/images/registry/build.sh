#!/bin/sh
# Packs the registry that caches images as a container: build.sh NODE.tar OUTPUT.tar
#
# It is the node image's own docker-registry, Debian's build of the distribution registry, under the name that the official
# image has it, with the libraries it needs. It goes on top of the base. Same input, same layer.
set -eu

if [ $# -ne 2 ]; then
  echo "usage: build.sh NODE.tar OUTPUT.tar" >&2
  exit 2
fi
node=$1
output=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
mkdir "$work/node" "$work/root"
tar -xf "$node" -C "$work/node" --wildcards ./usr/bin/docker-registry ./etc/docker/registry/config.yml \
  './usr/lib/*-linux-gnu/libc.so.6' './usr/lib/*-linux-gnu/ld-linux-*.so*'

install -D -m 0755 "$work/node/usr/bin/docker-registry" "$work/root/bin/registry"
install -D -m 0644 "$work/node/etc/docker/registry/config.yml" "$work/root/etc/docker/registry/config.yml"
mkdir -p "$work/root/lib64" "$work/root/var/lib/registry"
for library in "$work"/node/usr/lib/*-linux-gnu/*; do
  triplet=$(basename "$(dirname "$library")")
  install -D -m 0755 "$library" "$work/root/lib/$triplet/$(basename "$library")"
  case $library in
  */ld-linux-x86-64*) ln -s "/lib/$triplet/$(basename "$library")" "$work/root/lib64" ;;
  */ld-linux-*) ln -s "$triplet/$(basename "$library")" "$work/root/lib" ;;
  esac
done
tar --create --file "$output" --directory "$work/root" --numeric-owner --owner 0 --group 0 --sort name --mtime @0 .
