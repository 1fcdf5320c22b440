# shellcheck shell=bash
# What a machine's operating system owes its containers and its administrators. It is nothing that the user data could say: that replaces
# the machine wherever a word of it changes.

# ensure_host: the machine of a member.
ensure_host() {
  guard_platform
  hold_packages
  keep_connections
}

# guard_platform: containers don't reach what Azure tells the machine alone, where identities' tokens and extensions' secrets are: its
# metadata service, and the channel of its agent. They ask the latter's address for names, and answer its probes. The rules are in a
# chain of the table mangle, where Docker has none and comes first.
guard_platform() {
  local changed=false rules=${ETC:-/etc}/azswarm/platform.rules
  put "$rules" 0644 <<'EOF' && changed=true
*mangle
:AZSWARM-PLATFORM - [0:0]
-A AZSWARM-PLATFORM -d 168.63.129.16/32 -p udp --dport 53 -j RETURN
-A AZSWARM-PLATFORM -d 168.63.129.16/32 -p tcp --dport 53 -j RETURN
-A AZSWARM-PLATFORM -d 168.63.129.16/32 -m conntrack --ctstate NEW -j DROP
-A AZSWARM-PLATFORM -d 169.254.169.254/32 -m conntrack --ctstate NEW -j DROP
COMMIT
EOF
  put "${UNITS:-/etc/systemd/system}/azswarm-platform.service" 0644 <<EOF && changed=true
[Unit]
Description=Keep containers from what Azure tells this machine alone
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables-restore --wait 30 --noflush $rules
ExecStart=/bin/sh -c 'iptables --wait 30 -t mangle -C FORWARD -j AZSWARM-PLATFORM 2>/dev/null || exec iptables --wait 30 -t mangle -I FORWARD -j AZSWARM-PLATFORM'

[Install]
WantedBy=multi-user.target docker.service
EOF
  if [ "$changed" = true ]; then
    systemctl daemon-reload
    systemctl enable --quiet azswarm-platform.service
    systemctl restart azswarm-platform.service
  fi
  systemctl start azswarm-platform.service
}

# hold_packages: what restarts every container, or waits for a restart of the machine, is no business of unattended-upgrades, which
# come to all machines in one night.
hold_packages() {
  put "${ETC:-/etc}/apt/apt.conf.d/60azswarm" 0644 <<'EOF' || true
Unattended-Upgrade::Package-Blacklist { "docker"; "containerd"; "runc"; "linux-image-"; };
Unattended-Upgrade::Automatic-Reboot "false";
EOF
}

# keep_connections: Azure forgets a connection that is silent for four minutes, as one is while a machine waits for others.
keep_connections() {
  ! put "${ETC:-/etc}/ssh/sshd_config.d/20-azswarm-alive.conf" 0644 <<'EOF' || systemctl try-reload-or-restart ssh.service
ClientAliveInterval 60
ClientAliveCountMax 5
EOF
}
