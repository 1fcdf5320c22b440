# shellcheck shell=bash
# A machine that has booted.

# The functions below up to the next headline run on the machine.

# initialised: cloud-init has ended, well or not. The file tells that it leaves then: to ask its own command costs a booting machine
# more than a second of work each time. It waits a minute, as connections don't last through a restart.
initialised() {
  local look
  for ((look = 0; look < 120; look++)); do
    [ ! -e "${CLOUD_INIT:-/run/cloud-init}/result.json" ] && [ ! -e "${CLOUD_INIT:-/run/cloud-init}/disabled" ] || return 0
    sleep 0.5
  done
  say 'still running'
  return 1
}

# initialised_well PROGRAMS...: it has ended well, and the machine has these programs, which it may have had to install. The engine
# decides about warnings.
initialised_well() {
  local said program missing=
  if ! grep --quiet '^ *"errors": \[\]' "${CLOUD_INIT:-/run/cloud-init}/result.json" 2>/dev/null; then
    said=$(cloud-init status --long) || true
    said="cloud-init has failed: $(tr --squeeze-repeats '\n' ' ' <<<"$said")"
  else
    for program; do
      command -v "$program" >/dev/null || missing+=" $program"
    done
    [ -n "$missing" ] || return 0
    said="it has no$missing: $(sed -n 's/^\(E: \|Err:[0-9]* \)//p' "${CLOUD_INIT:-/var/log/cloud-init}-output.log" 2>/dev/null | tail -n 3 | tr '\n' ' ')"
  fi
  printf %s "$said"
  return 1
}

engine_answers() { docker version --format '{{.Server.Version}}'; }

# The rest runs on the machine itself, or on the bastion.

# await_cloud_init PROGRAMS [on ADDRESS]
await_cloud_init() {
  local said programs
  read -ra programs <<<"$1"
  shift
  await 1800 "cloud-init on $NODE" "$@" initialised
  said=$("$@" initialised_well "${programs[@]}") || die "$NODE: ${said% }; see /var/log/cloud-init-output.log there"
}

# machine_ready: this machine, which is the bastion, is ready for others.
machine_ready() {
  await_cloud_init 'jq curl'
  keep_connections
  say "$NODE is ready"
}

# machine_booted: the machine answers with its own host key, cloud-init has done its work there, and its engine answers.
machine_booted() {
  local said
  if ! said=$( (await 300 "$NODE" connect "$ADDRESS") 2>&1); then
    case $said in
    *'No route to host'* | *'timed out'*) said+=". If the machine is gone, as where an update was killed while Azure deleted it, 'pulumi refresh' finds that out" ;;
    esac
    die "${said#error: }"
  fi
  await_cloud_init 'jq curl dockerd' on "$ADDRESS"
  await 120 "Docker engine on $NODE" on "$ADDRESS" engine_answers
  say "$NODE is ready"
}
