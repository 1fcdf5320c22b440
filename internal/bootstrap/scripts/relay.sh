# shellcheck shell=bash
# On the bastion: the script of another machine goes there.

# callers: the processes that started this one, sudo and sshd. Others take their place when the connection is gone.
callers() {
  local process=$$ parent
  for _ in 1 2; do
    read -r _ _ _ parent _ <"/proc/$process/stat"
    printf '%s ' "$parent"
    process=$parent
  done
}

# relay WORDS...: the rest of standard input is the script and its secrets, the words are those of its command. Connections may fail
# before the script begins; nothing runs twice. What an update that was killed left waiting here never begins: a newer one may have
# done its work.
relay() {
  local script words callers status=0
  callers=$(callers)
  script=$(cat)
  printf -v words '%q ' "$@"
  await 120 "$NODE" connect "$ADDRESS"
  [ "$(callers)" = "$callers" ] || die "$NODE: nobody waits for this any more"
  # shellcheck disable=SC2029 # for the other shell
  ssh "${PEER[@]}" "$ADMIN@$ADDRESS" "sudo -n bash -s -- $words" < <(printf '%s\n' "$script") || status=$?
  [ "$status" != 255 ] || die "$NODE: the connection broke while the script ran"
  return "$status"
}
