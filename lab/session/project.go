package session

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// AdminCIDRsKey is the configuration key whose first entry the lab plays the operator from.
const AdminCIDRsKey = "azswarm:adminCidrs"

// operatorOffset is the place of the operator's address in its network: away from what gateways tend to use.
const operatorOffset = 10

// Project is the Pulumi project a lab runs.
type Project struct {
	// Dir is the absolute path of the directory with Pulumi.yaml.
	Dir string
	// Name is the project's name.
	Name string
	// Runtime is the program's language, such as "go" or "yaml".
	Runtime string

	config map[string]yaml.Node
}

// language is a name, or the name in an object with options.
type language string

// UnmarshalYAML reads either form.
func (l *language) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*l = language(node.Value)
		return nil
	}
	var object struct {
		Name string `yaml:"name"`
	}
	err := node.Decode(&object)
	*l = language(object.Name)
	return err
}

// OpenProject reads the Pulumi project in a directory.
func OpenProject(dir string) (*Project, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open project %s: %w", dir, err)
	}
	path := filepath.Join(absolute, "Pulumi.yaml")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no Pulumi.yaml in %s: name the directory of the Pulumi project with --dir", absolute)
	}
	var parsed struct {
		Name    string               `yaml:"name"`
		Runtime language             `yaml:"runtime"`
		Config  map[string]yaml.Node `yaml:"config"`
	}
	if err == nil {
		err = yaml.Unmarshal(content, &parsed)
	}
	if err == nil && parsed.Name == "" {
		err = errors.New("it has no name")
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &Project{Dir: absolute, Name: parsed.Name, Runtime: string(parsed.Runtime), config: parsed.Config}, nil
}

// stackPattern is what Pulumi allows in the name of a stack.
var stackPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}$`)

// stackFile is the path of a stack's configuration.
func (p *Project) stackFile(stack string) string {
	return filepath.Join(p.Dir, "Pulumi."+stack+".yaml")
}

// Stacks lists the stacks the project has configuration for.
func (p *Project) Stacks() []string {
	files, _ := filepath.Glob(filepath.Join(p.Dir, "Pulumi.*.yaml")) // fails for bad patterns only
	var stacks []string
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "Pulumi."), ".yaml")
		stacks = append(stacks, name)
	}
	slices.Sort(stacks)
	return stacks
}

// checkStack refuses a stack the project says nothing about, naming those it knows: a mistyped name would
// otherwise come up with defaults alone.
func (p *Project) checkStack(stack string) error {
	if !stackPattern.MatchString(stack) {
		return fmt.Errorf("stack name %q: allowed are letters, digits, \".\", \"_\" and \"-\"", stack)
	}
	known := p.Stacks()
	if len(known) == 0 || slices.Contains(known, stack) {
		return nil
	}
	return fmt.Errorf("there is no stack %q in %s (no Pulumi.%s.yaml): it has %s",
		stack, p.Dir, stack, strings.Join(known, ", "))
}

// adminNetworks returns the networks that the stack's configuration (or else the project's default) lets in; none
// if there is no such key.
func (p *Project) adminNetworks(stackConfig map[string]yaml.Node) ([]string, error) {
	node, found := stackConfig[AdminCIDRsKey]
	if !found {
		for _, key := range []string{AdminCIDRsKey, strings.TrimPrefix(AdminCIDRsKey, p.Name+":")} {
			declared, declares := p.config[key]
			if !declares {
				continue
			}
			var schema struct {
				Default yaml.Node `yaml:"default"`
			}
			if err := declared.Decode(&schema); err == nil && !schema.Default.IsZero() {
				node, found = schema.Default, true
			}
		}
	}
	if !found {
		return nil, nil
	}
	var list []string
	if err := node.Decode(&list); err == nil {
		return list, nil
	}
	// `pulumi config set` without --path stores a list as JSON text, and JSON is YAML.
	var text string
	if err := node.Decode(&text); err == nil {
		if err := yaml.Unmarshal([]byte(text), &list); err == nil {
			return list, nil
		}
	}
	return nil, fmt.Errorf("%s must be a list of networks such as [\"198.51.100.0/24\"]", AdminCIDRsKey)
}

// operatorAddress picks the operator's address in a network: the tenth, or in a small one the first usable.
func operatorAddress(cidr string) (netip.Addr, error) {
	network, err := netip.ParsePrefix(cidr)
	if err != nil || !network.Addr().Is4() {
		return netip.Addr{}, fmt.Errorf("operator's network %q: must be an IPv4 network such as 198.51.100.0/24", cidr)
	}
	first := network.Masked().Addr()
	if network.Bits() >= 31 { // no network and broadcast address of its own
		return first, nil
	}
	address := first
	for range operatorOffset {
		address = address.Next()
	}
	if !network.Contains(address.Next()) { // beyond the network, or its broadcast address
		return first.Next(), nil
	}
	return address, nil
}
