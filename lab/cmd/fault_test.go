package cmd

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

func TestMistakesAboutFaultsAreExplained(t *testing.T) {
	for line, want := range map[string]string{
		"fault nonsense":                             `unknown command "nonsense"`,
		"fault kill":                                 "lab fault kill managers-0",
		"fault kill managers-0":                      "`lab up` makes one",
		"fault domain one":                           `fault domain "one": must be a number, from 0`,
		"fault domain -- -1":                         "must be a number, from 0",
		"fault lose 0% workers":                      `"0%": must be 1% to 100%`,
		"fault lose 101 workers":                     "must be 1% to 100%",
		"fault lose 5":                               "requires at least 2 arg",
		"fault delay 20 workers":                     `delay "20": must be 1ms to 10s`,
		"fault delay 1us workers":                    "must be 1ms to 10s",
		"fault fill web-0 /":                         "must be an absolute path below one of /var/",
		"fault fill web-0 /var/lib/../../":           "must be an absolute path below one of /var/",
		"fault fill web-0 lib":                       "must be an absolute path below one of /var/",
		"fault drop-ssh web-0":                       "requires at least 2 arg",
		"fault drop-ssh web-0 web-1":                 `connections "web-0": must be a number, 1 to 1000000`,
		"fault drop-ssh 0 web-1":                     "must be a number, 1 to 1000000",
		"fault drop-ssh 3 a/b":                       `machine "a/b": must be the name of one`,
		"fault quota many":                           `quota "many": must be a number of cores`,
		"fault call any create --error 404":          "--error 404: must be 409, 429, 500 or timeout",
		"fault call any create --times 0":            "--times 0: must be 1 or more",
		"fault size Standard_B2als_v2":               "`lab up` makes one",
		"fault delete virtualMachines/web-1":         "`lab up` makes one",
		"heal":                                       "lab heal stop/managers-0",
		"heal --all stop/managers-0":                 "lab heal stop/managers-0",
		"heal managers-0":                            `fault "managers-0": must be one of stop, kill, freeze, domain, zone, cut, lose, delay, fill, drop-ssh, size, quota, call, deallocate`,
		"heal kill/managers-0":                       "`lab up` makes one",
		"fault drift virtualMachines/web-1":          "name a resource and what of it changes",
		"fault drift virtualMachines/web-1 tags":     `change "tags": must be PROPERTY=VALUE`,
		"fault drift virtualMachines/web-1 tags.a=b": "`lab up` makes one",
		"fault deallocate":                           "lab fault deallocate managers-0",
		"fault deallocate web-1":                     "`lab up` makes one",
		"heal deallocate/web-1":                      "`lab up` makes one",
	} {
		if output, err := run(t, strings.Fields(line)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("lab %s: %v, want it to say %q\n%s", line, err, want, output)
		}
	}
}

func TestEveryFaultHasHelpWithExamples(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" || c.Long == "" || !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s lacks help or an example of itself", c.CommandPath())
		}
		for _, child := range c.Commands() {
			walk(child)
		}
	}
	for _, c := range newRoot().Commands() {
		if c.Name() == "fault" || c.Name() == "heal" {
			walk(c)
		}
	}
}

// TestFaultsOfAzureAreListedAndHealed needs no machines.
func TestFaultsOfAzureAreListedAndHealed(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	lab, err := session.Find(session.DefaultName)
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Create(); err != nil {
		t.Fatal(err)
	}
	if err := lab.Remember(session.Record{PublicAddresses: session.AnyPool(), NoMachines: true}); err != nil {
		t.Fatal(err)
	}
	do := func(line, want string) {
		t.Helper()
		root := newRoot()
		var output strings.Builder
		root.SetOut(&output)
		root.SetErr(&output)
		root.SetArgs(strings.Fields(line))
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Errorf("lab %s: %v", line, err)
		}
		if strings.Join(strings.Fields(output.String()), " ") != want {
			t.Errorf("lab %s says\n%s\nwant\n%s", line, output.String(), want)
		}
	}
	do("fault list", "nothing is broken on purpose")
	do("fault size Standard_B2als_v2", "size/Standard_B2als_v2: machines of size Standard_B2als_v2 are sold out")
	do("fault size Standard_B2als_v2", "size/Standard_B2als_v2: machines of size Standard_B2als_v2 are sold out")
	do("fault quota 8", "quota/cores: the region's quota is 8 cores")
	do("fault call VirtualMachine create --error 409 --times 2", `call/1: 2 calls (VirtualMachine create) get: Status=409 Code="AnotherOperationInProgress" Message="Another operation on this or dependent resource is in progress."`)
	do("fault list", `size/Standard_B2als_v2 machines of size Standard_B2als_v2 are sold out quota/cores the region's quota is 8 cores `+
		`call/1 2 calls (compute:VirtualMachine create) get: Status=409 Code="AnotherOperationInProgress" Message="Another operation on this or dependent resource is in progress."`)
	do("heal size/standard_b2als_v2 call/7", "healed size/standard_b2als_v2 call/7 was not in force")
	do("heal --all", "healed quota/cores healed call/1")
	do("heal --all", "nothing is broken on purpose")
	root := newRoot()
	root.SetArgs([]string{"fault", "domain", "1"})
	if err := root.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), "has no machines: what can break in it is Azure") {
		t.Errorf("a fault domain of a lab without machines fails: %v", err)
	}
	do("fault list", "nothing is broken on purpose")
}

func TestResourcesAreFoundByTheEndOfTheirIDs(t *testing.T) {
	const group = "/subscriptions/s/resourceGroups/azswarm"
	var resources []azure.Resource
	for _, id := range []string{"Microsoft.Compute/virtualMachines/web-1", "Microsoft.Network/networkInterfaces/web-1", "Microsoft.Network/virtualNetworks/net"} {
		resources = append(resources, azure.Resource{ID: group + "/providers/" + id})
	}
	for name, want := range map[string]string{
		"virtualmachines/web-1":                  resources[0].ID,
		resources[1].ID:                          resources[1].ID,
		"virtualNetworks/net/subnets/workers":    resources[2].ID + "/subnets/workers",
		resources[2].ID + "/subnets/workers":     resources[2].ID + "/subnets/workers",
		"web-1":                                  `resource "web-1": which of ` + resources[0].ID + ", " + resources[1].ID + "?",
		"virtualMachines/web-2":                  `no resource "virtualMachines/web-2": there are virtualMachines/web-1, networkInterfaces/web-1, virtualNetworks/net`,
		"networkSecurityGroups/x/securityRules/": `no resource "networkSecurityGroups/x/securityRules/": there are virtualMachines/web-1, networkInterfaces/web-1, virtualNetworks/net`,
	} {
		got, err := findResource(resources, name)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
