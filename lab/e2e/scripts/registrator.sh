# shellcheck shell=bash
# On a worker: what Registrator has made of the test's containers, and what its token is good for. One line an answer.

# as SECRET ARGUMENTS...: ask the agent.
as() {
  local secret=$1
  shift
  curl --silent --max-time 5 --header @<(printf 'X-Consul-Token: %s\n' "$secret") "$@"
}

registrator() {
  as "$(sed -n s/^CONSUL_HTTP_TOKEN=//p /etc/azswarm/registrator.env)" --output /dev/null --write-out '%{http_code}' "$@"
}

# shown NAME: address, tags and checks of a service.
shown() {
  as "$TOKEN" "$AGENT/v1/health/service/$1" | jq -r '.[] | .Service as $s | "\($s.Address):\($s.Port) \($s.Tags | join(","))" +
    (.Checks | map(select(.ServiceID == $s.ID)) | map(" \(.Type)" +
      (if .Type == "ttl" then "" else " every \(.Interval)" end) +
      (if .Timeout == "" or .Timeout == "0s" then "" else ", \(.Timeout) at most" end) + ", \(.Status)") | join(""))'
}

health() { as "$TOKEN" "$AGENT/v1/health/checks/$1" | jq -r '.[].Status'; }

logged() { docker logs registrator 2>&1 | grep "$1" | tail -n 1; }

# awaited VALUE COMMAND...: wait until a command prints the value, and print it.
awaited() {
  local value=$1 attempt
  shift
  for attempt in {1..100}; do
    if [ "$("$@")" = "$value" ]; then
      printf '%s\n' "$value"
      return
    fi
    sleep 0.1
  done
  printf 'never %s in %d attempts\n' "$value" "$attempt"
}

# all_seen: Registrator has come to the last container of the test.
all_seen() { [ -z "$(logged e2e-script)" ] || echo yes; }

awaited yes all_seen >/dev/null
for name in by-http by-tcp; do
  awaited passing health "$name" >/dev/null
done
for name in orders front back hidden by-script by-http by-tcp by-ttl; do
  printf '%s = %s\n' "$name" "$(shown "$name")"
done
registrator --request PUT "$AGENT/v1/agent/check/pass/service:$(hostname):e2e-ttl:80" >/dev/null
printf 'by-ttl after a heartbeat = %s\n' "$(awaited passing health by-ttl)"
printf 'by-ttl without another = %s\n' "$(awaited critical health by-ttl)"
logged e2e-script
if [ -e /run/e2e-script ]; then echo 'the script ran = yes'; else echo 'the script ran = no'; fi
printf 'Registrator reads a key = %s\n' "$(registrator "$AGENT/v1/kv/app/e2e")"
printf 'Registrator writes a key = %s\n' "$(registrator --request PUT --data x "$AGENT/v1/kv/app/e2e")"
printf 'Registrator lists tokens = %s\n' "$(registrator "$AGENT/v1/acl/tokens")"
printf 'Registrator reads the agent = %s\n' "$(registrator "$AGENT/v1/agent/self")"
printf 'Registrator registers docker-api = %s\n' \
  "$(registrator --request PUT --data '{"Name":"docker-api","Port":1}' "$AGENT/v1/agent/service/register")"
docker logs registrator 2>&1 | sed -n 1p
