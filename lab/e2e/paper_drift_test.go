//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// verdict is what becomes of a change in Azure.
type verdict int

const (
	left      verdict = iota // previews show nothing, and the next write takes it along
	corrected                // the next update writes what azswarm says, in place
	fixed                    // azswarm says so at the creation, and Azure lets nobody change it
)

// drifting is a property, and the value it gets.
type drifting struct {
	property, value string
	becomes         verdict
}

// capitals is a value that means: as it is, in capitals.
const capitals = "CAPITALS"

// other is an id of something of others.
const other = "/subscriptions/s/resourceGroups/others/providers/Microsoft.Others/things/other"

// otherRef is a reference to it.
const otherRef = `{"id":"` + other + `"}`

// drifts are, for every type, all properties that could be changed.
var drifts = []struct {
	kind     string
	resource string // gets what is left
	second   string // gets what is corrected; "" for the same one
	changes  []drifting
}{
	{"resources:ResourceGroup", "resourceGroups", "", []drifting{
		{"location", "", fixed}, {"managedBy", other, left}, {"tags.cost.center", "42", left},
	}},
	{"compute:VirtualMachine", "virtualMachines/web-0", "virtualMachines/consul-0", []drifting{
		{"location", "", fixed}, {"tags.cost.center", "42", left}, {"zones", "", fixed},
		{"additionalCapabilities", `{"ultraSSDEnabled":false}`, left}, {"applicationProfile", `{"galleryApplications":[]}`, left},
		{"availabilitySet.id", capitals, left}, {"billingProfile", `{"maxPrice":1}`, left},
		{"capacityReservation", `{"capacityReservationGroup":` + otherRef + `}`, left},
		{"diagnosticsProfile", `{"bootDiagnostics":{"enabled":true}}`, left}, {"evictionPolicy", "Deallocate", left},
		{"extendedLocation", `{"name":"edge","type":"EdgeZone"}`, left}, {"extensionsTimeBudget", "PT90M", left},
		{"tags.environment", "others", corrected}, {"hardwareProfile.vmSize", "Standard_B4als_v2", corrected}, {"hardwareProfile.vmSizeProperties", `{"vCPUsAvailable":1}`, left},
		{"host", otherRef, left}, {"hostGroup", otherRef, left}, {"identity", `{"type":"SystemAssigned"}`, left},
		{"licenseType", "SLES_BYOS", left}, {"plan", `{"name":"plan"}`, left}, {"platformFaultDomain", "1", left}, {"priority", "Regular", left},
		{"networkProfile.networkApiVersion", "2020-11-01", left}, {"networkProfile.networkInterfaceConfigurations", "[]", left},
		{"networkProfile.networkInterfaces[0].deleteOption", "Delete", left}, {"networkProfile.networkInterfaces[0].id", capitals, left},
		{"networkProfile.networkInterfaces[0].primary", "", left},
		{"osProfile.adminPassword", "", fixed}, {"osProfile.adminUsername", "", fixed}, {"osProfile.computerName", "", fixed}, {"osProfile.customData", "", fixed},
		{"osProfile.allowExtensionOperations", "false", left}, {"osProfile.requireGuestProvisionSignal", "false", left},
		{"osProfile.linuxConfiguration.disablePasswordAuthentication", "", fixed},
		{"osProfile.linuxConfiguration.enableVMAgentPlatformUpdates", "true", left},
		{"osProfile.linuxConfiguration.patchSettings", `{"assessmentMode":"AutomaticByPlatform","patchMode":"AutomaticByPlatform"}`, left},
		{"osProfile.linuxConfiguration.provisionVMAgent", "false", left}, {"osProfile.linuxConfiguration.ssh", "", fixed},
		{"osProfile.secrets", `[{"sourceVault":` + otherRef + `}]`, left}, {"osProfile.windowsConfiguration", `{"timeZone":"UTC"}`, left},
		{"proximityPlacementGroup", otherRef, left}, {"scheduledEventsPolicy", `{"userInitiatedReboot":{"automaticallyApprove":true}}`, left},
		{"scheduledEventsProfile", `{"terminateNotificationProfile":{"enable":true}}`, left},
		{"securityProfile.encryptionAtHost", "true", left}, {"securityProfile.encryptionIdentity", `{"userAssignedIdentityResourceId":"` + other + `"}`, left},
		{"securityProfile.proxyAgentSettings", `{"enabled":true}`, left}, {"securityProfile.securityType", "", fixed},
		{"securityProfile.uefiSettings.secureBootEnabled", "false", corrected}, {"securityProfile.uefiSettings.vTpmEnabled", "false", corrected},
		{"storageProfile.dataDisks", `[{"lun":0,"createOption":"Attach"}]`, left}, {"storageProfile.diskControllerType", "SCSI", left},
		{"storageProfile.imageReference", "", fixed},
		{"storageProfile.osDisk.caching", "ReadOnly", left}, {"storageProfile.osDisk.createOption", "", fixed},
		{"storageProfile.osDisk.deleteOption", "Detach", corrected}, {"storageProfile.osDisk.diffDiskSettings", `{"option":"Local"}`, left},
		{"storageProfile.osDisk.diskSizeGB", "128", left}, {"storageProfile.osDisk.encryptionSettings", `{"enabled":true}`, left},
		{"storageProfile.osDisk.image", `{"uri":"image"}`, left},
		{"storageProfile.osDisk.managedDisk", `{"id":"disk","storageAccountType":"Premium_LRS","diskEncryptionSet":` + otherRef + `}`, left},
		{"storageProfile.osDisk.name", "renamed", left}, {"storageProfile.osDisk.osType", "Linux", left}, {"storageProfile.osDisk.vhd", `{"uri":"vhd"}`, left},
		{"storageProfile.osDisk.writeAcceleratorEnabled", "true", left},
		{"userData", "Zm9v", left}, {"virtualMachineScaleSet", otherRef, left},
	}},
	{"compute:AvailabilitySet", "availabilitySets/web", "", []drifting{
		{"location", "", fixed}, {"tags.cost.center", "42", left}, {"platformFaultDomainCount", "", fixed}, {"platformUpdateDomainCount", "", fixed},
		{"proximityPlacementGroup", otherRef, left}, {"scheduledEventsPolicy", `{"userInitiatedReboot":{"automaticallyApprove":true}}`, left},
		{"sku.capacity", "3", left}, {"sku.name", "", fixed}, {"sku.tier", "Standard", left}, {"virtualMachines", "", fixed},
	}},
	{"network:NetworkInterface", "networkInterfaces/web-0", "networkInterfaces/web-1", []drifting{
		{"location", "", fixed}, {"tags.cost.center", "42", left},
		{"auxiliaryMode", "AcceleratedConnections", left}, {"auxiliarySku", "A1", left}, {"disableTcpStateTracking", "true", left},
		{"dnsSettings", `{"dnsServers":["198.51.100.53"]}`, left}, {"enableAcceleratedNetworking", "true", left}, {"enableIPForwarding", "true", left},
		{"extendedLocation", `{"name":"edge","type":"EdgeZone"}`, left}, {"migrationPhase", "None", left},
		{"networkSecurityGroup", `{"id":"GROUP/providers/Microsoft.Network/networkSecurityGroups/azswarm-workers"}`, left},
		{"nicType", "Elastic", left}, {"privateLinkService", otherRef, left}, {"workloadType", "none", left},
		{"ipConfigurations[0].applicationGatewayBackendAddressPools", `[` + otherRef + `]`, left},
		{"ipConfigurations[0].applicationSecurityGroups", `[` + otherRef + `]`, left},
		{"ipConfigurations[0].gatewayLoadBalancer", otherRef, left}, {"ipConfigurations[0].id", capitals, left},
		{"ipConfigurations[0].loadBalancerBackendAddressPools", `[` + otherRef + `]`, corrected},
		{"ipConfigurations[0].loadBalancerInboundNatRules", `[` + otherRef + `]`, left}, {"ipConfigurations[0].name", "", fixed},
		{"ipConfigurations[0].primary", "", fixed}, {"ipConfigurations[0].privateIPAddress", "10.20.128.200", corrected},
		{"ipConfigurations[0].privateIPAddressPrefixLength", "28", left}, {"ipConfigurations[0].privateIPAddressVersion", "IPv4", left},
		{"ipConfigurations[0].privateIPAllocationMethod", "Dynamic", corrected},
		{"ipConfigurations[0].publicIPAddress", otherRef, corrected}, {"ipConfigurations[0].subnet.id", capitals, left},
		{"ipConfigurations[0].type", "Microsoft.Network/networkInterfaces/ipConfigurations", left},
		{"ipConfigurations[0].virtualNetworkTaps", `[` + otherRef + `]`, left},
		{"ipConfigurations[1]", `{"name":"second","privateIPAddress":"10.20.128.201"}`, corrected},
	}},
	{"network:PublicIPAddress", "publicIPAddresses/azswarm-bastion", "", []drifting{
		{"location", "", fixed}, {"tags.cost.center", "42", left}, {"sku.name", "", fixed}, {"sku.tier", "Regional", left},
		{"publicIPAddressVersion", "", fixed}, {"publicIPAllocationMethod", "", fixed}, {"publicIPPrefix", "", fixed},
		{"ddosSettings", `{"protectionMode":"Enabled"}`, left}, {"deleteOption", "Detach", left}, {"dnsSettings", `{"domainNameLabel":"bastion"}`, left},
		{"extendedLocation", `{"name":"edge","type":"EdgeZone"}`, left}, {"idleTimeoutInMinutes", "30", left}, {"ipAddress", "", fixed},
		{"ipTags", `[{"ipTagType":"RoutingPreference","tag":"Internet"}]`, left}, {"linkedPublicIPAddress", otherRef, left}, {"migrationPhase", "None", left},
		{"natGateway", "", fixed}, {"servicePublicIPAddress", otherRef, left}, {"zones", `["1","2","3"]`, left},
	}},
	{"network:NatGateway", "natGateways/azswarm-nat", "", []drifting{
		{"location", "", fixed}, {"tags.cost.center", "42", left}, {"sku.name", "", fixed}, {"zones", `["2"]`, left},
		{"idleTimeoutInMinutes", "30", left}, {"publicIpPrefixes", `[` + otherRef + `]`, left},
		{"publicIpAddresses[0].id", capitals, corrected}, {"publicIpAddresses[1]", otherRef, corrected},
	}},
	{"network:NetworkSecurityGroup", "networkSecurityGroups/azswarm-workers", "networkSecurityGroups/azswarm-bastion", []drifting{
		{"location", "", fixed}, {"tags.cost.center", "42", left}, {"flushConnection", "true", left},
		{"securityRules[0].access", "Deny", corrected}, {"securityRules[0].description", "changed", corrected},
		{"securityRules[0].destinationAddressPrefix", "*", corrected}, {"securityRules[0].destinationAddressPrefixes", `["10.0.0.0/8"]`, corrected},
		{"securityRules[0].destinationApplicationSecurityGroups", `[` + otherRef + `]`, corrected}, {"securityRules[0].destinationPortRange", "23", corrected},
		{"securityRules[0].destinationPortRanges", `["23"]`, corrected}, {"securityRules[0].direction", "Outbound", corrected},
		{"securityRules[0].id", capitals, corrected}, {"securityRules[0].name", "renamed", corrected}, {"securityRules[0].priority", "4000", corrected},
		{"securityRules[0].protocol", "Udp", corrected}, {"securityRules[0].sourceAddressPrefix", "*", corrected},
		{"securityRules[0].sourceAddressPrefixes", `["10.0.0.0/8"]`, corrected}, {"securityRules[0].sourceApplicationSecurityGroups", `[` + otherRef + `]`, corrected},
		{"securityRules[0].sourcePortRange", "53", corrected}, {"securityRules[0].sourcePortRanges", `["53"]`, corrected},
		{"securityRules[0].type", "Microsoft.Network/networkSecurityGroups/SECURITYRULES", corrected},
	}},
	{"network:VirtualNetwork", "virtualNetworks/azswarm", "", []drifting{
		{"location", "", fixed}, {"tags.cost.center", "42", left}, {"addressSpace.addressPrefixes", `["10.20.0.0/16","10.30.0.0/16"]`, corrected},
		{"addressSpace.ipamPoolPrefixAllocations", `[{"pool":` + otherRef + `}]`, left},
		{"bgpCommunities", `{"virtualNetworkCommunity":"12076:20000"}`, left}, {"ddosProtectionPlan", otherRef, left},
		{"dhcpOptions", `{"dnsServers":["198.51.100.53"]}`, left}, {"enableDdosProtection", "true", left}, {"enableVmProtection", "", left},
		{"encryption", `{"enabled":true}`, left}, {"extendedLocation", `{"name":"edge","type":"EdgeZone"}`, left}, {"flowTimeoutInMinutes", "10", left},
		{"ipAllocations", `[` + otherRef + `]`, left}, {"privateEndpointVNetPolicies", "Basic", left},
		{"subnets[1].addressPrefix", "", fixed}, {"subnets[1].addressPrefixes", `["10.20.1.0/24"]`, left},
		{"subnets[1].applicationGatewayIPConfigurations", `[` + otherRef + `]`, left}, {"subnets[1].defaultOutboundAccess", "true", corrected},
		{"subnets[1].delegations", `[{"name":"delegation"}]`, left}, {"subnets[1].id", capitals, corrected}, {"subnets[1].ipAllocations", `[` + otherRef + `]`, left},
		{"subnets[1].ipamPoolPrefixAllocations", `[{"pool":` + otherRef + `}]`, left}, {"subnets[1].name", "", fixed},
		{"subnets[1].natGateway", "", corrected}, {"subnets[1].networkSecurityGroup", "", corrected},
		{"subnets[1].privateEndpointNetworkPolicies", "Enabled", left}, {"subnets[1].privateLinkServiceNetworkPolicies", "Disabled", left},
		{"subnets[1].routeTable", otherRef, left}, {"subnets[1].serviceEndpointPolicies", `[` + otherRef + `]`, left},
		{"subnets[1].serviceEndpoints", `[{"service":"Microsoft.Storage"}]`, left}, {"subnets[1].sharingScope", "Tenant", left},
		{"subnets[1].type", "Microsoft.Network/virtualNetworks/SUBNETS", corrected},
		{"subnets[4]", `{"name":"others","addressPrefix":"10.20.100.0/24"}`, corrected},
		{"virtualNetworkPeerings", `[{"name":"hub"}]`, left},
	}},
	{"network:LoadBalancer", "loadBalancers/managers", "", []drifting{
		{"location", "", fixed}, {"tags.cost.center", "42", left}, {"sku.name", "", fixed}, {"sku.tier", "Regional", left},
		{"extendedLocation", `{"name":"edge","type":"EdgeZone"}`, left}, {"inboundNatPools", `[{"name":"pool"}]`, left},
		{"inboundNatRules", `[{"name":"rule"}]`, left}, {"outboundRules", `[{"name":"rule"}]`, left},
		{"backendAddressPools[0].drainPeriodInSeconds", "30", left}, {"backendAddressPools[0].id", capitals, left},
		{"backendAddressPools[0].loadBalancerBackendAddresses", "", left}, {"backendAddressPools[0].location", "westeurope", left},
		{"backendAddressPools[0].name", "", fixed}, {"backendAddressPools[0].syncMode", "Automatic", left},
		{"backendAddressPools[0].tunnelInterfaces", `[{"port":10800}]`, left}, {"backendAddressPools[0].virtualNetwork", otherRef, left},
		{"frontendIPConfigurations[0].gatewayLoadBalancer", otherRef, left}, {"frontendIPConfigurations[0].id", capitals, left},
		{"frontendIPConfigurations[0].name", "", fixed}, {"frontendIPConfigurations[0].privateIPAddress", "10.20.2.200", left},
		{"frontendIPConfigurations[0].privateIPAddressVersion", "IPv4", left}, {"frontendIPConfigurations[0].privateIPAllocationMethod", "Dynamic", left},
		{"frontendIPConfigurations[0].publicIPAddress.id", capitals, corrected}, {"frontendIPConfigurations[0].publicIPPrefix", otherRef, left},
		{"frontendIPConfigurations[0].subnet", otherRef, left}, {"frontendIPConfigurations[0].zones", `["1","2","3"]`, left},
		{"loadBalancingRules[0].backendAddressPool.id", capitals, corrected}, {"loadBalancingRules[0].backendAddressPools", `[` + otherRef + `]`, corrected},
		{"loadBalancingRules[0].backendPort", "2377", corrected}, {"loadBalancingRules[0].disableOutboundSnat", "false", corrected},
		{"loadBalancingRules[0].enableFloatingIP", "true", corrected}, {"loadBalancingRules[0].enableTcpReset", "false", corrected},
		{"loadBalancingRules[0].frontendIPConfiguration.id", capitals, corrected}, {"loadBalancingRules[0].frontendPort", "2377", corrected},
		{"loadBalancingRules[0].id", capitals, corrected}, {"loadBalancingRules[0].idleTimeoutInMinutes", "4", corrected},
		{"loadBalancingRules[0].loadDistribution", "SourceIP", corrected}, {"loadBalancingRules[0].name", "renamed", corrected},
		{"loadBalancingRules[0].probe.id", capitals, corrected}, {"loadBalancingRules[0].protocol", "Udp", corrected},
		{"probes[0].id", capitals, corrected}, {"probes[0].intervalInSeconds", "15", corrected}, {"probes[0].name", "renamed", corrected},
		{"probes[0].noHealthyBackendsBehavior", "AllProbedUp", corrected}, {"probes[0].numberOfProbes", "2", corrected},
		{"probes[0].port", "22", corrected}, {"probes[0].probeThreshold", "3", corrected}, {"probes[0].protocol", "Http", corrected},
		{"probes[0].requestPath", "/", corrected},
	}},
}

func staysWhatItIs(t *testing.T) {
	everythingIsInTheTable(t)
	p := newPaperLab(t, "e2e-drift-paper")
	p.mustOperate(t, "refresh") // who refers to whom
	started := time.Now()
	t.Run("left", func(t *testing.T) {
		values := p.drift(t, left)
		p.deallocate(t, "managers-0")
		p.mustOperate(t, "refresh")
		p.expectChanges(t, nil)
		p.mustOperate(t, "up")
		p.expectLeft(t, values)
		// Every resource is written, and writes back what is others'.
		p.configure(t, "set", "--path", "azswarm:tags.owner", "tests")
		p.mustOperate(t, "up")
		p.expectLeft(t, values)
		p.expectChanges(t, nil)
		p.configure(t, "rm", "--path", "azswarm:tags.owner")
		p.mustOperate(t, "up")
		p.expectLeft(t, values)
		p.expectChanges(t, nil)
		for id, body := range p.bodies(t) {
			if strings.Contains(body, `"owner"`) {
				t.Errorf("%s still has the tag that was taken out: %s", lastOf(id), body)
			}
		}
	})
	t.Run("corrected", func(t *testing.T) {
		whole := p.bodies(t)
		p.drift(t, corrected)
		p.mustOperate(t, "refresh")
		want := map[string][]string{}
		for _, d := range drifts {
			for _, c := range d.changes {
				if c.becomes == corrected {
					resource := d.resource
					if d.second != "" {
						resource = d.second
					}
					want[resource] = append(want[resource], c.property)
				}
			}
		}
		p.expectChanges(t, want)
		up := p.mustOperate(t, "up")
		for _, s := range up.steps {
			if s.Op != "same" && s.Op != "update" {
				t.Errorf("the update did %s %s", s.Op, s.URN)
			}
		}
		p.expectChanges(t, nil)
		for id, body := range p.bodies(t) {
			if !reflect.DeepEqual(body, whole[id]) {
				t.Errorf("%s is\n%s\nand was\n%s", lastOf(id), body, whole[id])
			}
		}
	})
	t.Logf("%d runs of Pulumi, %s", p.runs, time.Since(started).Round(time.Second))
	p.detach()
	p.run(t, "down")
}

// everythingIsInTheTable finds properties that nobody thought of.
func everythingIsInTheTable(t *testing.T) {
	t.Helper()
	for _, d := range drifts {
		kind, err := arm.LookUp("azure-native:" + d.kind)
		if err != nil {
			t.Fatal(err)
		}
		var walk func(properties []arm.Property, above string)
		walk = func(properties []arm.Property, above string) {
			for _, p := range properties {
				path := above + p.Name
				if p.OutputOnly || p.InputOnly {
					continue
				}
				within := func(c drifting) bool {
					element := strings.NewReplacer("[1]", "[0]").Replace(c.property)
					return element == path || strings.HasPrefix(element, path+".") || strings.HasPrefix(element, path+"[0]")
				}
				exact := func(c drifting) bool { return c.property == path }
				switch {
				case !slices.ContainsFunc(d.changes, within):
					t.Errorf("%s: nothing is said of %s", d.kind, path)
				case slices.ContainsFunc(d.changes, exact):
				case p.Kind == arm.KindObject:
					walk(p.Properties, path+".")
				case p.Kind == arm.KindList:
					walk(p.Properties, path+"[0].")
				}
			}
		}
		walk(kind.Schema(), "")
	}
}

// value is a property of a resource, and what it became.
type value struct{ id, property, text string }

// drift changes everything that has the verdict, and returns what became of it.
func (p *paperLab) drift(t *testing.T, becomes verdict) (values []value) {
	t.Helper()
	p.detach() // the providers have the model in their memory
	provider := p.azure(t)
	for _, d := range drifts {
		resource := d.resource
		if becomes == corrected && d.second != "" {
			resource = d.second
		}
		id := p.find(t, resource)
		body, err := provider.ARM().Get(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range d.changes {
			text := strings.ReplaceAll(c.value, "GROUP", p.find(t, "resourceGroups"))
			if text == capitals {
				text = strings.ToUpper(fmt.Sprint(lookUp(body, c.property)))
			}
			if c.becomes != becomes || text == "" && becomes == left {
				continue
			}
			if err := provider.Drift(t.Context(), id, c.property, text); err != nil {
				t.Fatalf("%s: %v", d.kind, err)
			}
			values = append(values, value{id, c.property, text})
		}
	}
	p.attach(t)
	return values
}

func (p *paperLab) deallocate(t *testing.T, machine string) {
	t.Helper()
	p.detach()
	if err := p.azure(t).Deallocate(t.Context(), p.find(t, "virtualMachines/"+machine)); err != nil {
		t.Fatal(err)
	}
	p.attach(t)
}

// lookUp finds what a path with positions in lists leads to.
func lookUp(object arm.Object, path string) any {
	if key, ok := strings.CutPrefix(path, "tags."); ok {
		return object.Object("tags")[key]
	}
	var value any = map[string]any(object)
	for step := range strings.SplitSeq(strings.NewReplacer("[", ".", "]", "").Replace(path), ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			i := int(step[0] - '0')
			if i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// expectLeft expects Azure to have what others have made of it. Ids are the same in capitals.
func (p *paperLab) expectLeft(t *testing.T, values []value) {
	t.Helper()
	provider := p.azure(t)
	for _, v := range values {
		body, err := provider.ARM().Get(v.id)
		if err != nil {
			t.Fatal(err)
		}
		got := lookUp(body, v.property)
		if strings.HasSuffix(v.property, "id") && strings.EqualFold(fmt.Sprint(got), v.text) {
			continue
		}
		var want any
		if json.Unmarshal([]byte(v.text), &want) != nil || fmt.Sprint(got) == v.text {
			want = got
			if fmt.Sprint(got) != v.text {
				want = v.text
			}
		}
		if !contains(got, want) {
			t.Errorf("%s: %s is %v, want %v left", lastOf(v.id), v.property, got, want)
		}
	}
}

// contains tells whether a value is the one wanted, or an object with at least its properties.
func contains(got, want any) bool {
	wanted, isObject := want.(map[string]any)
	have, hasObject := got.(map[string]any)
	if !isObject || !hasObject {
		return reflect.DeepEqual(got, want)
	}
	for key, value := range wanted {
		if key != "id" && !contains(have[key], value) {
			return false
		}
	}
	return true
}

// bodies are what Azure answers, less what every write makes anew, by id.
func (p *paperLab) bodies(t *testing.T) map[string]string {
	t.Helper()
	provider, bodies := p.azure(t), map[string]string{}
	for _, r := range provider.Resources() {
		body, err := provider.ARM().Get(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(withoutEtags(map[string]any(body)))
		if err != nil {
			t.Fatal(err)
		}
		bodies[r.ID] = string(text)
	}
	return bodies
}

func withoutEtags(value any) any {
	switch v := value.(type) {
	case map[string]any:
		clean := map[string]any{}
		for key, element := range v {
			if key != "etag" {
				clean[key] = withoutEtags(element)
			}
		}
		return clean
	case []any:
		clean := make([]any, len(v))
		for i, element := range v {
			clean[i] = withoutEtags(element)
		}
		return clean
	}
	return value
}

// expectChanges expects a preview to update these resources in place, for changes of these properties, and to do nothing else.
func (p *paperLab) expectChanges(t *testing.T, want map[string][]string) {
	t.Helper()
	output, err := p.cli("preview", "--json", "--non-interactive")
	if err != nil {
		t.Fatalf("pulumi preview: %v\n%s", err, tail(output))
	}
	var plan struct {
		Steps []struct {
			Op           string         `json:"op"`
			URN          string         `json:"urn"`
			DetailedDiff map[string]any `json:"detailedDiff"`
		} `json:"steps"`
	}
	if err := json.Unmarshal([]byte(output[max(0, strings.Index(output, "{")):]), &plan); err != nil {
		t.Fatalf("read the preview: %v\n%s", err, tail(output))
	}
	left := maps.Clone(want)
	for _, s := range plan.Steps {
		if s.Op == "same" || s.Op == "read" {
			continue
		}
		short := step{Op: s.Op, URN: s.URN}
		var paths []string
		resource := ""
		for name, properties := range want {
			if strings.EqualFold(name[strings.Index(name, "/")+1:], short.name()) && strings.HasPrefix(strings.ToLower(name), strings.ToLower(short.kind())) {
				resource, paths = name, properties
			}
		}
		if s.Op != "update" || resource == "" {
			t.Errorf("the preview says %s %s %s: %v", s.Op, short.kind(), short.name(), slices.Sorted(maps.Keys(s.DetailedDiff)))
			continue
		}
		delete(left, resource)
		for path := range s.DetailedDiff {
			if !slices.ContainsFunc(paths, func(p string) bool { return strings.HasPrefix(path, p) || strings.HasPrefix(p, path) }) {
				t.Errorf("%s: the preview changes %s, too", resource, path)
			}
		}
		for _, p := range paths {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(s.DetailedDiff)), func(path string) bool { return strings.HasPrefix(path, p) || strings.HasPrefix(p, path) }) {
				t.Errorf("%s: the preview does not change %s", resource, p)
			}
		}
	}
	for resource := range left {
		t.Errorf("the preview does not update %s", resource)
	}
}
