# shellcheck shell=bash
# Makes a machine lose or delay packets, or drop connections: packets RULES DELAY
#
# RULES are nft commands that replace earlier ones, DELAY is a command for tc, or empty. They are kept, so that the machine has
# them again when it restarts by itself, before its network is used. Those that are in force already stay, with what they have
# counted.
set -euo pipefail

home=/etc/azswarm-fault
unit=/etc/systemd/system/azswarm-fault.service
stamp=/run/azswarm-fault # gone after a restart
want=$(printf '%s\n' "$1" "$2" | sha256sum)
[ "$(cat "$stamp" 2>/dev/null)" != "$want" ] || exit 0
mkdir -p "$home"
printf '%s' "$1" >"$home/rules.nft"
cat >"$home/apply" <<EOF
#!/bin/sh
set -eu
nft -f $home/rules.nft
if tc qdisc show dev eth0 | grep -q netem; then
  tc qdisc del dev eth0 root
fi
$2
echo '$want' >$stamp
EOF
chmod 0755 "$home/apply"
cat >"$unit" <<EOF
[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=$home/apply
[Install]
WantedBy=sysinit.target
EOF
# The machine may be about to boot, without a systemd to talk to.
SYSTEMD_OFFLINE=1 systemctl enable --quiet azswarm-fault.service
"$home/apply"
