#!/bin/sh
# Entry point of the Consul image, for the arguments and variables the official image takes:
#   agent ...          adds the data and configuration directories, and the settings below
#   any subcommand     runs consul with it
#   anything else      runs as a command
# CONSUL_BIND_INTERFACE and CONSUL_CLIENT_INTERFACE name interfaces to bind to, CONSUL_LOCAL_CONFIG is JSON to be merged.
set -e

config=${CONSUL_CONFIG_DIR:-/consul/config}
data=${CONSUL_DATA_DIR:-/consul/data}

# interface_flag FLAG INTERFACE prints the flag with the interface's IPv4 address.
interface_flag() {
  address=$(ip -o -4 addr show dev "$2" | awk '{ sub("/.*", "", $4); print $4; exit }')
  if [ -z "$address" ]; then
    echo "docker-entrypoint.sh: interface $2 has no IPv4 address" >&2
    exit 1
  fi
  echo "$1=$address"
}

case "${1:-}" in
  -*) set -- agent "$@" ;;
esac

if [ "${1:-}" = agent ]; then
  shift
  mkdir -p "$config" "$data"
  if [ -n "${CONSUL_LOCAL_CONFIG:-}" ]; then
    printf '%s\n' "$CONSUL_LOCAL_CONFIG" >"$config/local.json"
  fi
  if [ -n "${CONSUL_CLIENT_INTERFACE:-}" ]; then
    client=$(interface_flag -client "$CONSUL_CLIENT_INTERFACE")
    set -- "$client" "$@"
  fi
  if [ -n "${CONSUL_BIND_INTERFACE:-}" ]; then
    bind=$(interface_flag -bind "$CONSUL_BIND_INTERFACE")
    set -- "$bind" "$@"
  fi
  exec consul agent -data-dir="$data" -config-dir="$config" "$@"
fi

# Consul prints help with its subcommand's name for those it has, and "Usage: consul" for those it hasn't.
if consul "${1:-}" --help 2>&1 | grep -q "Usage: consul ${1:-}"; then
  exec consul "$@"
fi
exec "$@"
