package main

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Services that the soak deploys. On each worker runs a container of the site, which answers with the worker's name, and one of
// the client, which asks for that over an overlay network. The labels of the third are written.
const (
	siteService   = "soak-site"
	clientService = "soak-client"
	labelService  = "soak-labels"
	image         = "nginx:1.28"
	labelReplicas = 3
)

// deployScript deploys them, on a manager. The site has no virtual IP, as not every kernel has IPVS.
const deployScript = `docker network create --driver overlay soak >/dev/null
create() { timeout 180 docker service create --quiet --constraint node.role==worker "$@" >/dev/null; }
create --name ` + siteService + ` --mode global --network soak --endpoint-mode dnsrr --env 'NODE={{.Node.Hostname}}' ` + image + ` \
	sh -c 'echo "$NODE" >/usr/share/nginx/html/index.html && exec nginx -g "daemon off;"'
create --name ` + clientService + ` --mode global --network soak ` + image + ` sleep infinity
create --name ` + labelService + ` --replicas 3 ` + image

// clientScript runs in the client of a worker. To each line it answers with the workers whose containers of the site answer;
// to "any", with the first one that is not its own.
const clientScript = `container=$(docker ps --quiet --filter label=com.docker.swarm.service.name=` + clientService + ` | head -n 1)
[ -n "$container" ] || exit 1
exec docker exec --interactive --env "NODE=$(hostname)" "$container" bash -c '
	echo ` + ready + `
	while read -r what; do
		seen=
		for address in $(getent ahostsv4 ` + siteService + ` | cut -d " " -f 1 | sort -u | shuf); do
			name=$(curl --silent --fail --connect-timeout 1 --max-time 3 "http://$address/") || continue
			[ "$what" = all ] || [ "$name" != "$NODE" ] || continue
			seen="$seen $name"
			[ "$what" = all ] || break
		done
		echo "$seen"
	done'`

// pageLoad has the client on a worker ask for a page of another worker, and the next worker's after a failure.
func pageLoad(clients *consoles) *load {
	return &load{name: "pages", every: 400 * time.Millisecond, request: func(ctx context.Context, _ int) outcome {
		answer, err := clients.ask(ctx, "any")
		switch {
		case errors.Is(err, errNotSent):
			return refused
		case err != nil:
			return unknown
		case answer == "":
			clients.next()
			return refused
		}
		return acknowledged
	}}
}

// reached asks the client of each worker which workers' containers of the site answer.
func reached(ctx context.Context, clients *consoles) (map[string][]string, error) {
	found := map[string][]string{}
	for _, worker := range clients.machines() {
		answer, err := clients.askOn(ctx, worker, "all")
		if err != nil {
			return nil, err
		}
		found[worker] = strings.Fields(answer)
	}
	return found, nil
}
