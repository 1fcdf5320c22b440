#!/usr/bin/env bash
# Says how many workers a pool should have, and why: count.sh >>"$GITHUB_OUTPUT" prints "count=…" and "why=…".
#
#   MIN, MAX     bounds of the count
#   COUNT, WHY   what somebody asks for; goes before all else
#   SCHEDULE     the cron entry that started this: that of DAY asks for MAX, that of NIGHT for MIN
#   DAY, NIGHT   cron entries
#   PROMETHEUS   address of a Prometheus, such as http://prometheus.service.consul:9090
#   QUERY        what to ask it: a number, such as all requests a second
#   PER_WORKER   how much of that one worker should have
set -euo pipefail

fail() {
  echo "count.sh: $*" >&2
  exit 1
}

number() { [[ ${!1:-} =~ ^[0-9]+$ ]] || fail "$1 is '${!1:-}': must be a number"; }

number MIN
number MAX
[ "$MIN" -le "$MAX" ] || fail "MIN is $MIN, more than MAX, $MAX"

# asked COUNT WHY: within the bounds.
asked() {
  local count=$1 why=$2
  [ "$count" -le "$MAX" ] || { count=$MAX why+=", $MAX at most"; }
  [ "$count" -ge "$MIN" ] || { count=$MIN why+=", $MIN at least"; }
  printf 'count=%s\nwhy=%s\n' "$count" "${why//$'\n'/ }"
}

if [ -n "${COUNT:-}" ]; then
  number COUNT
  asked "$COUNT" "${WHY:-somebody asked for it}"
elif [ -n "${SCHEDULE:-}" ] && [ "$SCHEDULE" = "${DAY:-}" ]; then
  asked "$MAX" "the day begins ($SCHEDULE UTC)"
elif [ -n "${SCHEDULE:-}" ] && [ "$SCHEDULE" = "${NIGHT:-}" ]; then
  asked "$MIN" "the night begins ($SCHEDULE UTC)"
elif [ -n "${PROMETHEUS:-}" ]; then
  [[ ${PER_WORKER:-} =~ ^[0-9]*\.?[0-9]*[1-9][0-9]*$ ]] || fail "PER_WORKER is '${PER_WORKER:-}': must be a number above 0"
  answer=$(curl --silent --show-error --fail-with-body --max-time 30 --get --data-urlencode "query=${QUERY:?}" "$PROMETHEUS/api/v1/query") || fail "Prometheus says: $answer"
  value=$(jq --raw-output --exit-status '.data.result | if length == 1 then .[0].value[1] | tonumber else empty end' <<<"$answer") ||
    fail "'$QUERY' is no single number: $answer"
  asked "$(jq --null-input --argjson value "$value" --argjson each "$PER_WORKER" '$value / $each | ceil')" "$QUERY is $value, at $PER_WORKER for each worker"
else
  fail "nothing says how many: set COUNT, or SCHEDULE with DAY and NIGHT, or PROMETHEUS"
fi
