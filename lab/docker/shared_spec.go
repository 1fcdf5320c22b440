package docker

import (
	"io/fs"
	"os"
	"strings"

	"github.com/docker/docker/api/types/mount"
)

// environment makes NAME=value pairs, sorted by name.
func environment(values map[string]string) []string {
	var out []string
	for _, name := range sortedKeys(values) {
		out = append(out, name+"="+values[name])
	}
	return out
}

// pairs splits name=value texts.
func pairs(list []string) map[string]string {
	if len(list) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, pair := range list {
		name, value, _ := strings.Cut(pair, "=")
		out[name] = value
	}
	return out
}

// hostLines makes lines of /etc/hosts as Swarm wants them: address first.
func hostLines(hosts []view) []string {
	var out []string
	for _, host := range hosts {
		out = append(out, host.text("ip")+" "+host.text("host"))
	}
	return out
}

func mounts(list []view) []mount.Mount {
	var out []mount.Mount
	for _, want := range list {
		m := mount.Mount{
			Type:     mount.Type(want.text("type")),
			Source:   want.text("source"),
			Target:   want.text("target"),
			ReadOnly: want.flag("readOnly"),
		}
		if options := want.block("bindOptions"); options != nil {
			m.BindOptions = &mount.BindOptions{Propagation: mount.Propagation(options.text("propagation"))}
		}
		if options := want.block("volumeOptions"); options != nil {
			m.VolumeOptions = &mount.VolumeOptions{NoCopy: options.flag("noCopy"), Labels: options.labels("labels")}
			if name := options.text("driverName"); name != "" {
				m.VolumeOptions.DriverConfig = &mount.Driver{Name: name, Options: options.textMap("driverOptions")}
			}
		}
		if options := want.block("tmpfsOptions"); options != nil {
			m.TmpfsOptions = &mount.TmpfsOptions{SizeBytes: options.number("sizeBytes"), Mode: os.FileMode(options.number("mode")) & fs.ModePerm}
		}
		out = append(out, m)
	}
	return out
}

// readMounts is the reverse of mounts.
func readMounts(list []mount.Mount) []any {
	out := []any{}
	for _, m := range list {
		found := object{
			"type": string(m.Type), "source": m.Source, "target": m.Target, "readOnly": m.ReadOnly,
			"bindOptions": nil, "volumeOptions": nil, "tmpfsOptions": nil,
		}
		if m.BindOptions != nil {
			found["bindOptions"] = object{"propagation": string(m.BindOptions.Propagation)}
		}
		if options := m.VolumeOptions; options != nil {
			volume := object{"noCopy": options.NoCopy, "labels": fromLabels(options.Labels), "driverName": "", "driverOptions": object{}, "subpath": ""}
			if options.DriverConfig != nil {
				volume["driverName"] = options.DriverConfig.Name
				volume["driverOptions"] = fromMap(options.DriverConfig.Options)
			}
			found["volumeOptions"] = volume
		}
		if options := m.TmpfsOptions; options != nil {
			found["tmpfsOptions"] = object{"sizeBytes": float64(options.SizeBytes), "mode": float64(options.Mode)}
		}
		out = append(out, found)
	}
	return out
}
