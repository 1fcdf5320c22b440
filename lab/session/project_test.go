package session

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestOperatorAddress(t *testing.T) {
	for cidr, want := range map[string]string{
		"198.51.100.0/24":  "198.51.100.10",
		"198.51.100.77/24": "198.51.100.10", // host bits don't matter
		"198.51.100.64/28": "198.51.100.74",
		"198.51.100.64/29": "198.51.100.65", // the tenth is outside
		"198.51.100.8/30":  "198.51.100.9",
		"198.51.100.8/31":  "198.51.100.8",
		"198.51.100.8/32":  "198.51.100.8",
		"0.0.0.0/0":        "0.0.0.10",
	} {
		got, err := operatorAddress(cidr)
		if err != nil || got.String() != want {
			t.Errorf("operatorAddress(%q) = %v, %v; want %s", cidr, got, err, want)
		}
		if prefix := netip.MustParsePrefix(cidr); !prefix.Contains(got) {
			t.Errorf("operatorAddress(%q) = %v, which is outside", cidr, got)
		}
	}
	for _, cidr := range []string{"", "198.51.100.1", "2001:db8::/32", "198.51.100.0/33"} {
		if got, err := operatorAddress(cidr); err == nil {
			t.Errorf("operatorAddress(%q) = %v, want an error", cidr, got)
		}
	}
}

// newProject is a project with these stack files.
func newProject(t *testing.T, declared string, stacks map[string]string) *Project {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Pulumi.yaml"), "name: azswarm\nruntime: go\n"+declared)
	for stack, content := range stacks {
		write(t, filepath.Join(dir, "Pulumi."+stack+".yaml"), content)
	}
	project, err := OpenProject(dir)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAdminNetworksComeFromTheStackOrElseTheProject(t *testing.T) {
	const byDefault = "config:\n  adminCidrs:\n    type: array\n    default: [192.0.2.0/24]\n"
	for name, c := range map[string]struct {
		declared, stack string
		want            []string
	}{
		"list":          {byDefault, "config:\n  azswarm:adminCidrs:\n    - 198.51.100.0/24\n    - 203.0.113.0/24\n", []string{"198.51.100.0/24", "203.0.113.0/24"}},
		"JSON text":     {"", "config:\n  azswarm:adminCidrs: '[\"198.51.100.0/24\"]'\n", []string{"198.51.100.0/24"}},
		"default":       {byDefault, "config: {}\n", []string{"192.0.2.0/24"}},
		"no such key":   {"", "config: {}\n", nil},
		"no stack file": {"", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			project := newProject(t, c.declared, nil)
			config, err := parseStackFile("stack", []byte(c.stack))
			if err != nil {
				t.Fatal(err)
			}
			got, err := project.adminNetworks(config)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("adminNetworks = %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

func TestCheckStackNamesTheStacksThereAre(t *testing.T) {
	project := newProject(t, "", map[string]string{"dev": "", "prod": ""})
	if err := project.checkStack("prod"); err != nil {
		t.Errorf("checkStack(prod): %v", err)
	}
	if err := project.checkStack("prd"); err == nil || !strings.Contains(err.Error(), "dev, prod") {
		t.Errorf("checkStack(prd): %v, want an error that names dev and prod", err)
	}
	if err := newProject(t, "", nil).checkStack("anything"); err != nil {
		t.Errorf("a project without stack files: %v", err)
	}
}

func TestChoosePoolStaysClearOfWhatIsUsed(t *testing.T) {
	for name, c := range map[string]struct {
		used []string
		want string // "" if none is left
	}{
		"nothing used":     {nil, "198.18.0.0/24"},
		"first used":       {[]string{"198.18.0.0/24"}, "198.18.1.0/24"},
		"one address used": {[]string{"198.18.0.200/32", "198.18.1.7/32"}, "198.18.2.0/24"},
		"half used":        {[]string{"198.18.0.0/16"}, "198.19.0.0/24"},
		"all used":         {[]string{"198.18.0.0/15"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var used []netip.Prefix
			for _, text := range c.used {
				used = append(used, netip.MustParsePrefix(text))
			}
			got, err := choosePool(used)
			if c.want == "" && err == nil || c.want != "" && got.String() != c.want {
				t.Errorf("choosePool = %v, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestReservePoolGoesOnWhereAnotherLabWasQuicker(t *testing.T) {
	var asked []string
	got, err := reservePool([]netip.Prefix{netip.MustParsePrefix("198.18.0.0/24")}, func(pool netip.Prefix) (bool, error) {
		asked = append(asked, pool.String())
		return len(asked) == 3, nil
	})
	if want := "198.18.3.0/24"; err != nil || got.String() != want || len(asked) != 3 {
		t.Errorf("%v, %v after %v; want %s", got, err, asked, want)
	}
	broken := errors.New("Docker does not answer")
	if _, err := reservePool(nil, func(netip.Prefix) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("a reservation that fails: %v", err)
	}
}

func TestStackArgument(t *testing.T) {
	for line, want := range map[string]string{
		"pulumi up -s prod":                  "prod",
		"pulumi --stack prod preview":        "prod",
		"/opt/bin/pulumi preview --stack=qa": "qa",
		"pulumi preview":                     "",
		"pulumi preview -s":                  "",
		"ssh -s prod":                        "",
	} {
		if got, named := StackArgument(strings.Fields(line)); got != want || named != (want != "") {
			t.Errorf("StackArgument(%s) = %q, %v; want %q", line, got, named, want)
		}
	}
}

func TestProjectsNameTheirRuntimeInEitherForm(t *testing.T) {
	for text, want := range map[string]string{
		"name: a\nruntime: yaml\n":                                    "yaml",
		"name: a\nruntime:\n  name: nodejs\n  options: {npm: true}\n": "nodejs",
		"name: a\n": "",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if project, err := OpenProject(dir); err != nil || project.Runtime != want {
			t.Errorf("%q: %v, %v; want runtime %q", text, project, err, want)
		}
	}
}
