#!/bin/sh
# Installs what the benchmarks need besides the lab: Ansible, for the playbook. Has nothing to do where that is there.
set -eu

command -v ansible-playbook >/dev/null && exit 0
echo 'setup: installing ansible-core: azswarm is compared with a playbook' >&2
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo 'setup: installing packages needs root: run this as root, or install sudo' >&2; exit 1; }
  exec sudo "$0"
fi
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends ansible-core openssl jq openssh-client
