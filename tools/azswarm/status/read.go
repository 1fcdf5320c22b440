package status

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/gather"
)

// readMachine reads what a machine says of itself.
func readMachine(answer gather.Answer) Machine {
	m := Machine{
		Name:    answer.Node.Name,
		Tier:    answer.Node.Tier,
		Address: answer.Node.Address.String(),
	}
	if answer.Err != nil {
		m.Silent = answer.Err.Error()
	}
	said := answer.Sections
	m.Image = assignment(said["os"], "PRETTY_NAME")
	m.Image, _, _ = strings.Cut(strings.Replace(m.Image, "GNU/Linux ", "", 1), " (")
	m.CPUs = number(said["cpus"])
	m.UpSeconds = number(strings.Split(said["uptime"], ".")[0])
	m.Memory.Bytes, m.Memory.Available = kilobytes(said["memory"], "MemTotal:"), kilobytes(said["memory"], "MemAvailable:")
	m.Disks = readDisks(said["disk"], said["inodes"])
	m.Size, m.Place = readInstance(said["instance"])
	m.Boot = readBoot(said["boot"])
	for _, line := range gather.Lines(said["failed"]) {
		m.FailedUnits = append(m.FailedUnits, strings.Fields(line)[0])
	}
	readEngine(&m, answer)
	return m
}

// readEngine reads what the Docker Engine says, where there is to be one.
func readEngine(m *Machine, answer gather.Answer) {
	text, asked := answer.Sections["engine"]
	if !asked {
		if m.Tier != access.TierBastion && m.Silent == "" {
			m.EngineError = "it is not installed"
		}
		return
	}
	var info struct {
		ServerVersion string
		ServerErrors  []string
		Swarm         struct{ LocalNodeState, Error string }
	}
	if err := json.Unmarshal([]byte(text), &info); err != nil || info.ServerVersion == "" {
		m.EngineError = cmp.Or(strings.Join(info.ServerErrors, "; "), firstLine(answer.Failures["engine"]), "no answer")
		return
	}
	m.Engine = info.ServerVersion
	m.Swarm.Local, m.Swarm.Error = info.Swarm.LocalNodeState, info.Swarm.Error
	readContainers(m, answer.Sections["containers"])
}

// readContainers tells azswarm's own containers from all others, of which those that run are what the machine works on.
func readContainers(m *Machine, text string) {
	count := map[string]int{}
	for _, line := range gather.Lines(text) {
		var c struct{ Names, Image, State, Labels string }
		if json.Unmarshal([]byte(line), &c) != nil {
			continue
		}
		if label(c.Labels, "azswarm.fingerprint") != "" {
			m.Containers = append(m.Containers, Container{
				Name:  c.Names,
				Image: c.Image,
				State: c.State,
			})
		} else if c.State == "running" {
			count[cmp.Or(label(c.Labels, "com.docker.swarm.service.name"), c.Names)]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		m.Work = append(m.Work, Work{
			Name:       name,
			Containers: count[name],
		})
	}
}

// label is the value of a label among those that docker ps lists.
func label(list, name string) string {
	for pair := range strings.SplitSeq(list, ",") {
		if value, found := strings.CutPrefix(pair, name+"="); found {
			return value
		}
	}
	return ""
}

// readBoot reads cloud-init's /run/cloud-init/status.json. Where there is none, the image has no cloud-init.
func readBoot(text string) string {
	var boot struct {
		V1 map[string]json.RawMessage
	}
	if json.Unmarshal([]byte(text), &boot) != nil || boot.V1 == nil {
		return ""
	}
	var current *string
	finished := false
	for name, raw := range boot.V1 {
		if name == "stage" {
			_ = json.Unmarshal(raw, &current) // of another form: none
			continue
		}
		var stage struct {
			Errors   []string
			Finished *float64
		}
		if json.Unmarshal(raw, &stage) != nil {
			continue // such as the name of the source of data
		}
		if len(stage.Errors) > 0 {
			return "error"
		}
		finished = finished || name == "modules-final" && stage.Finished != nil
	}
	if current != nil || !finished {
		return "running"
	}
	return "done"
}

// readDisks reads two tables of df, of blocks and of inodes. Of directories on the same file system one counts.
func readDisks(blocks, inodes string) []Disk {
	used := map[string]int{}
	for _, row := range table(inodes) {
		used[row[5]] = number(strings.TrimSuffix(row[4], "%"))
	}
	var disks []Disk
	seen := map[string]bool{}
	for _, row := range table(blocks) {
		mount := row[5]
		if seen[mount] {
			continue
		}
		seen[mount] = true
		disks = append(disks, Disk{
			Mount:  mount,
			Bytes:  int64(number(row[1])) << 10,
			Used:   number(strings.TrimSuffix(row[4], "%")),
			Inodes: used[mount],
		})
	}
	return disks
}

// table is what df prints, without its heading: rows of six fields, as with -P no name of a file system breaks them.
func table(text string) [][]string {
	var rows [][]string
	for i, line := range gather.Lines(text) {
		if fields := strings.Fields(line); i > 0 && len(fields) == 6 {
			rows = append(rows, fields)
		}
	}
	return rows
}

// readInstance reads what Azure says of the machine.
func readInstance(text string) (size, place string) {
	var instance struct {
		VMSize              string `json:"vmSize"`
		Zone                string `json:"zone"`
		PlatformFaultDomain string `json:"platformFaultDomain"`
	}
	if json.Unmarshal([]byte(text), &instance) != nil {
		return "", ""
	}
	switch {
	case instance.Zone != "":
		place = "zone " + instance.Zone
	case instance.PlatformFaultDomain != "":
		place = "fault domain " + instance.PlatformFaultDomain
	}
	return instance.VMSize, place
}

// readServices reads the Swarm's services.
func readServices(text string) []Service {
	services := []Service{}
	for _, line := range gather.Lines(text) {
		var s struct{ Name, Mode, Replicas, Image string }
		if json.Unmarshal([]byte(line), &s) != nil {
			continue
		}
		service := Service{
			Name:  s.Name,
			Mode:  s.Mode,
			Image: s.Image,
		}
		service.Running, service.Desired = readReplicas(s.Replicas)
		services = append(services, service)
	}
	return services
}

// readReplicas reads "2/3", "2/3 (max 1 per node)", and of jobs "0/1 (3/5 completed)", where those that ended well count.
func readReplicas(text string) (running, desired int) {
	counts, note, _ := strings.Cut(text, " ")
	if completed, job := strings.CutSuffix(note, " completed)"); job {
		counts = strings.TrimPrefix(completed, "(")
	}
	have, want, _ := strings.Cut(counts, "/")
	return number(have), number(want)
}

// assignment is the value of a variable in a file such as /etc/os-release.
func assignment(text, name string) string {
	for _, line := range gather.Lines(text) {
		if value, found := strings.CutPrefix(line, name+"="); found {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// kilobytes is a value of /proc/meminfo, in bytes.
func kilobytes(text, name string) int64 {
	for _, line := range gather.Lines(text) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			return int64(number(fields[1])) << 10
		}
	}
	return 0
}

// number is 0 where the text is none.
func number(text string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(text))
	return n
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// plural is a count of things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
