# shellcheck shell=bash
# Waits until cloud-init has finished with the machine and its Docker engine answers.

# cloud-init's exit code 2 means "done, with warnings": the engine check below decides.
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
