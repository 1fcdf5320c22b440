# shellcheck shell=bash
# Policies and tokens of the cluster, made on whichever server answers.

# consul_as TOKEN METHOD PATH: call this node's agent with a token. It goes through a pipe: an argument would show.
consul_as() {
  curl --silent --show-error --fail-with-body --max-time 15 --request "$2" \
    --header @<(printf 'X-Consul-Token: %s\n' "$1") --data-binary @- "http://127.0.0.1:8500$3"
}

# ensure_policy NAME RULES
ensure_policy() {
  local id
  id=$(consul GET "/v1/acl/policy/name/$1" </dev/null 2>/dev/null | jq -r '.ID // empty') || id=
  jq --null-input --arg name "$1" --arg rules "$2" '{Name: $name, Rules: $rules, Description: "made by azswarm"}' |
    consul PUT "/v1/acl/policy${id:+/$id}" >/dev/null
}

# ensure_token NAME SECRET POLICIES: the secret is a token with these policies, a JSON array of names.
ensure_token() {
  local accessor
  accessor=$(consul_as "$2" GET /v1/acl/token/self </dev/null 2>/dev/null | jq -r '.AccessorID // empty') || accessor=
  jq --null-input --rawfile secret <(printf %s "$2") --arg name "$1" --argjson policies "$3" \
    '{SecretID: $secret, Description: "azswarm \($name)", Policies: ($policies | map({Name: .}))}' |
    consul PUT "/v1/acl/token${accessor:+/$accessor}" >/dev/null
}

# ensure_acl POLICIES TOKENS SECRETS: JSON objects: rules by policy, policies by token, and the secret by token.
ensure_acl() {
  local name
  for name in $(jq -r 'keys[]' <<<"$1"); do
    ensure_policy "$name" "$(jq -r --arg name "$name" '.[$name]' <<<"$1")" || return 1
  done
  for name in $(jq -r 'keys[]' <<<"$2"); do
    ensure_token "$name" "$(jq -r --arg name "$name" '.[$name]' <<<"$3")" "$(jq -c --arg name "$name" '.[$name]' <<<"$2")" || return 1
  done
}
