# shellcheck shell=bash
# What `azswarm drain` runs on a manager: drain.sh (begin|end) SECONDS NODE. It says each time that something is different, and ends with 3
# where not all work that others may run has moved in time.
set -euo pipefail
what=$1 limit=$2 node=$3

if [ "$what" = end ]; then
  docker node update --availability active "$node" >/dev/null
  echo "$node: takes work again; what runs elsewhere stays there"
  exit 0
fi

# running: the tasks on the node, a line each. Of a node that is down, none runs that anybody could wait for.
running() {
  [ "$(docker node inspect --format '{{.Status.State}}' "$node")" = ready ] || return 0
  docker node ps --format '{{.Name}} {{.CurrentState}}' "$node" | awk '$2 == "Running" { print $1 }'
}

# short: of the services that had work there, those with fewer replicas than they want.
short() {
  docker service ls --format '{{.Name}} {{.Replicas}}' | awk -v names="$services" '
    BEGIN { split(names, list); for (i in list) wanted[list[i]] = 1 }
    wanted[$1] { split($2, n, "/"); if (n[1] + 0 < n[2] + 0) print $1 }'
}

# replicas STATE SERVICES...: of the services, the tasks that are "stuck" as no other node may run them, with the reason, or "coming".
replicas() {
  local state=$1
  shift
  docker service ps --filter desired-state=running --format '{{.Name}}|{{.CurrentState}}|{{.Error}}' "$@" | awk -F '|' -v want="$state" '
    $2 !~ /^Running/ { state = $2 ~ /^Pending/ && $3 != "" ? "stuck" : "coming"; if (state == want) print state == "stuck" ? $1 " (" $3 ")" : $1 }'
}

services=$(docker node ps --filter desired-state=running --format '{{.Name}}' "$node" | sed 's/\.[^.]*$//' | sort --unique | tr '\n' ' ')
docker node update --availability drain "$node" >/dev/null
deadline=$((SECONDS + limit))
before=
while :; do
  left=$(running)
  mapfile -t few < <(short)
  coming='' stuck=''
  if [ "${#few[@]}" -gt 0 ]; then
    coming=$(replicas coming "${few[@]}")
    stuck=$(replicas stuck "${few[@]}")
  fi
  # A service whose new task is not made yet has fewer than it wants, and nothing that comes or is stuck.
  [ -n "$coming$stuck" ] || coming=${few[*]:+the next of ${few[*]}}
  now="${left:+; still there: ${left//$'\n'/, }}${coming:+; not yet elsewhere: ${coming//$'\n'/, }}"
  if [ -z "$now" ]; then
    echo "$node: drained, nothing of the Swarm runs there${stuck:+; what no other node may run waits for it: ${stuck//$'\n'/, }}"
    exit 0
  fi
  [ "$now" = "$before" ] || echo "$node: ${now#; }"
  before=$now
  [ "$SECONDS" -lt "$deadline" ] || exit 3
  sleep 1 # between looks
done
