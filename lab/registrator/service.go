package main

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
)

// container is what the rules need to know of a container.
type container struct {
	id      string
	name    string
	image   string
	labels  map[string]string
	env     []string
	address string // in its own network
	ports   []port
}

// port is a port of a container.
type port struct {
	number   int    // in the container
	protocol string // "tcp" or "udp"
	host     int    // on the host; 0 where it is not published
	hostIP   string // the host address it is published on
}

// service is what is registered.
type service struct {
	id        string
	name      string
	address   string
	port      int
	tags      []string
	attrs     map[string]string // what else the container's metadata says
	container string            // its id
	exposed   string            // the port in the container
}

// services are the services of a container: one for each published port, or with -internal for each port.
func (b *bridge) services(c container) []service {
	ports := slices.DeleteFunc(slices.Clone(c.ports), func(p port) bool { return p.host == 0 && !b.options.internal })
	slices.SortFunc(ports, func(x, y port) int {
		return cmp.Or(cmp.Compare(x.number, y.number), strings.Compare(x.protocol, y.protocol))
	})
	var found []service
	for _, p := range ports {
		if s, ok := b.service(c, p, len(ports) > 1); ok {
			found = append(found, s)
		}
	}
	return found
}

// service is the service on one port of a container, unless its metadata says there is none. Where the
// container has several, the port is part of the name, unless the name was given for this port.
func (b *bridge) service(c container, p port, several bool) (service, bool) {
	number := strconv.Itoa(p.number)
	meta := metadataFor(c.labels, c.env, number)
	if meta.values["ignore"] != "" {
		return service{}, false
	}
	name := meta.values["name"]
	if name == "" {
		if b.options.explicit {
			return service{}, false
		}
		name = imageName(c.image)
	}
	if several && !meta.ofPort["name"] {
		name += "-" + number
	}
	s := service{
		id:    b.hostname + ":" + c.name + ":" + number,
		name:  name,
		tags:  splitTags(meta.values["tags"], b.options.tags),
		attrs: meta.values,

		container: c.id, exposed: number,
	}
	if p.protocol == "udp" {
		s.tags = append(s.tags, "udp")
		s.id += ":udp"
	}
	if id := meta.values["id"]; id != "" {
		s.id = id
	}
	for _, used := range []string{"id", "name", "tags"} {
		delete(s.attrs, used)
	}
	s.address, s.port = b.endpoint(c, p)
	return s, true
}

// endpoint is where a port can be reached.
func (b *bridge) endpoint(c container, p port) (address string, number int) {
	switch {
	case b.options.internal:
		address, number = c.address, p.number
	case b.options.ip != "":
		address, number = b.options.ip, p.host
	case p.hostIP == "" || p.hostIP == "0.0.0.0" || p.hostIP == "::":
		address, number = b.hostAddress, p.host
	default:
		address, number = p.hostIP, p.host
	}
	if labelled := c.labels[b.options.useIPFromLabel]; b.options.useIPFromLabel != "" && labelled != "" {
		address, _, _ = strings.Cut(labelled, "/") // may be in CIDR form
	}
	return address, number
}

// imageName is the last part of an image's name, without tag and digest.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name, _, _ := strings.Cut(path.Base(image), ":")
	return name
}
