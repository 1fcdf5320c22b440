# shellcheck shell=bash
# Images by what they are, and not by a tag that moves.

# digest IMAGE: on a manager, the digest that the image's registry has for it.
digest() {
  local answer
  answer=$(engine GET "/distribution/$1/json" </dev/null) || { say "$answer"; return 1; }
  jq --raw-output --exit-status .Descriptor.digest <<<"$answer"
}

# pin_image: prints the image with its digest, as a manager hears it from the image's registry, and nothing else.
pin_image() {
  local found
  found=$(on_any "$MANAGER_PEERS" digest "$IMAGE" | tail -n 1) || true # what was said instead is in it
  [[ $found == sha256:* ]] || die "no manager hears from its registry which image $IMAGE is: $found. Give it with its digest, \
as NAME:TAG@sha256:…"
  say "$IMAGE@$found"
}
