package config

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

// maxInternalPorts is what the security groups have room for.
const maxInternalPorts = 100

// serviceLabel is what DNS finds by name: service names and tags.
var serviceLabel = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

// platformServices cannot name another: Consul and azswarm register them.
var platformServices = []string{"consul", "docker-api", "swarm-manager"}

func decodeNodeServices(v value) []NodeService {
	var services []NodeService
	names := map[string]string{}
	items, _ := v.list()
	for _, item := range items {
		f, ok := item.object("name", "port", "tags")
		if !ok {
			continue
		}
		for _, field := range []string{"name", "port"} {
			if !f[field].set {
				v.problems.add(f[field].path, "is missing; every service of the nodes needs one")
			}
		}
		service := NodeService{Port: f["port"].integer(0, 1, math.MaxUint16)}
		if f["name"].set {
			service.Name = decodeServiceLabel(f["name"])
		}
		if other, ok := names[service.Name]; ok && service.Name != "" {
			f["name"].refuse("is the name of %s, too; every service needs its own", other)
		}
		names[service.Name] = item.path
		if slices.Contains(platformServices, service.Name) {
			f["name"].refuse("is the platform's; must be none of %s", strings.Join(platformServices, ", "))
		}
		tags, _ := f["tags"].list()
		for _, tag := range tags {
			service.Tags = append(service.Tags, decodeServiceLabel(tag))
		}
		services = append(services, service)
	}
	return services
}

func decodeServiceLabel(v value) string {
	label, ok := v.text("")
	if ok && !serviceLabel.MatchString(label) {
		v.refuse("must be 1 to 63 lower-case letters, digits and inner hyphens")
	}
	return label
}

func decodeInternalPorts(c *Config, v value) {
	items, _ := v.list()
	if len(items) > maxInternalPorts {
		v.problems.add(v.path, "%d ports: must be at most %d; name ranges", len(items), maxInternalPorts)
	}
	for _, item := range items {
		f, ok := item.object("port", "lastPort")
		if !ok {
			continue
		}
		if !f["port"].set {
			v.problems.add(f["port"].path, "is missing; must be a whole number from 1 to 65535")
			continue
		}
		opened := ports.Range{First: f["port"].integer(0, 1, math.MaxUint16)}
		if opened.First == 0 {
			continue
		}
		opened.Last = f["lastPort"].integer(opened.First, opened.First, math.MaxUint16)
		if err := opened.Check(); err != nil {
			v.problems.add(item.path, "%s: %v", opened, err)
		} else if slices.Contains(c.Internal, opened) {
			v.problems.add(item.path, "%s: is listed twice", opened)
		}
		c.Internal = append(c.Internal, opened)
	}
}
