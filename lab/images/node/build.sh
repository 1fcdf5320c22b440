#!/bin/sh
# Builds the root file system of the node image: build.sh OUTPUT.tar
#
# A node is what an Azure VM with Debian 12 is to azswarm: systemd, cloud-init, sshd and Docker's prerequisites, as a
# container. The caller imports the tar with the changes in node.go. Needs mmdebstrap; root, or what
# mmdebstrap needs to do without.
set -eu

suite=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
packages="
  bash ca-certificates cloud-init curl dbus docker-registry docker.io e2fsprogs iproute2 iptables iputils-arping iputils-ping jq
  libpam-systemd netcat-openbsd nftables openssh-server openssh-sftp-server openssl procps sudo systemd systemd-sysv"

# Units that make no sense in a container: hardware, consoles, clocks, networks that Docker has set up already, and the
# package timers, which would take the dpkg lock at a random moment. wait-online would wait for ever.
masked="
  apt-daily.timer apt-daily-upgrade.timer console-getty.service container-getty@.service dev-hugepages.mount
  dev-mqueue.mount docker-registry.service dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer
  getty.target getty@.service kmod-static-nodes.service modprobe@.service proc-sys-fs-binfmt_misc.automount
  sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount sys-kernel-tracing.mount
  systemd-firstboot.service systemd-logind.service systemd-modules-load.service systemd-networkd.service
  systemd-networkd-wait-online.service systemd-pstore.service systemd-resolved.service systemd-sysctl.service
  systemd-timesyncd.service systemd-udev-trigger.service systemd-udevd.service systemd-udevd-control.socket
  systemd-udevd-kernel.socket"

if [ $# -ne 1 ]; then
  echo "usage: build.sh OUTPUT.tar" >&2
  exit 2
fi
output=$1
here=$(cd "$(dirname "$0")" && pwd)

# host_source LABEL prints the address of the archive this machine's apt takes packages with that label from.
host_source() {
  # apt-get expands these, not the shell.
  # shellcheck disable=SC2016
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    sed -n "s/^Debian|$1|main|//p" | head -n 1
}

# sources prints the apt lines to build from: this machine's mirror where it has one, so that a machine without
# internet access can build. Nothing means mmdebstrap's own default.
sources() {
  main=$(host_source Debian)
  security=$(host_source Debian-Security)
  if [ -n "$main" ]; then
    echo "deb $main $suite main"
    echo "deb $main $suite-updates main"
  fi
  if [ -n "$main" ] && [ -n "$security" ]; then
    echo "deb $security $suite-security main"
  fi
}

include=$(echo "$packages" | xargs | tr ' ' ,)
list=$(mktemp)
trap 'rm -f "$list"' EXIT
sources >"$list"
set --
if [ -s "$list" ]; then
  set -- "$list"
fi
if [ -r "$keyring" ]; then
  set -- --keyring="$keyring" "$suite" "$output.partial" "$@"
else
  set -- "$suite" "$output.partial" "$@"
fi

echo "node image: installing Debian $suite and $(echo "$packages" | wc -w) packages (about 2 minutes)"
# The hooks run with the new root as $1, which is theirs to expand. systemd's generators, a dozen of programs that look for disks, consoles
# and old scripts, would run at each reload.
# shellcheck disable=SC2016
mmdebstrap --variant=apt --format=tar --include="$include" \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "5"' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --customize-hook="upload '$here/init.sh' /usr/local/sbin/azswarm-init" \
  --customize-hook="upload '$here/cloud.cfg' /etc/cloud/cloud.cfg.d/90-azswarm.cfg" \
  --customize-hook='chmod 0755 "$1/usr/local/sbin/azswarm-init"' \
  --customize-hook="for unit in $(echo "$masked" | xargs); do ln -sf /dev/null \"\$1/etc/systemd/system/\$unit\"; done" \
  --customize-hook='mkdir -p "$1/etc/systemd/system-generators"' \
  --customize-hook='for generator in "$1"/lib/systemd/system-generators/systemd-*; do ln -s /dev/null "$1/etc/systemd/system-generators/${generator##*/}"; done' \
  --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*_key* "$1/etc/hostname" && : >"$1/etc/machine-id"' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/lib/docker' \
  "$@"
mv "$output.partial" "$output"
echo "node image: wrote $output"
