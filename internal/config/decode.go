package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/ipam"
	"github.com/seed-3bc5c20b/azswarm/internal/quorum"
	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// Configuration keys outside the project's own namespace.
const locationKey = "azure-native:location"

const namespace = "azswarm:"

// Defaults for what the configuration leaves out.
const (
	defaultNetwork          = "10.20.0.0/16"
	defaultFaultDomains     = 3
	defaultConsulServers    = 3
	defaultConsulImage      = "hashicorp/consul:1.22"
	defaultManagers         = 3
	defaultRegistratorImage = "gliderlabs/registrator:v7"
)

// Limits of Azure's resource tags.
// Source: "Use tags to organize your Azure resources", Microsoft Learn.
const (
	maxTags         = 50
	maxTagName      = 512
	maxTagValue     = 256
	forbiddenInTags = `<>%&\?/`
)

// How long a node that has failed stays in Consul's catalog.
const (
	defaultReconnectTimeout = time.Hour
	minReconnectTimeout     = 30 * time.Second // a machine restarts in less
	maxReconnectTimeout     = 72 * time.Hour   // Consul's own default
)

// evenReason is why Consul servers and Swarm managers come in odd numbers.
const evenReason = "an even number survives no more failures than one less"

const (
	// maxRotation only keeps a slipped finger from using up the numbers.
	maxRotation = 1_000_000
	// minAdminBits refuses the whole internet, in one piece or in two halves.
	minAdminBits = 8
)

// secretNames are the fields of `rotate`: what a cluster that is up can exchange without an interruption.
var secretNames = []string{"dockerCa"}

var (
	locationPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ]*$`)
	imagePattern    = regexp.MustCompile(`^(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?` + // registry
		`[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*` + // repository
		`(?::(\w[\w.-]{0,127}))?(@sha256:[0-9a-f]{64})?$`) // tag and digest
)

// section decodes one key of the namespace into the configuration.
type section struct {
	key    string
	plain  bool // the text is the value; others are JSON
	decode func(c *Config, v value)
}

// sections lists the keys in the order they are decoded: later ones build on
// what earlier ones put into the configuration.
var sections = []section{
	{"adminCidrs", false, decodeAdminCIDRs},
	{"network", true, decodeNetwork},
	{"orchestrator", true, decodeOrchestrator},
	{"engine", false, decodeEngine},
	{"images", false, decodeImages},
	{"classic", false, decodeClassic},
	{"spread", true, decodeSpread},
	{"faultDomains", false, decodeFaultDomains},
	{"consul", false, decodeConsul},
	{"managers", false, decodeManagers},
	{"workers", false, decodeWorkers},
	{"registrator", false, decodeRegistrator},
	{"internalPorts", false, decodeInternalPorts},
	{"demo", false, decodeDemo},
	{"tags", false, decodeTags},
	{"rotate", false, decodeRotate},
}

// configKeys lists every key of the namespace.
func configKeys() []string {
	keys := make([]string, len(sections))
	for i, s := range sections {
		keys[i] = namespace + s.key
	}
	return keys
}

// Decode decodes what the Pulumi engine passes to a program: a text per
// key, JSON where the key is a list or a map. Keys of other namespaces than
// azswarm's are ignored, but for azure-native:location. All mistakes come back as one error, a line
// each with the key, the value and what is allowed.
func Decode(raw map[string]string) (*Config, error) {
	p := &problems{}
	c := &Config{}
	decodeLocation(c, plain(p, locationKey, raw))
	for _, s := range sections {
		v := plain(p, namespace+s.key, raw)
		if v.set && !s.plain {
			v.data = parse(raw[v.path])
		}
		s.decode(c, v)
	}
	known := configKeys()
	for _, key := range sorted(raw) {
		name, ours := strings.CutPrefix(key, namespace)
		if !ours || slices.Contains(known, key) {
			continue
		}
		if !plainName.MatchString(name) {
			name = show(name)
		}
		p.add(namespace+name, "is unknown; allowed are %s", strings.Join(known, ", "))
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return c, nil
}

func plain(p *problems, key string, raw map[string]string) value {
	text, ok := raw[key]
	return value{p, key, text, ok}
}

func decodeLocation(c *Config, v value) {
	if !v.set {
		v.problems.add(v.path, "is missing; set it to an Azure region such as westeurope")
		return
	}
	if c.Location, _ = v.text(""); !locationPattern.MatchString(c.Location) {
		v.refuse("must be the name of an Azure region, such as westeurope")
	}
}

func decodeAdminCIDRs(c *Config, v value) {
	if !v.set {
		v.problems.add(v.path, "is missing; list the networks operators connect from, such as 198.51.100.0/24")
		return
	}
	c.AdminCIDRs = decodeCIDRs(v, minAdminBits, "would open SSH and the Swarm API to the internet")
}

// decodeCIDRs reads a list of IPv4 networks no wider than minBits.
func decodeCIDRs(v value, minBits int, tooWide string) []netip.Prefix {
	items, ok := v.list()
	if ok && len(items) == 0 {
		v.refuse("must name at least one IPv4 CIDR")
	}
	var prefixes []netip.Prefix
	for _, item := range items {
		text, ok := item.text("")
		if !ok {
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		switch {
		case err != nil || !prefix.Addr().Is4():
			item.refuse("must be an IPv4 CIDR such as 198.51.100.0/24")
		case prefix != prefix.Masked():
			item.refuse("has host bits set, must be written %s", prefix.Masked())
		case prefix.Bits() < minBits:
			item.refuse("%s; must be /%d or narrower", tooWide, minBits)
		case slices.Contains(prefixes, prefix):
			item.refuse("is listed twice")
		default:
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

func decodeNetwork(c *Config, v value) {
	text, _ := v.text(defaultNetwork)
	space, err := netip.ParsePrefix(text)
	if err != nil {
		v.refuse("must be an IPv4 CIDR such as %s", defaultNetwork)
		return
	}
	plan, err := ipam.Carve(space)
	if err != nil {
		v.problems.add(v.path, "%v", err)
		return
	}
	c.Network, c.Plan = space, plan
}

func decodeSpread(c *Config, v value) {
	if c.Spread, _ = v.text(SpreadAvailabilitySet); c.Spread != SpreadAvailabilitySet && c.Spread != SpreadZones {
		v.refuse("must be %s or %s", SpreadAvailabilitySet, SpreadZones)
	}
}

func decodeFaultDomains(c *Config, v value) {
	c.FaultDomains = v.oneOf(defaultFaultDomains, "the fault domains of an availability set, as many as the region has", 2, 3)
}

// checkQuorum refuses a number of voters of which one fault domain would hold the majority.
func checkQuorum(c *Config, v value, voters int) {
	if c.Spread == SpreadZones {
		return
	}
	if err := quorum.Check(voters, c.FaultDomains); err != nil {
		v.problems.add(v.path, "%v; set %sspread to %s, in a region that has zones, or %sfaultDomains to %d, in one that has so many",
			err, namespace, SpreadZones, namespace, defaultFaultDomains)
	}
}

func decodeConsul(c *Config, v value) {
	f, _ := v.object("servers", "allowSingleServer", "vmSize", "image", "nodeServices", "reconnectTimeout")
	single := f["allowSingleServer"].boolean()
	allowed, reason := []int{3, 5}, evenReason+"; 1 needs allowSingleServer, as the cluster's data would be lost with that server's disk"
	if single {
		allowed, reason = []int{1, 3, 5}, evenReason
	}
	servers := f["servers"].oneOf(defaultConsulServers, reason, allowed...)
	checkQuorum(c, f["servers"], servers)
	c.Consul = Consul{
		Servers:           servers,
		AllowSingleServer: single,
		VMSize:            decodeVMSize(f["vmSize"], vmsize.DefaultControl),
		Image:             decodeImage(c, f["image"], defaultConsulImage),
		NodeServices:      decodeNodeServices(f["nodeServices"]),
		ReconnectTimeout:  f["reconnectTimeout"].duration(defaultReconnectTimeout, minReconnectTimeout, maxReconnectTimeout),
	}
}

func decodeManagers(c *Config, v value) {
	f, _ := v.object("count", "vmSize", "autolock")
	count := f["count"].oneOf(defaultManagers, evenReason, 1, 3, 5, 7)
	checkQuorum(c, f["count"], count)
	c.Managers = Managers{
		Count:    count,
		VMSize:   decodeVMSize(f["vmSize"], vmsize.DefaultControl),
		Autolock: f["autolock"].boolean(),
	}
	if c.Managers.Autolock && c.Orchestrator == OrchestratorClassic {
		f["autolock"].refuse("is for %sorchestrator %s only: managers of %s keep no data", namespace, OrchestratorSwarm, OrchestratorClassic)
	}
}

func decodeRegistrator(c *Config, v value) {
	f, _ := v.object("image")
	c.Registrator.Image = decodeImage(c, f["image"], defaultRegistratorImage)
}

func decodeDemo(c *Config, v value) {
	c.Demo = v.boolean()
	total := 0
	for _, pool := range c.Workers {
		total += pool.Count
	}
	if c.Demo && total < 2 {
		v.refuse("the demo shows containers talking across hosts; needs at least 2 workers in %sworkers", namespace)
	}
}

func decodeTags(c *Config, v value) {
	c.Tags = map[string]string{}
	fields := v.texts()
	if len(fields) > maxTags {
		v.problems.add(v.path, "%d tags: Azure allows at most %d", len(fields), maxTags)
	}
	spelling := map[string]string{}
	for _, name := range sorted(fields) {
		field := fields[name]
		text, _ := field.text("")
		c.Tags[name] = text
		if other, ok := spelling[strings.ToLower(name)]; ok {
			v.problems.add(field.path, "is %s, too, for Azure: tag names ignore case", show(other))
		}
		spelling[strings.ToLower(name)] = name
		if name == "" || len([]rune(name)) > maxTagName || strings.ContainsAny(name, forbiddenInTags) {
			v.problems.add(field.path, "name must have 1 to %d characters, none of %s", maxTagName, forbiddenInTags)
		}
		if len([]rune(text)) > maxTagValue {
			field.refuse("must have at most %d characters", maxTagValue)
		}
	}
}

func decodeRotate(c *Config, v value) {
	c.Rotate = map[string]int{}
	fields, _ := v.object(secretNames...)
	for _, name := range secretNames {
		c.Rotate[name] = fields[name].integer(0, 0, maxRotation)
	}
}

func decodeVMSize(v value, fallback string) string {
	size, ok := v.text(fallback)
	if !ok {
		return ""
	}
	if err := vmsize.Check(size); err != nil {
		v.problems.add(v.path, "%v", err)
	}
	return size
}

// decodeImage is the name an image is pulled by.
func decodeImage(c *Config, v value, fallback string) string {
	image, ok := v.text(fallback)
	if !ok {
		return ""
	}
	match := imagePattern.FindStringSubmatch(image)
	switch {
	case match == nil:
		v.refuse("must be an image reference such as %s", fallback)
	case match[2] != "":
		// A digest pins the image, whatever the tag says.
	case match[1] == "":
		v.refuse("must carry a tag or a digest, as in %s", fallback)
	case match[1] == "latest":
		v.refuse("the tag latest moves under a running cluster; must be a version, as in %s", fallback)
	}
	return c.Images.Name(image)
}
