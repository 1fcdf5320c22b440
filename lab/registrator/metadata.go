package main

import (
	"strconv"
	"strings"
)

const metadataPrefix = "SERVICE_"

// metadata is what a container's labels and environment say about the service on one port.
type metadata struct {
	values map[string]string // by what follows SERVICE_ or SERVICE_<port>_, in lower case
	ofPort map[string]bool   // the keys that were given for this port
}

// metadataFor reads the variables for a port. The environment goes before labels, and what names the port
// goes before what doesn't.
func metadataFor(labels map[string]string, env []string, port string) metadata {
	all := make(map[string]string, len(labels)+len(env))
	for name, value := range labels {
		all[name] = value
	}
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		all[name] = value
	}
	m := metadata{values: map[string]string{}, ofPort: map[string]bool{}}
	for name, value := range all {
		key, ok := strings.CutPrefix(name, metadataPrefix)
		if !ok || key == "" {
			continue
		}
		key = strings.ToLower(key)
		if number, rest, ok := strings.Cut(key, "_"); ok && isNumber(number) {
			if number == port {
				m.values[rest], m.ofPort[rest] = value, true
			}
			continue
		}
		if !m.ofPort[key] {
			m.values[key] = value
		}
	}
	return m
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// splitTags splits lists at commas; `\,` stands for a comma in a tag, and empty tags are dropped.
func splitTags(lists ...string) []string {
	tags := []string{}
	for _, list := range lists {
		var tag strings.Builder
		end := func() {
			if tag.Len() > 0 {
				tags = append(tags, tag.String())
			}
			tag.Reset()
		}
		for i := 0; i < len(list); i++ {
			switch {
			case list[i] == '\\' && i+1 < len(list) && list[i+1] == ',':
				i++
				tag.WriteByte(',')
			case list[i] == ',':
				end()
			default:
				tag.WriteByte(list[i])
			}
		}
		end()
	}
	return tags
}
