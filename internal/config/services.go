package config

import (
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

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
				v.problems.Add(f[field].path, "is missing; every service of the nodes needs one")
			}
		}
		service := NodeService{Port: f["port"].integer(0, rules.Port)}
		if f["name"].set {
			service.Name = decodeServiceLabel(f["name"])
		}
		v.problems.NodeService(item.path, service.Name, names)
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
	if ok {
		v.problems.ServiceLabel(v.path, label)
	}
	return label
}

func decodeInternalPorts(c *Config, v value) {
	items, _ := v.list()
	v.problems.InternalPorts(v.path, len(items))
	for _, item := range items {
		f, ok := item.object("port", "lastPort")
		if !ok {
			continue
		}
		if !f["port"].set {
			v.problems.Add(f["port"].path, "is missing; must be a whole number from 1 to 65535")
			continue
		}
		opened := ports.Range{First: f["port"].integer(0, rules.Port)}
		if opened.First == 0 {
			continue
		}
		opened.Last = f["lastPort"].integer(opened.First, rules.Span{Low: opened.First, High: rules.Port.High})
		v.problems.InternalPort(item.path, opened, c.Internal)
		c.Internal = append(c.Internal, opened)
	}
}
