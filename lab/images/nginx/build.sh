#!/bin/sh
# Builds the root file system of the demo web server: build.sh OUTPUT.tar
#
# Debian's nginx, arranged as in the official image: pages in /usr/share/nginx/html, the site in
# /etc/nginx/conf.d/default.conf, logs on stdout and stderr. curl is there for those who look around from inside
# a container. Needs mmdebstrap.
set -eu

if [ $# -ne 1 ]; then
  echo "usage: build.sh OUTPUT.tar" >&2
  exit 2
fi
output=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$here/../debian.sh"

# The hooks run with the new root as $1, which is theirs to expand.
# shellcheck disable=SC2016
debian_root "$output" --variant=essential --include=ca-certificates,curl,nginx-light \
  --customize-hook='rm "$1/etc/nginx/sites-enabled/default"' \
  --customize-hook="upload '$here/default.conf' /etc/nginx/conf.d/default.conf" \
  --customize-hook='ln -sf /dev/stdout "$1/var/log/nginx/access.log"' \
  --customize-hook='ln -sf /dev/stderr "$1/var/log/nginx/error.log"' \
  --customize-hook='grep -q "Welcome to nginx!" "$1/usr/share/nginx/html/index.html"' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/cache/debconf/*-old'
