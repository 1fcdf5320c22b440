# shellcheck shell=bash
# On a worker: what an application asks of Consul, from a container on NETWORK. TOKEN is the application's; it is in
# environments and on standard input only. One line an answer.

umask 077
cat >/run/e2e.env <<ENV
CONSUL_HTTP_ADDR=$AGENT
CONSUL_HTTP_TOKEN=$TOKEN
ENV
# Names are one network's, not one engine's, where Consul keeps the networks: the next worker's containers have these names too.
trap 'rm -f /run/e2e.env; docker rm --force --volumes e2e-asker e2e-watch >/dev/null 2>&1 || true' EXIT
docker rm --force --volumes e2e-asker e2e-watch >/dev/null 2>&1 || true
docker run --detach --name e2e-asker --network "$NETWORK" --env-file /run/e2e.env \
  --volume /usr/local/bin/e2e-lookup:/lookup:ro nginx:1.28 sleep infinity >/dev/null

answer() {
  printf '%s = ' "$1"
  shift
  "$@"
  echo
}

lookup() { docker exec e2e-asker /lookup "$@"; }

anybody() { docker exec e2e-asker curl --silent --max-time 5 "$@" || true; }

application() {
  # shellcheck disable=SC2016 # the container's shell expands it
  docker exec e2e-asker sh -c 'printf "X-Consul-Token: %s\n" "$CONSUL_HTTP_TOKEN" |
    curl --silent --max-time 5 --header @- "$@"' - "$@" || true
}

# status WHO ARGUMENTS...: the HTTP status of what they get.
status() {
  local who=$1
  shift
  "$who" --output /dev/null --write-out '%{http_code}' "$@"
}

found() {
  application "$AGENT/v1/health/service/web?passing" |
    jq -r '.[].Service | "\(.Address):\(.Port) \(.Tags | join(","))"' | tr -d '\n'
}

# fires: a watch runs a command, which reads the key, at each change of it.
fires() {
  local value attempt
  docker run --detach --name e2e-watch --network "$NETWORK" --env-file /run/e2e.env --entrypoint /bin/consul \
    "$(docker inspect --format '{{.Config.Image}}' consul)" \
    watch -type=key -key=app/e2e /bin/consul kv get app/e2e >/dev/null
  for value in first second; do
    application --request PUT --data "$value" "$AGENT/v1/kv/app/e2e" >/dev/null
    for attempt in {1..100}; do
      [ "$(docker logs e2e-watch 2>/dev/null | tail -n 1)" != "$value" ] || break
      [ "$attempt" -lt 100 ] || docker logs e2e-watch >&2
      sleep 0.1
    done
  done
  docker logs e2e-watch 2>/dev/null | uniq | tail -n 2 | paste --serial --delimiters ' ' | tr -d '\n'
}

# internet: whether a container finds at least one of the addresses that its machine finds, where there are any.
internet() {
  local addresses answer
  addresses=$(getent ahostsv4 "$OUTSIDE" | awk '{ print $1 }') || { printf 'as on the machine'; return; }
  answer=$(lookup A "$OUTSIDE")
  for answer in ${answer##* = }; do
    if grep -qFx "$answer" <<<"$addresses"; then
      printf 'as on the machine'
      return
    fi
  done
  printf '%s, on the machine %s' "$answer" "$addresses"
}

lookup -await "$WEB" A web.service.consul >/dev/null
lookup A web.service.consul A blue.web.service.consul A green.web.service.consul SRV web.service.consul
if [ "$NETWORK" = bridge ]; then # networks of Docker's own pass on no names without dots
  lookup A "$MANAGER"
fi
answer 'a name of the internet is' internet
answer 'anybody lists services' anybody "$AGENT/v1/catalog/services"
answer 'anybody reads a key' status anybody "$AGENT/v1/kv/app/e2e"
answer 'anybody writes a key' status anybody --request PUT --data x "$AGENT/v1/kv/app/e2e"
answer 'the application writes a key' application --request PUT --data hello "$AGENT/v1/kv/app/e2e"
answer 'the application reads it' application "$AGENT/v1/kv/app/e2e?raw"
answer "the application writes another's key" status application --request PUT --data x "$AGENT/v1/kv/e2e"
answer "the application reads the Swarm's keys" status application "$AGENT/v1/kv/azswarm/swarm/worker/managers/token"
answer 'the application registers a service' status application --request PUT --data '{"Name":"web"}' "$AGENT/v1/agent/service/register"
answer 'the application finds web' found
answer 'the watch fires with' fires
answer "the agent at the node's address" status anybody "http://$OWN:8500/v1/status/leader"
answer 'the agent of another machine' status anybody "http://$OTHER:8500/v1/status/leader"
