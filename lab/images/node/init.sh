#!/bin/sh
# PID 1 of a node until systemd takes over: makes of a container what systemd and a nested Docker engine expect of a
# machine. Runs at every start, so it only does what may be repeated.
#
# AZSWARM_GATEWAY    default gateway: the virtual network's router, not the Docker bridge
# AZSWARM_ADDRESSES  secondary addresses of the machine in CIDR form, space separated
set -eu

# make_writable DIR undoes the read-only mount that Docker makes for want of --privileged. Where only the mount is
# read-only, only that may change: a cgroup v1 hierarchy is the host's, too, and refuses more. Otherwise it is the
# file system's own state (cgroup v2, sysfs).
make_writable() {
  mount -o remount,bind,rw "$1"
  [ -w "$1" ] || mount -o remount,rw "$1"
}

make_writable /sys
for dir in /sys/fs/cgroup /sys/fs/cgroup/*; do
  if mountpoint -q "$dir"; then
    make_writable "$dir"
  fi
done
if mountpoint -q /proc/sys; then
  make_writable /proc/sys
fi
mount --make-rshared /

mkdir -p /dev/net
[ -c /dev/net/tun ] || mknod -m 0666 /dev/net/tun c 10 200
[ -c /dev/fuse ] || mknod -m 0666 /dev/fuse c 10 229

# Network security groups are in force before anything on the machine can be reached.
security=/etc/azswarm-security/rules.nft
if [ -r "$security" ]; then
  nft -f "$security"
fi

if [ -n "${AZSWARM_GATEWAY:-}" ]; then
  ip route replace default via "$AZSWARM_GATEWAY"
fi
interface=$(ip -o -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p')
for address in ${AZSWARM_ADDRESSES:-}; do
  ip address replace "$address" dev "$interface"
done

# The lab's CA is mounted; the engine trusts a stand-in for Docker Hub only through the system's store. It is added here as
# update-ca-certificates would, which reads every other certificate again: most of the time a machine took to boot.
ca=/usr/local/share/ca-certificates/azswarm-lab.crt
if [ -r "$ca" ] && [ ! -e /etc/ssl/certs/azswarm-lab.pem ]; then
  cat "$ca" >>/etc/ssl/certs/ca-certificates.crt
  ln -sf azswarm-lab.pem "/etc/ssl/certs/$(openssl x509 -noout -hash -in "$ca").0"
  ln -sf "$ca" /etc/ssl/certs/azswarm-lab.pem
fi

if [ -e /var/lib/cloud/seed/nocloud/meta-data ]; then
  rm -f /etc/cloud/cloud-init.disabled
else
  touch /etc/cloud/cloud-init.disabled
  ssh-keygen -A >/dev/null
fi

exec env -i container=docker PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
