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

# RECEIVE is what the machine does with a script: it is kept, with the words of its command, so that the machine can come back by itself
# where it has left its cluster. Nothing runs of one that did not arrive as a whole.
# shellcheck disable=SC2016 # the machine's shell expands it
RECEIVE='set -eu
umask 077
mkdir -p "$2"
cat >"$2/join.new"
[ "$(wc -c <"$2/join.new")" = "$1" ] || { echo "error: the script did not arrive as a whole" >&2; exit 1; }
mv "$2/join.new" "$2/join"
bash -s <"$2/join"
rm -f "$2/left"'

# relay WORDS...: the rest of standard input is the script and its secrets, the words are those of its command. Connections may fail
# before the script begins; nothing runs twice. What an update that was killed left waiting here never begins: a newer one may have
# done its work.
relay() {
  local script words callers status=0
  callers=$(callers)
  printf -v script 'set -- %s\n%s\n' "$(printf '%q ' "$@")" "$(cat)"
  printf -v words '%q ' "$RECEIVE" machine "$(LC_ALL=C; printf %s "${#script}")" "${JOINED:-/var/lib/azswarm}"
  await 120 "$NODE" connect "$ADDRESS"
  [ "$(callers)" = "$callers" ] || die "$NODE: nobody waits for this any more"
  # shellcheck disable=SC2029 # for the other shell
  ssh "${PEER[@]}" "$ADMIN@$ADDRESS" "sudo -n bash -c $words" < <(printf %s "$script") || status=$?
  [ "$status" != 255 ] || die "$NODE: the connection broke while the script ran"
  return "$status"
}
