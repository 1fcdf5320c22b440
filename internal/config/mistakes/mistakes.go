// Package mistakes lists configurations that are wrong, a rule each, for the tests of all that has to refuse them.
package mistakes

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Mistake is a bad value of one key.
type Mistake struct {
	Rule string
	Key  string // of the configuration, with its namespace
	Text string // as the engine passes it: JSON where the key is a list or a map
	Want string // part of what the configuration says of it
}

func manyTags(n int) string {
	tags := map[string]string{}
	for i := range n {
		tags[fmt.Sprintf("tag%d", i)] = ""
	}
	text, _ := json.Marshal(tags) // of strings, so cannot fail
	return string(text)
}

// pool and port wrap the fields under test in an otherwise right configuration.
func pool(fields string) string { return `[{"name": "web", "count": 1, ` + fields + `}]` }
func port(fields string) string { return pool(`"ports": [{` + fields + `}]`) }

// All are the mistakes, each in an otherwise right configuration.
func All() []Mistake {
	return []Mistake{
		{"location is a region", "azure-native:location", "west-europe!", `azure-native:location: "west-europe!": must be the name of an Azure region`},
		{"location is not empty", "azure-native:location", "", "must be the name of an Azure region"},

		{"admin networks are a list", "azswarm:adminCidrs", "198.51.100.0/24", `azswarm:adminCidrs: "198.51.100.0/24": must be a list`},
		{"admin networks are texts", "azswarm:adminCidrs", "[24]", "azswarm:adminCidrs[0]: 24: must be a text"},
		{"someone may connect", "azswarm:adminCidrs", "[]", "must name at least one IPv4 CIDR"},
		{"admin networks are CIDRs", "azswarm:adminCidrs", `["198.51.100.7"]`, `azswarm:adminCidrs[0]: "198.51.100.7": must be an IPv4 CIDR`},
		{"admin networks are IPv4", "azswarm:adminCidrs", `["2001:db8::/32"]`, "must be an IPv4 CIDR"},
		{"admin networks have no host bits", "azswarm:adminCidrs", `["198.51.100.7/24"]`, "has host bits set, must be written 198.51.100.0/24"},
		{"not open to the world", "azswarm:adminCidrs", `["0.0.0.0/0"]`, `azswarm:adminCidrs[0]: "0.0.0.0/0": would open SSH and the Swarm API to the internet`},
		{"nor to the world in halves", "azswarm:adminCidrs", `["0.0.0.0/1", "128.0.0.0/1"]`, "azswarm:adminCidrs[1]: \"128.0.0.0/1\": would open SSH"},
		{"admin networks are unique", "azswarm:adminCidrs", `["10.0.0.0/8", "10.0.0.0/8"]`, "azswarm:adminCidrs[1]: \"10.0.0.0/8\": is listed twice"},

		{"network is a CIDR", "azswarm:network", "10.20.0.0", `azswarm:network: "10.20.0.0": must be an IPv4 CIDR`},
		{"network follows ipam", "azswarm:network", "10.20.0.0/25", "azswarm:network: address space 10.20.0.0/25: prefix length must be between /8 and /24"},

		{"orchestrator is known", "azswarm:orchestrator", "kubernetes", `"kubernetes": must be swarm or classic`},
		{"swarm has an engine", "azswarm:engine", `{"url": "https://example.com/docker.tgz"}`, "azswarm:engine: is for azswarm:orchestrator classic only: swarm uses the distribution's engine"},
		{"engine fields are known", "azswarm:engine", `{"sha": ""}`, "azswarm:engine.sha: is unknown; allowed are url, sha256"},
		{"swarm has no image of its own", "azswarm:classic", `{"image": "swarm:1.2.9"}`, "azswarm:classic: is for azswarm:orchestrator classic only"},
		{"spread is known", "azswarm:spread", "zones", `azswarm:spread: "zones": must be AvailabilitySet or Zones`},
		{"fault domains are 2 or 3", "azswarm:faultDomains", "1", "azswarm:faultDomains: 1: must be one of 2, 3: the fault domains of an availability set"},
		{"fault domains are a number", "azswarm:faultDomains", "two", `azswarm:faultDomains: "two": must be one of 2, 3`},
		{"servers outlive a fault domain", "azswarm:faultDomains", "2", "azswarm:consul.servers: of 3 over 2 fault domains, one domain holds 2: when it fails, 1 left of 3 are no majority; set azswarm:spread to Zones"},
		{"and so do managers", "azswarm:faultDomains", "2", "azswarm:managers.count: of 3 over 2 fault domains"},

		{"consul is a map", "azswarm:consul", "3", "azswarm:consul: 3: must be a map"},
		{"consul is one value", "azswarm:consul", "{} {}", "must be a map"},
		{"consul fields are known", "azswarm:consul", `{"count": 3}`, "azswarm:consul.count: is unknown; allowed are servers, allowSingleServer, vmSize, image, nodeServices, reconnectTimeout"},
		{"servers are a number", "azswarm:consul", `{"servers": "3"}`, `azswarm:consul.servers: "3": must be one of 3, 5`},
		{"servers are whole", "azswarm:consul", `{"servers": 3.5}`, "3.5: must be one of 3, 5"},
		{"servers are not null", "azswarm:consul", `{"servers": null}`, "null: must be one of 3, 5"},
		{"no even servers", "azswarm:consul", `{"servers": 4}`, "an even number survives no more failures than one less"},
		{"no 7 servers", "azswarm:consul", `{"servers": 7}`, "7: must be one of 3, 5"},
		{"one server only on purpose", "azswarm:consul", `{"servers": 1}`, "1 needs allowSingleServer"},
		{"no 0 servers", "azswarm:consul", `{"servers": 0, "allowSingleServer": true}`, "0: must be one of 1, 3, 5"},
		{"on purpose is a boolean", "azswarm:consul", `{"allowSingleServer": "yes"}`, `azswarm:consul.allowSingleServer: "yes": must be true or false`},
		{"consul size is a text", "azswarm:consul", `{"vmSize": 2}`, "azswarm:consul.vmSize: 2: must be a text"},
		{"consul size is usable", "azswarm:consul", `{"vmSize": "Standard_B2pls_v2"}`, "azswarm:consul.vmSize: VM size Standard_B2pls_v2: is an Arm64 machine"},
		{"internal ports are a list", "azswarm:internalPorts", `{"port": 1}`, "azswarm:internalPorts: a map: must be a list"},
		{"internal ports are maps", "azswarm:internalPorts", `[8080]`, "azswarm:internalPorts[0]: 8080: must be a map"},
		{"internal ports have a port", "azswarm:internalPorts", `[{"lastPort": 8080}]`, "azswarm:internalPorts[0].port: is missing"},
		{"internal ports are ports", "azswarm:internalPorts", `[{"port": 80}, {"port": 0}]`, `azswarm:internalPorts[1].port: 0: must be a whole number from 1 to 65535`},
		{"internal ports go upwards", "azswarm:internalPorts", `[{"port": 80, "lastPort": 79}]`, `azswarm:internalPorts[0].lastPort: 79: must be a whole number from 80 to 65535`},
		{"internal ports are not the platform's", "azswarm:internalPorts", `[{"port": 2000, "lastPort": 3000}]`, `azswarm:internalPorts[0]: 2000-3000: port 2376 is the platform's`},
		{"internal ports are unique", "azswarm:internalPorts", `[{"port": 80}, {"port": 80, "lastPort": 80}]`, `azswarm:internalPorts[1]: 80: is listed twice`},
		{"failed nodes stay for a time", "azswarm:consul", `{"reconnectTimeout": 60}`, "azswarm:consul.reconnectTimeout: 60: must be a time such as 90s or 1h30m, from 30s to 72h0m0s"},
		{"failed nodes may restart", "azswarm:consul", `{"reconnectTimeout": "10s"}`, `"10s": must be a time`},
		{"failed nodes go", "azswarm:consul", `{"reconnectTimeout": "73h"}`, `"73h": must be a time`},
		{"node services are a list", "azswarm:consul", `{"nodeServices": {"node-exporter": 9100}}`, "azswarm:consul.nodeServices: a map: must be a list"},
		{"node services have a name", "azswarm:consul", `{"nodeServices": [{"port": 9100}]}`, "azswarm:consul.nodeServices[0].name: is missing"},
		{"node services have a port", "azswarm:consul", `{"nodeServices": [{"name": "x"}]}`, "azswarm:consul.nodeServices[0].port: is missing"},
		{"node services are on ports", "azswarm:consul", `{"nodeServices": [{"name": "x", "port": 65536}]}`, "65536: must be a whole number from 1 to 65535"},
		{"node services have DNS names", "azswarm:consul", `{"nodeServices": [{"name": "node_exporter", "port": 1}]}`, `azswarm:consul.nodeServices[0].name: "node_exporter": must be 1 to 63 lower-case`},
		{"tags are DNS names", "azswarm:consul", `{"nodeServices": [{"name": "x", "port": 1, "tags": ["a b"]}]}`, `azswarm:consul.nodeServices[0].tags[0]: "a b": must be 1 to 63 lower-case`},
		{"node services are not the platform's", "azswarm:consul", `{"nodeServices": [{"name": "docker-api", "port": 1}]}`, `"docker-api": is the platform's; must be none of consul, docker-api, swarm-manager`},
		{"node services are unique", "azswarm:consul", `{"nodeServices": [{"name": "x", "port": 1}, {"name": "x", "port": 2}]}`, "is the name of azswarm:consul.nodeServices[0], too"},
		{"image is a reference", "azswarm:consul", `{"image": "consul:1.22; rm -rf /"}`, "must be an image reference"},
		{"image is a text", "azswarm:consul", `{"image": true}`, "azswarm:consul.image: true: must be a text"},
		{"image has a tag", "azswarm:consul", `{"image": "registry.example:5000/consul"}`, "must carry a tag or a digest"},
		{"image is not latest", "azswarm:consul", `{"image": "hashicorp/consul:latest"}`, "the tag latest moves"},
		{"digest is whole", "azswarm:consul", `{"image": "hashicorp/consul@sha256:abc"}`, "must be an image reference"},

		{"managers are odd", "azswarm:managers", `{"count": 4}`, "azswarm:managers.count: 4: must be one of 1, 3, 5, 7"},
		{"managers are at most 7", "azswarm:managers", `{"count": 9}`, "azswarm:managers.count: 9: must be one of 1, 3, 5, 7"},
		{"locking is yes or no", "azswarm:managers", `{"autolock": "yes"}`, `azswarm:managers.autolock: "yes": must be true or false`},
		{"manager size is usable", "azswarm:managers", `{"vmSize": "Basic_A1"}`, "azswarm:managers.vmSize: VM size Basic_A1: was retired"},

		{"workers are a list", "azswarm:workers", `{"name": "web"}`, "azswarm:workers: a map: must be a list"},
		{"a pool is a map", "azswarm:workers", `["web"]`, `azswarm:workers[0]: "web": must be a map`},
		{"a pool has a name", "azswarm:workers", `[{"count": 1}]`, "azswarm:workers[0].name: is missing"},
		{"a pool has a count", "azswarm:workers", `[{"name": "web"}]`, "azswarm:workers[0].count: is missing"},
		{"a name is a text", "azswarm:workers", `[{"name": 1, "count": 1}]`, "azswarm:workers[0].name: 1: must be a text"},
		{"a name is not empty", "azswarm:workers", `[{"name": "", "count": 1}]`, "must be a DNS label"},
		{"a name is lower case", "azswarm:workers", `[{"name": "Web", "count": 1}]`, "must be a DNS label"},
		{"a name ends well", "azswarm:workers", `[{"name": "web-", "count": 1}]`, "must be a DNS label"},
		{"a name is short", "azswarm:workers", `[{"name": "abcdefghijklmnopqrstu", "count": 1}]`, "at most 20 characters"},
		{"a name is no machine's", "azswarm:workers", `[{"name": "web-1", "count": 1}]`, "must not end in a hyphen and a number"},
		{"a name is no tier's", "azswarm:workers", `[{"name": "consul", "count": 1}]`, "must be none of bastion, consul, managers"},
		{"names are unique", "azswarm:workers", `[{"name": "web", "count": 1}, {"name": "web", "count": 1}]`, `azswarm:workers[1].name: "web": is the name of azswarm:workers[0], too`},
		{"counts are not negative", "azswarm:workers", `[{"name": "web", "count": -1}]`, "azswarm:workers[0].count: -1: must be a whole number from 0"},
		{"counts fit the block", "azswarm:workers", `[{"name": "web", "count": 2045}]`, "azswarm:workers[0].count: 2045: block 0 of 10.20.128.0/17 has addresses for 2044 machines"},
		{"pool size is usable", "azswarm:workers", pool(`"vmSize": "Standard_D2"`), "azswarm:workers[0].vmSize: VM size \"Standard_D2\": is not among"},
		{"blocks exist", "azswarm:workers", pool(`"block": 16`), "azswarm:workers[0].block: 16: must be a whole number from 0 to 15"},
		{"blocks are unique", "azswarm:workers", `[{"name": "a", "count": 1, "block": 1}, {"name": "b", "count": 1}]`, "azswarm:workers[1].block: 1: is the block of azswarm:workers[0], too"},
		{"labels are a map", "azswarm:workers", pool(`"labels": ["a"]`), "azswarm:workers[0].labels: a list of 1: must be a map"},
		{"label values are texts", "azswarm:workers", pool(`"labels": {"a": {}}`), "azswarm:workers[0].labels.a: a map: must be a text"},
		{"label names are plain", "azswarm:workers", pool(`"labels": {"a b": "c"}`), `azswarm:workers[0].labels["a b"]: name must have`},
		{"label values are plain", "azswarm:workers", pool(`"labels": {"a": "$(id)"}`), `azswarm:workers[0].labels.a: "$(id)": must have`},

		{"ports are a list", "azswarm:workers", pool(`"ports": 80`), "azswarm:workers[0].ports: 80: must be a list"},
		{"a port is a map", "azswarm:workers", pool(`"ports": [80]`), "azswarm:workers[0].ports[0]: 80: must be a map"},
		{"a port has a number", "azswarm:workers", port(``), "azswarm:workers[0].ports[0].port: is missing"},
		{"a port is at least 1", "azswarm:workers", port(`"port": 0`), "0: must be a whole number from 1 to 65535"},
		{"a port is at most 65535", "azswarm:workers", port(`"port": 65536`), "65536: must be a whole number from 1 to 65535"},
		{"a target is a port", "azswarm:workers", port(`"port": 80, "targetPort": 0`), "azswarm:workers[0].ports[0].targetPort: 0: must be a whole number from 1 to 65535"},
		{"protocols are tcp and udp", "azswarm:workers", port(`"port": 80, "protocol": "TCP"`), `protocol: "TCP": must be tcp or udp`},
		{"a protocol is a text", "azswarm:workers", port(`"port": 80, "protocol": 6`), "protocol: 6: must be a text"},
		{"sources are CIDRs", "azswarm:workers", port(`"port": 80, "sources": ["any"]`), `sources[0]: "any": must be an IPv4 CIDR`},
		{"sources name someone", "azswarm:workers", port(`"port": 80, "sources": []`), "sources: a list of 0: must name at least one IPv4 CIDR"},
		{"a target is not the platform's", "azswarm:workers", port(`"port": 80, "targetPort": 2377`), "targetPort: 2377: is the platform's on every worker (Swarm control plane"},
		{"ports are unique", "azswarm:workers", pool(`"ports": [{"port": 80}, {"port": 80, "targetPort": 81}]`), "ports[1].port: 80: 80/tcp is azswarm:workers[0].ports[0].port, too"},
		{"targets are unique", "azswarm:workers", pool(`"ports": [{"port": 80}, {"port": 81, "targetPort": 80}]`), "ports[1].targetPort: 80: 80/tcp is azswarm:workers[0].ports[0].port, too"},
		{"one port, one set of sources", "azswarm:workers", `[{"name": "a", "count": 1, "ports": [{"port": 80}]}, {"name": "b", "count": 1, "ports": [{"port": 8080, "targetPort": 80, "sources": ["10.0.0.0/8"]}]}]`,
			"azswarm:workers[1].ports[0].sources: 80/tcp must have the sources of azswarm:workers[0].ports[0]"},

		{"registrator fields are known", "azswarm:registrator", `{"tag": "v7"}`, "azswarm:registrator.tag: is unknown; allowed are image"},
		{"registrator image is pinned", "azswarm:registrator", `{"image": "gliderlabs/registrator"}`, "azswarm:registrator.image: \"gliderlabs/registrator\": must carry a tag"},

		{"demo is a boolean", "azswarm:demo", "yes", `azswarm:demo: "yes": must be true or false`},
		{"demo needs two workers", "azswarm:demo", "true", "azswarm:demo: true: the demo shows containers talking across hosts; needs at least 2 workers"},

		{"tags are a map", "azswarm:tags", "prod", `azswarm:tags: "prod": must be a map`},
		{"tag values are texts", "azswarm:tags", `{"a": ["b"]}`, "azswarm:tags.a: a list of 1: must be a text"},
		{"at most 50 tags", "azswarm:tags", manyTags(51), "azswarm:tags: 51 tags: Azure allows at most 50"},
		{"tag names are not empty", "azswarm:tags", `{"": "a"}`, `azswarm:tags[""]: name must have 1 to 512`},
		{"tag names are short", "azswarm:tags", `{"` + strings.Repeat("a", 513) + `": "b"}`, "name must have 1 to 512 characters"},
		{"tag names are plain", "azswarm:tags", `{"a/b": "c"}`, `azswarm:tags["a/b"]: name must have`},
		{"tag names ignore case", "azswarm:tags", `{"Env": "a", "env": "b"}`, `azswarm:tags.env: is "Env", too, for Azure`},
		{"tag values are short", "azswarm:tags", `{"a": "` + strings.Repeat("b", 257) + `"}`, "must have at most 256 characters"},

		{"rotate names secrets", "azswarm:rotate", `{"password": 1}`, "azswarm:rotate.password: is unknown; allowed are dockerCa"},
		{"rotate counts up", "azswarm:rotate", `{"dockerCa": -1}`, "azswarm:rotate.dockerCa: -1: must be a whole number from 0"},
		{"rotate is whole", "azswarm:rotate", `{"dockerCa": 1.5}`, "azswarm:rotate.dockerCa: 1.5: must be a whole number"},

		{"keys are known", "azswarm:workerPools", "[]", "azswarm:workerPools: is unknown; allowed are azswarm:adminCidrs, azswarm:network"},

		{"images 1", "azswarm:images", `{"cache": "registry"}`, "must carry a tag or a digest, as in registry:2"},
		{"images 2", "azswarm:images", `{"cache": "registry:latest"}`, "the tag latest moves"},
		{"images 3", "azswarm:images", `{"cache": true}`, "must be a text"},
		{"images 4", "azswarm:images", `{"cache": "registry:2", "registry": "example.azurecr.io/hub"}`, "with azswarm:images.registry nothing is; must be one of the two"},
		{"images 5", "azswarm:images", `{"upstream": "https://mirror.example.com"}`, "is for azswarm:images.cache only"},
		{"images 6", "azswarm:images", `{"cache": "registry:2", "upstream": "mirror.example.com"}`, "must be the https URL"},
		{"images 7", "azswarm:images", `{"cache": "registry:2", "upstream": "http://mirror.example.com"}`, "must be the https URL"},
		{"images 8", "azswarm:images", `{"cache": "registry:2", "upstream": "https://mirror.example.com/hub"}`, "without a path"},
		{"images 9", "azswarm:images", `{"cache": "registry:2", "upstream": "https://user:word@mirror.example.com"}`, "must be the https URL"},
		{"images 10", "azswarm:images", `{"cash": "registry:2"}`, "is unknown; allowed are registry, cache, upstream"},
	}
}
