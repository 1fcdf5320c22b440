#!/bin/sh
# Builds the root file system that the images of static programs share: build.sh OUTPUT.tar
#
# A shell and the small tools (busybox), certificate authorities and time zones, as in the Alpine image that
# the originals stand on. Needs mmdebstrap.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: build.sh OUTPUT.tar" >&2
  exit 2
fi
output=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$here/../debian.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
debian_root "$work/packages.tar" --variant=extract --include=busybox-static,ca-certificates,tzdata
mkdir "$work/packages"
tar -xf "$work/packages.tar" -C "$work/packages" \
  ./bin/busybox ./usr/share/ca-certificates/mozilla ./usr/share/zoneinfo/Etc

root=$work/root
mkdir -p "$root/bin" "$root/sbin" "$root/usr/bin" "$root/usr/sbin" "$root/usr/local/bin" "$root/usr/share/zoneinfo" \
  "$root/etc/ssl/certs" "$root/root" "$root/var" "$root/run"
mkdir -m 1777 "$root/tmp"
cp "$work/packages/bin/busybox" "$root/bin/busybox"
cp -R "$work/packages/usr/share/zoneinfo/Etc" "$root/usr/share/zoneinfo/Etc"
cat "$work"/packages/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
"$root/bin/busybox" --list-full | grep -v '^bin/busybox$' | while read -r applet; do
  mkdir -p "$root/$(dirname "$applet")"
  ln -s /bin/busybox "$root/$applet"
done
printf 'root:x:0:0:root:/root:/bin/sh\nconsul:x:100:1000:consul:/consul:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nconsul:x:1000:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"

tar --create --file "$output" --directory "$root" --numeric-owner --owner 0 --group 0 --sort name --mtime @0 .
