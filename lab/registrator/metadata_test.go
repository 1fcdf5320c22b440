package main

import (
	"maps"
	"slices"
	"testing"
)

func TestMetadataPrefersEnvironmentAndPort(t *testing.T) {
	tests := map[string]struct {
		labels map[string]string
		env    []string
		want   map[string]string
		ofPort []string
	}{
		"nothing of ours": {
			labels: map[string]string{"tier": "web"}, env: []string{"PATH=/bin", "SERVICE_="}, want: map[string]string{},
		},
		"labels and environment": {
			labels: map[string]string{"SERVICE_NAME": "label", "SERVICE_REGION": "eu"}, env: []string{"SERVICE_NAME=env"},
			want: map[string]string{"name": "env", "region": "eu"},
		},
		"port before general": {
			env:  []string{"SERVICE_NAME=all", "SERVICE_80_NAME=web", "SERVICE_443_NAME=tls"},
			want: map[string]string{"name": "web"}, ofPort: []string{"name"},
		},
		"port in a label before general in the environment": {
			labels: map[string]string{"SERVICE_80_NAME": "web"}, env: []string{"SERVICE_NAME=all"},
			want: map[string]string{"name": "web"}, ofPort: []string{"name"},
		},
		"values may hold equal signs": {
			env: []string{"SERVICE_TAGS=a=b,c"}, want: map[string]string{"tags": "a=b,c"},
		},
		"several words after the port": {
			env: []string{"SERVICE_80_CHECK_HTTP=/health"}, want: map[string]string{"check_http": "/health"}, ofPort: []string{"check_http"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := metadataFor(test.labels, test.env, "80")
			if !maps.Equal(got.values, test.want) {
				t.Errorf("values are %v, want %v", got.values, test.want)
			}
			if ofPort := slices.Sorted(maps.Keys(got.ofPort)); !slices.Equal(ofPort, test.ofPort) {
				t.Errorf("of the port are %v, want %v", ofPort, test.ofPort)
			}
		})
	}
}

func TestSplitTags(t *testing.T) {
	tests := map[string]struct {
		lists []string
		want  []string
	}{
		"none":            {lists: []string{"", ""}, want: []string{}},
		"two lists":       {lists: []string{"a,b", "c"}, want: []string{"a", "b", "c"}},
		"empty tags":      {lists: []string{",a,,b,"}, want: []string{"a", "b"}},
		"escaped comma":   {lists: []string{`/(;\,:-_)/,b`}, want: []string{"/(;,:-_)/", "b"}},
		"other backslash": {lists: []string{`a\b`}, want: []string{`a\b`}},
		"at the end":      {lists: []string{`a\`}, want: []string{`a\`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := splitTags(test.lists...); !slices.Equal(got, test.want) {
				t.Errorf("splitTags(%q) = %q, want %q", test.lists, got, test.want)
			}
		})
	}
}
