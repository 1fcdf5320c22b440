#!/bin/bash
# Makes what is secret of a cluster in the working directory: secrets.sh MANAGER PUBLIC TOKEN...
#
# MANAGER is the address of a manager, one or several separated by spaces, PUBLIC that of its load balancer, TOKEN the name of a token.
# It leaves secrets.json, with the key of the gossip and the tokens, and consul-ca.pem, consul.pem and consul.key, swarm-ca.pem,
# swarm.pem and swarm.key, client.pem and client.key.
set -euo pipefail
umask 077
managers=$1 public=$2
shift 2

authority() { # NAME SUBJECT
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$2" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

certificate() { # NAME AUTHORITY SUBJECT EXTENSIONS
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$3" -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 825 -extfile <(printf '%s\n' "$4") -out "$1.pem" 2>/dev/null
}

{
  authority consul-ca 'consul agents'
  certificate consul consul-ca consul $'extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:server.dc1.consul,DNS:localhost'
} &
{
  authority swarm-ca 'managers API'
  names=DNS:localhost,IP:127.0.0.1,IP:$public
  for address in $managers; do names+=,IP:$address; done
  certificate swarm swarm-ca manager $'extendedKeyUsage=serverAuth\nsubjectAltName='"$names"
  certificate client swarm-ca operator extendedKeyUsage=clientAuth
} &
for name; do printf '%s %s\n' "$name" "$(</proc/sys/kernel/random/uuid)"; done |
  jq --raw-input --slurp --rawfile gossip <(openssl rand -base64 32 | tr -d '\n') \
    '{gossip: $gossip, tokens: (split("\n") | map(select(. != "") | split(" ") | {key: .[0], value: .[1]}) | from_entries)}' >secrets.json
for job in $(jobs -p); do wait "$job"; done
