package components

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/seed-3bc5c20b/azswarm/internal/graphtest"
	"github.com/seed-3bc5c20b/azswarm/internal/ports"
)

func TestClusterRegistersEveryMachineWithItsPartsUnderStableNames(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	machines := []string{"consul-0", "consul-1", "consul-2", "managers-0", "managers-1", "managers-2", "net-bastion", "web-0", "web-1"}
	for _, token := range []string{":VirtualMachine", ":NetworkInterface"} {
		if got := g.Names(token); !slices.Equal(got, machines) {
			t.Errorf("%s: %v, want %v", token, got, machines)
		}
	}
	if got, want := g.Names(":AvailabilitySet"), []string{"consul", "managers", "web"}; !slices.Equal(got, want) {
		t.Errorf("availability sets %v, want %v", got, want)
	}
	for _, component := range []string{"Network net", "ConsulCluster consul", "SwarmManagerSet managers", "WorkerPool web", "OverlayNetwork front"} {
		token, name, _ := strings.Cut(component, " ")
		g.Get(t, "azswarm:index:"+token, name)
	}
}

func TestMachinesHaveStaticAddressesByPlan(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	for name, want := range map[string]string{
		"net-bastion": "10.20.0.4", "consul-0": "10.20.1.4", "consul-2": "10.20.1.6", "managers-1": "10.20.2.5", "web-1": "10.20.128.5",
	} {
		nic := g.Get(t, ":NetworkInterface", name)
		if got := graphtest.Text(t, nic, "ipConfigurations.0.privateIPAddress"); got != want {
			t.Errorf("%s has %s, want %s", name, got, want)
		}
		if got := graphtest.Text(t, nic, "ipConfigurations.0.privateIPAllocationMethod"); got != "Static" {
			t.Errorf("%s: allocation %s, want Static", name, got)
		}
	}
}

func TestOnlyBastionAndLoadBalancersHavePublicAddresses(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	if got, want := g.Names(":PublicIPAddress"), []string{"managers", "net-bastion", "net-nat"}; !slices.Equal(got, want) {
		t.Errorf("public addresses %v, want %v", got, want)
	}
	for _, r := range g.Resources {
		if strings.HasSuffix(r.Token, ":NetworkInterface") && r.Name != "net-bastion" {
			if graphtest.At(t, r.Inputs, "ipConfigurations.0.publicIPAddress").HasValue() {
				t.Errorf("%s has a public address", r.Name)
			}
		}
	}
}

func TestEverySubnetIsPrivateAndClosedByItsSecurityGroup(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	vnet := g.Get(t, ":VirtualNetwork", "net")
	for i, tier := range ports.Tiers() {
		path := fmt.Sprintf("subnets.%d.", i)
		if got := graphtest.Text(t, vnet, path+"name"); got != string(tier) {
			t.Errorf("subnet %d is %s, want %s", i, got, tier)
		}
		if outbound := graphtest.At(t, vnet, path+"defaultOutboundAccess"); !outbound.IsBool() || outbound.BoolValue() {
			t.Errorf("subnet %s: defaultOutboundAccess is %v, want false", tier, outbound)
		}
		group := g.Get(t, ":NetworkSecurityGroup", "net-"+string(tier))
		if got := graphtest.Text(t, vnet, path+"networkSecurityGroup.id"); !strings.HasSuffix(got, "/net-"+string(tier)) {
			t.Errorf("subnet %s has security group %s", tier, got)
		}
		rules := graphtest.At(t, group, "securityRules").ArrayValue()
		if want := len(ports.For(tier, ports.Swarm)) + 1; len(rules) != want {
			t.Errorf("%s has %d rules, want the table's and a last one: %d", tier, len(rules), want)
		}
		last := rules[len(rules)-1].ObjectValue()
		if last["access"].StringValue() != "Deny" || last["protocol"].StringValue() != "*" || last["priority"].NumberValue() != 4096 {
			t.Errorf("%s: the last rule is %v, want one that denies everything", tier, last)
		}
	}
}

func TestSecurityRulesAreThePortTable(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	addresses := map[ports.Peer]string{
		ports.Bastion: "10.20.0.0/24", ports.Consul: "10.20.1.0/24", ports.Managers: "10.20.2.0/24", ports.Workers: "10.20.128.0/17",
		ports.Admins: "198.51.100.0/24", ports.HealthProbes: "AzureLoadBalancer",
	}
	for _, tier := range ports.Tiers() {
		rules := graphtest.At(t, g.Get(t, ":NetworkSecurityGroup", "net-"+string(tier)), "securityRules").ArrayValue()
		for i, want := range ports.For(tier, ports.Swarm) {
			rule := rules[i].ObjectValue()
			var sources []string
			for _, peer := range want.From {
				sources = append(sources, addresses[peer])
			}
			var got []string
			if single, ok := rule["sourceAddressPrefix"]; ok {
				got = []string{single.StringValue()}
			} else {
				for _, prefix := range rule["sourceAddressPrefixes"].ArrayValue() {
					got = append(got, prefix.StringValue())
				}
			}
			port := "*"
			if want.Port != 0 {
				port = fmt.Sprint(want.Port)
			}
			if !slices.Equal(got, sources) || rule["destinationPortRange"].StringValue() != port ||
				rule["protocol"].StringValue() != string(want.Protocol) || rule["access"].StringValue() != "Allow" ||
				rule["destinationAddressPrefix"].StringValue() != addresses[tier] {
				t.Errorf("%s: rule %d is %v, want %+v", tier, i, rule, want)
			}
		}
	}
}

func TestMachinesAreHardened(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	vm := g.Get(t, ":VirtualMachine", "web-0")
	for path, want := range map[string]string{
		"securityProfile.securityType":       "TrustedLaunch",
		"storageProfile.osDisk.deleteOption": "Delete",
		"osProfile.computerName":             "web-0",
		"hardwareProfile.vmSize":             "Standard_B2as_v2",
		"storageProfile.imageReference.sku":  "12-gen2",
	} {
		if got := graphtest.Text(t, vm, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if !graphtest.At(t, vm, "osProfile.linuxConfiguration.disablePasswordAuthentication").BoolValue() {
		t.Error("passwords are allowed")
	}
	if key := graphtest.Text(t, vm, "osProfile.linuxConfiguration.ssh.publicKeys.0.keyData"); !strings.HasPrefix(key, "ssh-ed25519 ") {
		t.Errorf("the administrator's key is %q, want ed25519", key)
	}
	userData, err := base64.StdEncoding.DecodeString(graphtest.Text(t, vm, "osProfile.customData"))
	if err != nil || !strings.HasPrefix(string(userData), "#cloud-config\n") || !strings.Contains(string(userData), "ed25519_private") {
		t.Errorf("custom data is %.60q (%v), want cloud-config with the pinned host key", userData, err)
	}
}

func TestEveryConnectionPinsItsHostKeys(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	for _, r := range g.Resources {
		if !strings.HasSuffix(r.Token, "remote:Command") {
			continue
		}
		if key := graphtest.Text(t, r.Inputs, "connection.hostKey"); !strings.HasPrefix(key, "ssh-ed25519 ") {
			t.Errorf("%s: host key %q", r.Name, key)
		}
		// The plugin's proxy gives up where an sshd drops one connection: all go to the bastion, which reaches the others.
		if graphtest.At(t, r.Inputs, "connection.proxy").HasValue() {
			t.Errorf("%s goes through the plugin's proxy", r.Name)
		}
		if host := graphtest.Text(t, r.Inputs, "connection.host"); host != "203.0.113.10" {
			t.Errorf("%s reaches %s without the bastion", r.Name, host)
		}
	}
	for name, address := range map[string]string{"consul-0": "10.20.1.4", "managers-2": "10.20.2.6", "web-1": "10.20.128.5"} {
		for _, command := range []string{"-booted", "-join", "-member"} {
			known := fmt.Sprintf(`%s,%s ssh-ed25519 `, address, name)
			if !strings.Contains(graphtest.Text(t, g.Get(t, "remote:Command", name+command), "stdin"), known) {
				t.Errorf("%s%s does not get the host key of its machine", name, command)
			}
		}
	}
}

// A script for a machine, with that machine's secrets, passes through the bastion; the key to all machines stays there.
func TestOnlyTheBastionGetsTheKeyToMachines(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	for _, name := range []string{"consul-0", "managers-0", "web-0"} {
		stdin := graphtest.Text(t, g.Get(t, "remote:Command", name+"-join"), "stdin")
		relay, script, ok := strings.Cut(stdin, "\nrelay \"$@\"\nexit\n}\n")
		if !ok {
			t.Fatalf("%s-join is not passed on: %.200s", name, stdin)
		}
		secrets, script, _ := strings.Cut(script, "\n")
		if !strings.Contains(secrets, `"sshKey":`) || strings.Contains(script, `"sshKey":`) {
			t.Errorf("%s gets the key to all machines, or the bastion doesn't", name)
		}
		if strings.Contains(relay+secrets, "ensure_consul") || !strings.Contains(script, "ensure_consul") {
			t.Errorf("%s: the bastion has the machine's script", name)
		}
	}
}

func TestNoSecretIsPartOfACommandsText(t *testing.T) {
	for name, c := range map[Orchestrator]*cluster{SwarmMode: newCluster(), Classic: newClassic()} {
		t.Run(string(name), func(t *testing.T) { expectSecretsOffCommands(t, graphtest.MustRun(t, c.deploy)) })
	}
}

func expectSecretsOffCommands(t *testing.T, g *graphtest.Graph) {
	t.Helper()
	secrets := g.SecretTexts()
	if len(secrets) < 30 {
		t.Fatalf("found %d kept secrets; there are more: keys, tokens and certificates of nine machines", len(secrets))
	}
	for _, r := range g.Resources {
		if !strings.HasSuffix(r.Token, "remote:Command") {
			continue
		}
		for _, key := range []resource.PropertyKey{"create", "update", "delete"} {
			value, ok := r.Inputs[key]
			if !ok {
				continue
			}
			if value.ContainsSecrets() {
				t.Errorf("%s.%s is secret: reviewers could not read it", r.Name, key)
				continue
			}
			script := value.StringValue()
			for secret, where := range secrets {
				if isPublic(secret) {
					continue
				}
				if strings.Contains(script, secret) {
					t.Errorf("%s.%s contains the secret %s", r.Name, key, where)
				}
			}
		}
		if stdin := r.Inputs["stdin"]; !stdin.IsSecret() && !(stdin.IsOutput() && stdin.OutputValue().Secret) {
			t.Errorf("%s: stdin is not secret", r.Name)
		}
	}
}

// isPublic tells the public halves of kept key pairs.
func isPublic(text string) bool {
	return strings.HasPrefix(text, "ssh-ed25519 ") || strings.HasPrefix(text, "-----BEGIN CERTIFICATE")
}

func TestWorkersOfAPoolWithPortsAreBehindALoadBalancer(t *testing.T) {
	c := newCluster()
	c.network.Applications = map[string]ApplicationPort{"shop": {Port: 80, TargetPort: 8080, Sources: []string{"192.0.2.0/24"}}}
	c.pools["web"] = WorkerPoolArgs{Count: 2, Applications: []string{"shop"}}
	g := graphtest.MustRun(t, c.deploy)
	balancer := g.Get(t, ":LoadBalancer", "web")
	if got := graphtest.At(t, balancer, "loadBalancingRules.0.backendPort").NumberValue(); got != 8080 {
		t.Errorf("backend port %v, want 8080", got)
	}
	if got := graphtest.Text(t, g.Get(t, ":NetworkInterface", "web-0"), "ipConfigurations.0.loadBalancerBackendAddressPools.0.id"); !strings.HasSuffix(got, "/web/backendAddressPools/machines") {
		t.Errorf("web-0 is in backend pool %q", got)
	}
	rules := graphtest.At(t, g.Get(t, ":NetworkSecurityGroup", "net-workers"), "securityRules").ArrayValue()
	rule := rules[len(rules)-3].ObjectValue()
	if rule["sourceAddressPrefix"].StringValue() != "192.0.2.0/24" || rule["destinationPortRange"].StringValue() != "8080" {
		t.Errorf("the application's rule is %v", rule)
	}
}

func TestInternalPortsOpenManagersAndWorkersToWorkersOnly(t *testing.T) {
	c := newCluster()
	c.network.InternalPorts = []string{"9100", "32768-60999"}
	g := graphtest.MustRun(t, c.deploy)
	for tier, want := range map[ports.Peer]int{ports.Bastion: 0, ports.Consul: 0, ports.Managers: 2, ports.Workers: 2} {
		found := 0
		for _, value := range graphtest.At(t, g.Get(t, ":NetworkSecurityGroup", "net-"+string(tier)), "securityRules").ArrayValue() {
			rule := value.ObjectValue()
			if port := rule["destinationPortRange"].StringValue(); slices.Contains(c.network.InternalPorts, port) {
				found++
				if rule["sourceAddressPrefix"].StringValue() != "10.20.128.0/17" || rule["protocol"].StringValue() != "Tcp" {
					t.Errorf("%s: rule %v", tier, rule)
				}
			}
		}
		if found != want {
			t.Errorf("%s has %d rules for internal ports, want %d", tier, found, want)
		}
	}
}

func TestZonesReplaceAvailabilitySets(t *testing.T) {
	c := newCluster()
	c.network.Spread = SpreadZones
	g := graphtest.MustRun(t, c.deploy)
	if sets := g.Names(":AvailabilitySet"); len(sets) != 0 {
		t.Errorf("availability sets %v beside zones", sets)
	}
	for i, name := range []string{"consul-0", "consul-1", "consul-2"} {
		if got, want := graphtest.Text(t, g.Get(t, ":VirtualMachine", name), "zones.0"), fmt.Sprint(i+1); got != want {
			t.Errorf("%s is in zone %s, want %s", name, got, want)
		}
	}
}

// The number can't be changed: another one is another set, and machines move into it one by one as it is part of what replaces
// them.
func TestFewerFaultDomainsAreOtherAvailabilitySets(t *testing.T) {
	c := newCluster()
	for _, name := range []string{"consul", "managers", "web"} {
		if got := graphtest.At(t, graphtest.MustRun(t, c.deploy).Get(t, ":AvailabilitySet", name), "platformFaultDomainCount"); got.NumberValue() != 3 {
			t.Errorf("%s: %v fault domains by default, want 3", name, got)
		}
	}
	c.network.FaultDomains, c.consul.Servers, c.consul.AllowSingleServer, c.managers.Count = 2, 1, true, 1
	g := graphtest.MustRun(t, c.deploy)
	for _, name := range []string{"consul", "managers", "web"} {
		if got := graphtest.At(t, g.Get(t, ":AvailabilitySet", name+"-fd2"), "platformFaultDomainCount"); got.NumberValue() != 2 {
			t.Errorf("%s: %v fault domains, want 2", name, got)
		}
		if id := graphtest.Text(t, g.Get(t, ":VirtualMachine", name+"-0"), "availabilitySet.id"); !strings.HasSuffix(id, "/"+name+"-fd2") {
			t.Errorf("%s-0 is in availability set %s", name, id)
		}
	}
}

func TestZonesOutliveAnyFaultDomain(t *testing.T) {
	c := newCluster()
	c.network.Spread, c.network.FaultDomains = SpreadZones, 2
	if g := graphtest.MustRun(t, c.deploy); len(g.Names(":AvailabilitySet")) != 0 {
		t.Errorf("availability sets %v beside zones", g.Names(":AvailabilitySet"))
	}
}

func TestLargePoolsAreShardedOverAvailabilitySets(t *testing.T) {
	c := newCluster()
	c.pools["web"] = WorkerPoolArgs{Count: 401}
	g := graphtest.MustRun(t, c.deploy)
	perSet := map[string]int{}
	for _, r := range g.Resources {
		if strings.HasSuffix(r.Token, ":VirtualMachine") && strings.HasPrefix(r.Name, "web-") {
			id := graphtest.Text(t, r.Inputs, "availabilitySet.id")
			perSet[id[strings.LastIndex(id, "/")+1:]]++
		}
	}
	if perSet["web"] != 200 || perSet["web-200-up"] != 200 || perSet["web-400-up"] != 1 || len(perSet) != 3 {
		t.Errorf("machines by availability set: %v", perSet)
	}
}

func TestPoolsDoNotMoveEachOthersAddresses(t *testing.T) {
	c := newCluster()
	c.pools = map[string]WorkerPoolArgs{"batch": {Count: 3, Block: 1}, "web": {Count: 1, Block: 0}}
	before := graphtest.MustRun(t, c.deploy)
	c.pools["web"] = WorkerPoolArgs{Count: 7, Block: 0}
	after := graphtest.MustRun(t, c.deploy)
	for i := range 3 {
		name := fmt.Sprintf("batch-%d", i)
		was := graphtest.Text(t, before.Get(t, ":NetworkInterface", name), "ipConfigurations.0.privateIPAddress")
		is := graphtest.Text(t, after.Get(t, ":NetworkInterface", name), "ipConfigurations.0.privateIPAddress")
		if was != is {
			t.Errorf("%s moved from %s to %s", name, was, is)
		}
	}
}

func TestServersConfigurationIsClosedByDefault(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	line := graphtest.Parameter(t, g.Get(t, "remote:Command", "consul-1-join"), "CONSUL_CONFIG")
	var config struct {
		Client string `json:"client_addr"`
		Expect int    `json:"bootstrap_expect"`
		ACL    struct {
			Policy string `json:"default_policy"`
		} `json:"acl"`
		TLS struct {
			Defaults struct {
				Incoming bool `json:"verify_incoming"`
			} `json:"defaults"`
			RPC struct {
				Hostname bool `json:"verify_server_hostname"`
			} `json:"internal_rpc"`
		} `json:"tls"`
	}
	if err := json.Unmarshal([]byte(line), &config); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	if config.Client != "127.0.0.1" || config.Expect != 3 || config.ACL.Policy != "deny" || !config.TLS.Defaults.Incoming || !config.TLS.RPC.Hostname {
		t.Errorf("server configuration %+v", config)
	}
}

func TestConsulsWebInterfaceIsOnServersOnly(t *testing.T) {
	g := graphtest.MustRun(t, newCluster().deploy)
	for name, want := range map[string]bool{"consul-1": true, "managers-0": false, "web-0": false} {
		if got := strings.Contains(graphtest.Parameter(t, g.Get(t, "remote:Command", name+"-join"), "CONSUL_CONFIG"), `"ui_config":{"enabled":true}`); got != want {
			t.Errorf("%s has the web interface: %t, want %t", name, got, want)
		}
	}
}
