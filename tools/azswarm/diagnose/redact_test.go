package diagnose

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

const pemKey = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDplantedplantedplantedplantedplantedplantedplanted1234567
-----END OPENSSH PRIVATE KEY-----
`

func TestWhatIsKnownAsSecretGoesInEveryForm(t *testing.T) {
	const token = "6f1c3a52-planted-token"
	r := NewRedactor([]string{token, pemKey, "short", ""})
	encoded, err := json.Marshal(map[string]string{"x": pemKey})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"plain":         "GET /v1/kv " + token + " 403",
		"base64":        "data " + base64.StdEncoding.EncodeToString([]byte(token)) + " end",
		"key":           pemKey,
		"key in JSON":   string(encoded),
		"a line of it":  "journal[1]: QyNTUxOQAAACDplantedplantedplantedplantedplantedplantedplanted1234567",
		"its other one": "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW|",
	} {
		got := r.Redact(text)
		if strings.Contains(got, "planted") || strings.Contains(got, "b3BlbnNzaC1") || !strings.Contains(got, placeholder) {
			t.Errorf("%s: %q", name, got)
		}
	}
	// Where one secret begins as another does, nothing of the longer one stays.
	if got := NewRedactor([]string{"planted-1", "planted-1-and-more"}).Redact("x planted-1-and-more y"); got != "x "+placeholder+" y" {
		t.Errorf("a secret that begins as another: %q", got)
	}
	if got := r.Redact("a short text"); got != "a short text" {
		t.Errorf("what is too short to be a secret: %q", got)
	}
}

func TestWhatHasTheFormOfASecretGoes(t *testing.T) {
	r := NewRedactor(nil)
	for _, text := range []string{
		pemKey,
		"-----BEGIN RSA PRIVATE KEY-----\nplanted", // cut off
		"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAplantedAAAtz\n-----END OPENSSH PRIVATE KEY-----",
		"docker swarm join --token SWMTKN-1-planted-planted 10.20.2.4:2377",
		"unlock with SWMKEY-1-planted+planted/planted",
		`"X-Consul-Token: planted-1234"`,
		"Authorization: Bearer planted.planted",
		"authorization: Basic planted==",
		"POSTGRES_PASSWORD=planted-pw",
		`{"db_password": "planted"}`,
		"password: planted",
		"AccountKey=planted==;EndpointSuffix=core.windows.net",
		"ARM_CLIENT_SECRET=planted",
		"CONSUL_HTTP_TOKEN=planted",
		`"encrypt": "planted/planted="`,
		"app --password planted --port 80",
		"GET https://x.blob.core.windows.net/c?sv=1&sig=planted%2B&se=2",
		"GET /v1/kv/docker/nodes?token=planted-uuid&wait=1",
		"proxy http://user:planted@proxy.example.com:3128",
		"jwt eyJhbGciOiJIUzI1NiJ9.planted-planted.planted",
		"gossip plantedplantedplantedplantedplantedplanted0=.",
	} {
		if got := r.Redact(text); strings.Contains(got, "planted") || !strings.Contains(got, placeholder) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestWhatIsNoSecretStays(t *testing.T) {
	r := NewRedactor([]string{"6f1c3a52-planted-token"})
	for _, text := range []string{
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0c5l1Q2r3s4t5u6v7w8x9y0zABCDEFGHIJKLMNOPQR",
		"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
		"nginx@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"node 0c9f3a9e-63a5-4a5c-8d0f-0b1f3f6f2a11 joined",
		"-----BEGIN CERTIFICATE-----",
		"http://127.0.0.1:8500/v1/status/leader",
		"10.20.1.4:8301 alive server 1.22.7",
		"no space left on device: /var/lib/docker",
	} {
		if got := r.Redact(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestSecretsAreWhatIsNotShown(t *testing.T) {
	read := func(text string) stack.Values {
		var values stack.Values
		if err := json.Unmarshal([]byte(text), &values); err != nil {
			t.Fatal(err)
		}
		return values
	}
	all := read(`{"a":"plain","key":"k1","map":{"x":"k2","y":"seen"},"list":["seen",{"z":"k3"}],"whole":{"p":"k4"},"n":5}`)
	public := read(`{"a":"plain","key":"[secret]","map":{"x":"[secret]","y":"seen"},"list":["seen",{"z":"[secret]"}],"whole":"[secret]","n":5}`)
	got := Secrets(all, public)
	slices.Sort(got)
	if !slices.Equal(got, []string{"k1", "k2", "k3", "k4"}) {
		t.Errorf("secrets %q", got)
	}
}
