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
		"https":     {attrs: map[string]string{"check_https": "/"}, want: `{"HTTP":"https://10.0.0.1:80/","Interval":"10s"}`},
		"tcp":       {attrs: map[string]string{"check_tcp": "true", "check_interval": "3s", "check_timeout": "1s"}, want: `{"Interval":"3s","TCP":"10.0.0.1:80","Timeout":"1s"}`},
		"ttl":       {attrs: map[string]string{"check_ttl": "30s"}, want: `{"TTL":"30s"}`},
		"script":    {attrs: map[string]string{"check_script": "curl $SERVICE_IP"}, want: `null`},
		"cmd":       {attrs: map[string]string{"check_cmd": "/check"}, want: `null`},
		"http wins": {attrs: map[string]string{"check_http": "/", "check_tcp": "true"}, want: `{"HTTP":"http://10.0.0.1:80/","Interval":"10s"}`},
		"status": {
			attrs: map[string]string{"check_tcp": "1", "check_initial_status": "passing", "check_deregister_after": "10m"},
			want:  `{"DeregisterCriticalServiceAfter":"10m","Interval":"10s","Status":"passing","TCP":"10.0.0.1:80"}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := json.Marshal(check(service{id: "id", address: "10.0.0.1", port: 80, attrs: test.attrs}))
			if err != nil {
				t.Fatal(err)
			}
			var set map[string]any
			if err := json.Unmarshal(got, &set); err != nil {
				t.Fatal(err)
			}
			sorted, err := json.Marshal(set)
			if err != nil {
				t.Fatal(err)
			}
			if string(sorted) != test.want {
				t.Errorf("check is %s, want %s", sorted, test.want)
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
