package bootstrap

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// aclServer stands for a Consul server that has these policies and tokens, and refuses to write what contains the word.
func aclServer(t *testing.T, policies, tokens, refused string) (url string, written *[]string) {
	t.Helper()
	written = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Consul-Token") != "manager's" {
			http.Error(w, "Permission denied", http.StatusForbidden)
			return
		}
		switch r.Method + " " + r.URL.Path {
		case "GET /v1/acl/policies":
			_, _ = io.WriteString(w, policies)
		case "GET /v1/acl/tokens":
			_, _ = io.WriteString(w, tokens)
		default:
			body, err := io.ReadAll(r.Body)
			var value any
			if err != nil || json.Unmarshal(body, &value) != nil {
				http.Error(w, "Request decode failed", http.StatusBadRequest)
				return
			}
			if refused != "" && strings.Contains(string(body), refused) {
				http.Error(w, "Invalid Policy: "+refused, http.StatusBadRequest)
				return
			}
			text, _ := json.Marshal(value)
			*written = append(*written, r.Method+" "+r.URL.Path+" "+string(text))
			_, _ = w.Write(body) // as Consul does, the token's secret included
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, written
}

func TestPoliciesAndTokensAreWrittenWhetherTheyAreThereOrNot(t *testing.T) {
	const (
		policies = `{"agents":"key_prefix \"a\\b\" { policy = \"read\" }\nnode \"web-0\" {}","übrige":"# <none>"}`
		wanted   = `{"agent":["agents"],"other":["agents","übrige"]}`
		secrets  = `{"agent":"11-agent","other":"22-other","unused":"33"}`
	)
	const (
		agents = ` {"Description":"made by azswarm","Name":"agents","Rules":"key_prefix \"a\\b\" { policy = \"read\" }\nnode \"web-0\" {}"}`
		others = ` {"Description":"made by azswarm","Name":"übrige","Rules":"# \u003cnone\u003e"}`
		agent  = ` {"Description":"azswarm agent","Policies":[{"Name":"agents"}],"SecretID":"11-agent"}`
		other  = ` {"Description":"azswarm other","Policies":[{"Name":"agents"},{"Name":"übrige"}],"SecretID":"22-other"}`
	)
	for name, test := range map[string]struct {
		policies, tokens, refused string
		written                   []string
		said                      string
	}{
		"none is there": {"[]", "[]", "", []string{"PUT /v1/acl/policy" + agents, "PUT /v1/acl/policy" + others, "PUT /v1/acl/token" + agent, "PUT /v1/acl/token" + other}, ""},
		"some are there": {`[{"ID":"p1","Name":"agents"},{"ID":"p0","Name":"global-management"}]`, `[{"AccessorID":"a2","SecretID":"22-other"},{"AccessorID":"a0","SecretID":"00"}]`, "",
			[]string{"PUT /v1/acl/policy/p1" + agents, "PUT /v1/acl/policy" + others, "PUT /v1/acl/token" + agent, "PUT /v1/acl/token/a2" + other}, ""},
		"none is wanted":      {"[]", "[]", "", nil, ""},
		"a policy is refused": {"[]", "[]", "übrige", []string{"PUT /v1/acl/policy" + agents}, "Consul says: Invalid Policy: übrige"},
		"a token is refused": {"[]", "[]", "22-other", []string{"PUT /v1/acl/policy" + agents, "PUT /v1/acl/policy" + others, "PUT /v1/acl/token" + agent},
			"Consul says: Invalid Policy: 22-other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			policies, wanted := policies, wanted
			if name == "none is wanted" {
				policies, wanted = "{}", "{}"
			}
			url, written := aclServer(t, test.policies, test.tokens, test.refused)
			header := filepath.Join(t.TempDir(), "header")
			if err := os.WriteFile(header, []byte("X-Consul-Token: manager's\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := run(t, Script{Parameters: []Parameter{{"CONSUL_URL", url}, {"CONSUL_HEADER", header}, {"POLICIES", policies}, {"WANTED", wanted}}, Files: []string{"consul-acl"}},
				`consul() { curl --silent --fail-with-body --header "@$CONSUL_HEADER" --request "$1" "$CONSUL_URL$2"; }
ensure_acl "$POLICIES" "$WANTED" "$(jq -c .tokens <<<"$SECRETS")"`, `{"tokens":`+secrets+`}`)
			if !slices.Equal(*written, test.written) {
				t.Errorf("written:\n%s\nwant:\n%s", strings.Join(*written, "\n"), strings.Join(test.written, "\n"))
			}
			if (err == nil) != (test.said == "") || !strings.Contains(out, test.said) {
				t.Errorf("printed %q (%v), want %q", out, err, test.said)
			}
			if strings.Contains(out, "11-agent") || strings.Contains(out, "manager's") {
				t.Errorf("it prints a secret: %q", out)
			}
		})
	}
}
