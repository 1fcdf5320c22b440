# shellcheck shell=bash
# What `azswarm drain` runs on a manager: drain.sh (begin|end) SECONDS NODE. It says each time that something is different, and ends with 3
# where not all work has moved in time.
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
    wanted[$1] { split($2, n, "/"); if (n[1] + 0 < n[2] + 0) printf "%s has %s of %s replicas\n", $1, n[1], n[2] + 0 }'
}

services=$(docker node ps --filter desired-state=running --format '{{.Name}}' "$node" | sed 's/\.[^.]*$//' | sort --unique | tr '\n' ' ')
docker node update --availability drain "$node" >/dev/null
deadline=$((SECONDS + limit))
before=
while :; do
  left=$(running)
  now=$(
    [ -z "$left" ] || echo "still there: ${left//$'\n'/, }"
    short
  )
  if [ -z "$now" ]; then
    echo "$node: drained, nothing of the Swarm runs there"
    exit 0
  fi
  [ "$now" = "$before" ] || echo "$node: ${now//$'\n'/; }"
  before=$now
  [ "$SECONDS" -lt "$deadline" ] || exit 3
  sleep 1 # between looks
done
