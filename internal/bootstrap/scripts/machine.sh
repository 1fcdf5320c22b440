# shellcheck shell=bash
# A machine that has booted.

# machine_ready: cloud-init has finished, and the Docker engine answers where there is to be one.
machine_ready() {
  local status
  # Its exit code 2 means "done, with warnings": the engine decides.
  status=$(cloud-init status --wait | tail -n 1) || true
  case $status in
  *done*) ;;
  *)
    cloud-init status --long >&2 || true
    die "cloud-init: ${status:-no status}; see /var/log/cloud-init-output.log on $NODE"
    ;;
  esac
  if [ "$ENGINE" = true ]; then
    await 120 "Docker engine on $NODE" docker version --format '{{.Server.Version}}'
  fi
  say "$NODE is ready"
}
