# shellcheck shell=bash
# What `azswarm diagnose` takes from a machine. It reads only. What may have people's secrets in it, such as containers' environments
# and arguments, applications' logs and processes' command lines, is not asked for.

# shellcheck disable=SC2016 # inner shells expand these; section comes from package gather

# last BYTES NAME COMMAND...: a section with the end of what the command says, complaints included.
last() {
  local most=$1 name=$2
  shift 2
  section "$name" bash -c 'set -o pipefail; "${@:2}" 2>&1 | tail -c "$1"' last "$most" "$@"
}

# script NAME TEXT: a section with the end of what a script says.
script() { last "${3:-65536}" "$1" bash -c "$2"; }

# Never kept: what is to be taken out of everything else.
section secrets bash -c '
  jq -r ".encrypt // empty, (.acl.tokens // {} | .[])" /etc/consul.d/consul.json
  cat /etc/azswarm/consul.token
  sed "s/^[^=]*=//" /etc/azswarm/*.env
  true' 2>/dev/null

script system 'date --iso-8601=seconds; uname -a; cat /etc/os-release; uptime; free -m; df -h; df -i; lsblk'
script processes 'ps -eo pid,ppid,user,stat,etime,rss,comm --sort=-rss | head -n 80'
script units 'systemctl list-units --failed --no-pager; systemctl list-timers --no-pager; systemctl list-unit-files --no-pager "azswarm-*"'
script versions 'dpkg-query --show docker.io containerd runc cloud-init openssh-server jq curl nftables'
script files 'ls -la /etc/azswarm /etc/consul.d /var/lib/azswarm /usr/local/lib/azswarm'
script cloud-init 'cloud-init status --long; tail -c 60000 /var/log/cloud-init-output.log'
last 65536 cloud-init-log tail -c 65536 /var/log/cloud-init.log
last 262144 journal-warnings journalctl --boot --no-pager --output short-iso --priority warning --lines 800
last 262144 journal-services journalctl --boot --no-pager --output short-iso --lines 1500 --unit docker --unit containerd --unit ssh --unit 'azswarm-*'
last 131072 journal-kernel journalctl --boot --no-pager --output short-iso --dmesg --lines 500
last 65536 journal-last-boot journalctl --boot=-1 --no-pager --output short-iso --priority err --lines 200
script network 'ip -brief address; ip route; ip rule; ip neigh | wc -l; ss --listening --numeric --tcp --udp; cat /etc/resolv.conf'
last 131072 nft nft list ruleset
if command -v dockerd >/dev/null; then
  script docker 'docker version; docker info; cat /etc/docker/daemon.json
    docker ps --all --format "table {{.ID}}\t{{.Names}}\t{{.Image}}\t{{.Status}}\t{{.Ports}}"; docker images; docker network ls; docker system df'
  script docker-events 'docker events --since 60m --until "$(date +%s)" --format "{{.Time}} {{.Type}} {{.Action}} {{index .Actor.Attributes \"name\"}} {{index .Actor.Attributes \"exitCode\"}}"'
  script swarm 'docker node ls; docker service ls
    docker service ls --quiet | xargs --no-run-if-empty docker service ps --no-trunc --format "{{.Name}}\t{{.Node}}\t{{.DesiredState}}\t{{.CurrentState}}\t{{.Error}}"' 262144
  for container in $(timeout 5 docker ps --all --filter label=azswarm.fingerprint --format '{{.Names}}'); do
    script "container-$container" "docker inspect --format '{{json .State}} restarts={{.RestartCount}} image={{.Config.Image}}' $container; docker logs --timestamps --tail 600 $container" 131072
  done
fi
if [ -f /etc/consul.d/consul.json ]; then
  script consul 'jq "del(.encrypt, .acl.tokens)" /etc/consul.d/consul.json
    ask() { printf "\n== %s\n" "$1"; curl --silent --show-error --max-time 5 --header @/etc/azswarm/consul.header "http://127.0.0.1:8500$1"; }
    ask /v1/status/leader; ask /v1/status/peers; ask /v1/agent/members; ask /v1/operator/raft/configuration
    ask /v1/operator/autopilot/health; ask /v1/health/state/critical' 262144
fi
