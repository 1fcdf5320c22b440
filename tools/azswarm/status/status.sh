# shellcheck shell=bash
# What `azswarm status` asks of a machine. It reads only, and starts few programs: on a small machine that is what takes time. $1 is the
# machine's tier, and $2 how to ask the classic Swarm, where this is a manager of one.

# shellcheck disable=SC2016,SC2154 # inner shells expand these; section comes from package gather
certificates() {
  local file
  for file in /etc/docker/tls/{server,ca}.pem /etc/consul.d/{server,ca}.pem /etc/azswarm/swarm-tls/server.pem \
    /etc/azswarm/image-cache/server.pem /var/lib/docker/swarm/certificates/swarm-node.crt; do
    [ -r "$file" ] || continue
    printf 'file %s\n' "$file"
    # The first certificate of each, and nothing of a key that somebody put beside it.
    awk '/-BEGIN CERTIFICATE-/ { on = 1 } on { print } /-END CERTIFICATE-/ { exit }' "$file"
  done
}

consul_api() {
  section "$1" curl --silent --show-error --max-time 5 --header @/etc/azswarm/consul.header "http://127.0.0.1:8500$2"
}

file os /etc/os-release
file uptime /proc/uptime
file memory /proc/meminfo
section cpus nproc
section disk df -P -k / /var/lib/docker
section inodes df -P -i / /var/lib/docker
section instance curl --silent --show-error --connect-timeout 1 --max-time 3 --noproxy '*' --header 'Metadata: true' \
  'http://169.254.169.254/metadata/instance/compute?api-version=2020-09-01&format=json'
file boot /run/cloud-init/status.json
section failed systemctl list-units --failed --plain --no-legend --no-pager
section certificates bash -c "$(declare -f certificates); certificates"
if command -v dockerd >/dev/null; then
  section engine docker info --format '{{json .}}'
  section containers docker ps --all --format '{{json .}}'
  if [ -n "${2-}" ]; then
    section classic bash -c "$2"
  elif [ "$1" = managers ]; then
    section nodes docker node ls --format '{{json .}}'
    section services docker service ls --format '{{json .}}'
  fi
fi
if [ -f /etc/consul.d/server.pem ]; then
  consul_api autopilot /v1/operator/autopilot/health
  consul_api members /v1/agent/members
  consul_api critical /v1/health/state/critical
elif [ -f /etc/consul.d/consul.json ]; then
  consul_api leader /v1/status/leader
fi
