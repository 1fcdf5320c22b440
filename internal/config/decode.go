package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// Configuration keys outside the project's own namespace.
const locationKey = "azure-native:location"

const namespace = "azswarm:"

// secretNames are the fields of `rotate`: what a cluster that is up can exchange without an interruption.
var secretNames = []string{"dockerCa"}

var (
	locationPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9 ]*$`)
	plainName       = regexp.MustCompile(`^[\w-]+$`)
)

// Paths that rules name beside the one of the value they refuse.
const (
	orchestratorPath = namespace + "orchestrator"
	networkPath      = namespace + "network"
	spreadPath       = namespace + "spread"
	domainsPath      = namespace + "faultDomains"
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
	p := &rules.Problems{}
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
			name = rules.Show(name)
		}
		p.Add(namespace+name, "is unknown; allowed are %s", strings.Join(known, ", "))
	}
	if err := p.Err("the stack's configuration has mistakes"); err != nil {
		return nil, err
	}
	return c, nil
}

func plain(p *rules.Problems, key string, raw map[string]string) value {
	text, ok := raw[key]
	return value{p, key, text, ok}
}

func decodeLocation(c *Config, v value) {
	if !v.set {
		v.problems.Add(v.path, "is missing; set it to an Azure region such as westeurope")
		return
	}
	if c.Location, _ = v.text(""); !locationPattern.MatchString(c.Location) {
		v.refuse("must be the name of an Azure region, such as westeurope")
	}
}

func decodeAdminCIDRs(c *Config, v value) {
	if !v.set {
		v.problems.Add(v.path, "is missing; list the networks operators connect from, such as 198.51.100.0/24")
		return
	}
	c.AdminCIDRs = decodeCIDRs(v, rules.Operators)
}

// decodeCIDRs reads a list of IPv4 networks.
func decodeCIDRs(v value, width rules.Width) []netip.Prefix {
	items, ok := v.list()
	if ok && len(items) == 0 {
		v.problems.NoCIDRs(v.path)
	}
	var prefixes []netip.Prefix
	for _, item := range items {
		text, ok := item.text("")
		if !ok {
			continue
		}
		if prefix, ok := v.problems.CIDR(item.path, text, width, prefixes); ok {
			prefixes = append(prefixes, prefix)
		}
	}
	return prefixes
}

func decodeNetwork(c *Config, v value) {
	text, _ := v.text(rules.DefaultNetwork)
	if plan, ok := v.problems.AddressSpace(v.path, text); ok {
		c.Network, c.Plan = plan.Space, plan
	}
}

func decodeSpread(c *Config, v value) {
	c.Spread, _ = v.text(rules.DefaultSpread)
	v.problems.Spread(v.path, c.Spread)
}

func decodeFaultDomains(c *Config, v value) {
	c.FaultDomains = v.oneOf(rules.DefaultFaultDomains, rules.FaultDomains)
}

// checkQuorum refuses a number of voters of which one fault domain would hold the majority.
func checkQuorum(c *Config, v value, voters int) {
	v.problems.Quorum(v.path, voters, c.Spread, c.FaultDomains, spreadPath, domainsPath)
}

func decodeConsul(c *Config, v value) {
	f, _ := v.object("servers", "allowSingleServer", "vmSize", "image", "nodeServices", "reconnectTimeout")
	single := f["allowSingleServer"].boolean()
	servers := f["servers"].oneOf(rules.DefaultServers, rules.Servers(single))
	checkQuorum(c, f["servers"], servers)
	c.Consul = Consul{
		Servers:           servers,
		AllowSingleServer: single,
		VMSize:            decodeVMSize(f["vmSize"], rules.DefaultControlVMSize),
		Image:             decodeImage(f["image"], rules.DefaultConsulImage),
		NodeServices:      decodeNodeServices(f["nodeServices"]),
		ReconnectTimeout:  f["reconnectTimeout"].duration(rules.DefaultReconnectTimeout, rules.ReconnectTimeout),
	}
}

func decodeManagers(c *Config, v value) {
	f, _ := v.object("count", "vmSize", "autolock")
	count := f["count"].oneOf(rules.DefaultManagers, rules.Managers)
	checkQuorum(c, f["count"], count)
	c.Managers = Managers{
		Count:    count,
		VMSize:   decodeVMSize(f["vmSize"], rules.DefaultControlVMSize),
		Autolock: f["autolock"].boolean(),
	}
	if c.Managers.Autolock {
		v.problems.Autolock(f["autolock"].path, c.Orchestrator, orchestratorPath)
	}
}

func decodeRegistrator(c *Config, v value) {
	f, _ := v.object("image")
	c.Registrator.Image = decodeImage(f["image"], rules.DefaultRegistratorImage)
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
	names := sorted(fields)
	v.problems.TagNames(v.path, names)
	for _, name := range names {
		c.Tags[name], _ = fields[name].text("")
		v.problems.TagValue(fields[name].path, c.Tags[name])
	}
}

func decodeRotate(c *Config, v value) {
	c.Rotate = map[string]int{}
	fields, _ := v.object(secretNames...)
	for _, name := range secretNames {
		c.Rotate[name] = fields[name].integer(0, rules.Rotation)
	}
}

func decodeVMSize(v value, fallback string) string {
	size, ok := v.text(fallback)
	if !ok {
		return ""
	}
	v.problems.VMSize(v.path, size)
	return size
}

// decodeImage is an image as it is named; see [Images.Name].
func decodeImage(v value, fallback string) string {
	image, ok := v.text(fallback)
	if ok {
		v.problems.Image(v.path, image, fallback)
	}
	return image
}
