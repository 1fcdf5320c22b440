package main

import (
	"fmt"
	"strings"
	"testing"
)

// summary is a service in one line, for tables.
func (s service) summary() string {
	return fmt.Sprintf("%s %s %s:%d [%s]", s.id, s.name, s.address, s.port, strings.Join(s.tags, ","))
}

func TestServicesOfAContainer(t *testing.T) {
	web := port{number: 80, protocol: "tcp", host: 8000, hostIP: "0.0.0.0"}
	tls := port{number: 443, protocol: "tcp", host: 4443, hostIP: "0.0.0.0"}
	dns := port{number: 53, protocol: "udp", host: 53, hostIP: "0.0.0.0"}
	closed := port{number: 9000, protocol: "tcp"}
	tests := map[string]struct {
		options options
		image   string
		env     []string
		labels  map[string]string
		ports   []port
		want    []string
	}{
		"named for the image":          {image: "gliderlabs/foobar:1.0", ports: []port{web}, want: []string{"node:c:80 foobar 10.0.0.1:8000 []"}},
		"image of another registry":    {image: "registry:5000/team/api", ports: []port{web}, want: []string{"node:c:80 api 10.0.0.1:8000 []"}},
		"image with digest":            {image: "nginx:1.28@sha256:abc", ports: []port{web}, want: []string{"node:c:80 nginx 10.0.0.1:8000 []"}},
		"nothing published":            {image: "redis", ports: []port{closed}},
		"unpublished doesn't count":    {image: "nginx", ports: []port{web, closed}, want: []string{"node:c:80 nginx 10.0.0.1:8000 []"}},
		"several get the port":         {image: "nginx", ports: []port{tls, web}, want: []string{"node:c:80 nginx-80 10.0.0.1:8000 []", "node:c:443 nginx-443 10.0.0.1:4443 []"}},
		"several, named for all":       {image: "nginx", ports: []port{tls, web}, env: []string{"SERVICE_NAME=w"}, want: []string{"node:c:80 w-80 10.0.0.1:8000 []", "node:c:443 w-443 10.0.0.1:4443 []"}},
		"several, one named":           {image: "nginx", ports: []port{tls, web}, env: []string{"SERVICE_80_NAME=http"}, want: []string{"node:c:80 http 10.0.0.1:8000 []", "node:c:443 nginx-443 10.0.0.1:4443 []"}},
		"udp":                          {image: "bind", ports: []port{dns}, env: []string{"SERVICE_TAGS=a"}, want: []string{"node:c:53:udp bind 10.0.0.1:53 [a,udp]"}},
		"tags of both":                 {options: options{tags: "x,y"}, image: "nginx", ports: []port{web}, env: []string{"SERVICE_TAGS=a"}, want: []string{"node:c:80 nginx 10.0.0.1:8000 [a,x,y]"}},
		"id overridden":                {image: "nginx", ports: []port{web}, env: []string{"SERVICE_ID=mine"}, want: []string{"mine nginx 10.0.0.1:8000 []"}},
		"ignored by label":             {image: "nginx", ports: []port{web}, labels: map[string]string{"SERVICE_IGNORE": "1"}},
		"one port ignored":             {image: "nginx", ports: []port{web, tls}, env: []string{"SERVICE_443_IGNORE=true"}, want: []string{"node:c:80 nginx-80 10.0.0.1:8000 []"}},
		"explicit without a name":      {options: options{explicit: true}, image: "nginx", ports: []port{web}},
		"explicit with a name":         {options: options{explicit: true}, image: "nginx", ports: []port{web}, env: []string{"SERVICE_NAME=w"}, want: []string{"node:c:80 w 10.0.0.1:8000 []"}},
		"-ip":                          {options: options{ip: "10.20.0.4"}, image: "nginx", ports: []port{web}, want: []string{"node:c:80 nginx 10.20.0.4:8000 []"}},
		"published on one address":     {image: "nginx", ports: []port{{number: 80, protocol: "tcp", host: 80, hostIP: "10.9.9.9"}}, want: []string{"node:c:80 nginx 10.9.9.9:80 []"}},
		"-internal":                    {options: options{internal: true, ip: "10.20.0.4"}, image: "redis", ports: []port{closed}, want: []string{"node:c:9000 redis 172.17.0.2:9000 []"}},
		"-useIpFromLabel":              {options: options{useIPFromLabel: "ip"}, image: "nginx", ports: []port{web}, labels: map[string]string{"ip": "10.1.1.1/24"}, want: []string{"node:c:80 nginx 10.1.1.1:8000 []"}},
		"-useIpFromLabel, none there":  {options: options{useIPFromLabel: "ip"}, image: "nginx", ports: []port{web}, want: []string{"node:c:80 nginx 10.0.0.1:8000 []"}},
		"port's name beats the common": {image: "nginx", ports: []port{web}, env: []string{"SERVICE_NAME=all", "SERVICE_80_NAME=web"}, want: []string{"node:c:80 web 10.0.0.1:8000 []"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := &bridge{options: test.options, hostname: "node", hostAddress: "10.0.0.1"}
			services := b.services(container{name: "c", image: test.image, env: test.env, labels: test.labels, address: "172.17.0.2", ports: test.ports})
			var got []string
			for _, s := range services {
				got = append(got, s.summary())
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("services are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
