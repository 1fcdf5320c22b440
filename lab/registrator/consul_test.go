package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCheckFollowsTheMetadata(t *testing.T) {
	tests := map[string]struct {
		attrs map[string]string
		want  string // as JSON, "null" for no check
	}{
		"none":      {want: `null`},
		"http":      {attrs: map[string]string{"check_http": "/health"}, want: `{"HTTP":"http://10.0.0.1:80/health","Interval":"10s"}`},
		"tcp":       {attrs: map[string]string{"check_tcp": "true", "check_interval": "3s", "check_timeout": "1s"}, want: `{"TCP":"10.0.0.1:80","Interval":"3s","Timeout":"1s"}`},
		"ttl":       {attrs: map[string]string{"check_ttl": "30s", "check_interval": "3s"}, want: `{"TTL":"30s"}`},
		"script":    {attrs: map[string]string{"check_script": "nc $SERVICE_IP $SERVICE_PORT"}, want: `{"Script":"nc 10.0.0.1 80","Interval":"10s"}`},
		"cmd":       {attrs: map[string]string{"check_cmd": "/check", "check_interval": "5s"}, want: `{"Script":"check-cmd 0123456789ab 8080 /check","Interval":"5s"}`},
		"http wins": {attrs: map[string]string{"check_http": "/", "check_tcp": "true", "check_ttl": "30s"}, want: `{"HTTP":"http://10.0.0.1:80/","Interval":"10s"}`},
		"later than version 7": {
			attrs: map[string]string{"check_tcp": "1", "check_initial_status": "passing", "check_deregister_after": "10m"},
			want:  `{"TCP":"10.0.0.1:80","Interval":"10s"}`,
		},
		"https is later, too": {attrs: map[string]string{"check_https": "/"}, want: `null`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(check(service{container: "0123456789abcdef", exposed: "8080", address: "10.0.0.1", port: 80, attrs: test.attrs}))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("check is %s, want %s", got, test.want)
			}
		})
	}
}

func TestRegistryURI(t *testing.T) {
	tests := map[string]string{ // URI -> part of the error
		"consul://127.0.0.1:8500":    "",
		"consul:":                    "",
		"consul-unix:///run/c.sock":  "",
		"consul-tls://c.test:8501":   "",
		"etcd://127.0.0.1:2379/path": "consul, consul-tls and consul-unix only",
		"127.0.0.1:8500":             "registry URI",
	}
	for uri, want := range tests {
		t.Run(uri, func(t *testing.T) {
			switch _, err := newConsul(uri); {
			case want == "" && err != nil:
				t.Error(err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("error is %v, want one with %q", err, want)
			}
		})
	}
}
