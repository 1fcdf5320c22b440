# shellcheck shell=bash
# Policies and tokens of the cluster, made on whichever server answers.

# acl_requests: of a JSON list of requests, with path and body, what curl is to do, in the form of its configuration. It is read from
# standard input: arguments would show. JSON's way to quote a text is curl's as well.
acl_requests() {
  jq -r --arg url "${CONSUL_URL:-http://127.0.0.1:8500}" --arg header "@${CONSUL_HEADER:-/etc/azswarm/consul.header}" '
    map("url = \($url + .path | tojson)\nheader = \($header | tojson)\nrequest = PUT\nfail-with-body\nmax-time = 15\ndata-raw = \(.body | tojson | tojson)\nwrite-out = \"\\n\"")
    | join("\nnext\n")'
}

# acl_write REQUESTS: make them, one after the other, over one connection. One program for all of them: to start one takes a small
# machine longer than Consul takes to answer.
acl_write() {
  local answers
  [ "$1" != '[]' ] || return 0
  answers=$(acl_requests <<<"$1" | curl --silent --show-error --fail-early --config -) || { say "Consul says: ${answers##*$'\n'}"; return 1; }
}

# ensure_acl POLICIES TOKENS SECRETS: JSON objects: rules by policy, policies by token, and the secret by token.
ensure_acl() {
  local have
  have=$(consul GET /v1/acl/policies </dev/null) || { say "Consul says: $have"; return 1; }
  acl_write "$(jq -c --slurpfile want <(printf %s "$1") '
    (map({key: .Name, value: .ID}) | from_entries) as $ids
    | [$want[0] | to_entries[] | {
        path: ("/v1/acl/policy" + ($ids[.key] // "" | if . == "" then "" else "/" + . end)),
        body: {Name: .key, Rules: .value, Description: "made by azswarm"}}]' <<<"$have")" || return 1
  have=$(consul GET /v1/acl/tokens </dev/null) || { say "Consul says: $have"; return 1; }
  acl_write "$(jq -c --slurpfile want <(printf %s "$2") --slurpfile secrets <(printf %s "$3") '
    (map({key: .SecretID, value: .AccessorID}) | from_entries) as $ids
    | [$want[0] | to_entries[] | $secrets[0][.key] as $secret | {
        path: ("/v1/acl/token" + ($ids[$secret] // "" | if . == "" then "" else "/" + . end)),
        body: {SecretID: $secret, Description: "azswarm \(.key)", Policies: (.value | map({Name: .}))}}]' <<<"$have")"
}
