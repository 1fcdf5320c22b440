package arm

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	lowestPriority  = 100
	highestPriority = 4096
	maxRules        = 1000
)

// serviceTags are the address prefixes that are names. A region may follow those of Azure's services ("Storage.WestEurope").
var serviceTags = []string{
	"VirtualNetwork", "Internet", "AzureLoadBalancer", "ApiManagement", "AppConfiguration", "AppService", "AzureActiveDirectory",
	"AzureBackup", "AzureCloud", "AzureContainerRegistry", "AzureCosmosDB", "AzureDevOps", "AzureEventGrid", "AzureFrontDoor.Backend",
	"AzureFrontDoor.FirstParty", "AzureFrontDoor.Frontend", "AzureKeyVault", "AzureMonitor", "AzurePlatformDNS", "AzurePlatformIMDS",
	"AzurePlatformLKM", "AzureResourceManager", "AzureTrafficManager", "EventHub", "GatewayManager", "GuestAndHybridManagement",
	"MicrosoftContainerRegistry", "ServiceBus", "Sql", "Storage",
}

var region = regexp.MustCompile(`^[A-Za-z]+[A-Za-z0-9]*$`)

// emptyRuleLists are answered for rules that use the singular properties.
var emptyRuleLists = Object{
	"sourceAddressPrefixes": []any{}, "destinationAddressPrefixes": []any{}, "sourcePortRanges": []any{}, "destinationPortRanges": []any{},
}

// ruleEnums are the properties of a rule with a fixed set of values, whose case does not matter.
var ruleEnums = []struct {
	property string
	allowed  []string
}{
	{"direction", []string{"Inbound", "Outbound"}},
	{"access", []string{"Allow", "Deny"}},
	{"protocol", []string{"Tcp", "Udp", "Icmp", "Esp", "Ah", "*"}},
}

func securityRule() *Type {
	return &Type{
		Token: "network:SecurityRule",
		Path:  networkSecurityGroupPath + "/securityRules/{securityRuleName}",
		names: networkNames,
		list:  "securityRules",
	}
}

// checkRules completes the rules of a network security group and checks each alone and against the others.
func (w *write) checkRules(rules []Object) error {
	type slot struct {
		direction string
		priority  int
	}
	if len(rules) > maxRules {
		return badRequest("SecurityRuleCountLimitReached", "A security group cannot have more than %d security rules.", maxRules)
	}
	slots, names := map[slot]string{}, map[string]bool{}
	for _, rule := range rules {
		name := rule.Text("name")
		if err := networkNames.check(name); err != nil {
			return err
		}
		for _, d := range defaultRules {
			if strings.EqualFold(d.name, name) {
				return ruleConflict(name, d.name)
			}
		}
		if names[fold(name)] {
			return duplicateName(w.self, name)
		}
		names[fold(name)] = true
		if err := checkRule(rule, w.part(rule, "securityRules")); err != nil {
			return err
		}
		rule.Default(emptyRuleLists)
		s := slot{rule.Text("direction"), rule.Int("priority", 0)}
		if other, taken := slots[s]; taken {
			return ruleConflict(other, name)
		}
		slots[s] = name
	}
	return nil
}

func ruleConflict(a, b string) error {
	return badRequest("SecurityRuleConflict", "Security rule %s conflicts with rule %s. Rules cannot have the same Priority and Direction. "+
		"To learn more, see aka.ms/nsgrules.", a, b)
}

func checkRule(rule Object, id string) error {
	for _, enum := range ruleEnums {
		given := rule.Text(enum.property)
		i := slices.IndexFunc(enum.allowed, func(a string) bool { return strings.EqualFold(a, given) })
		if i < 0 {
			return badRequest("InvalidRequestFormat", "Cannot parse the request: security rule %s has the %s '%s'; allowed are %s.",
				id, enum.property, given, strings.Join(enum.allowed, ", "))
		}
		rule[enum.property] = enum.allowed[i]
	}
	if p := rule.Int("priority", 0); p < lowestPriority || p > highestPriority {
		return badRequest("SecurityRuleInvalidPriority", "Security rule has invalid Priority. Value provided: %d Allowed range %d-%d.",
			p, lowestPriority, highestPriority)
	}
	for _, side := range []string{"source", "destination"} {
		if err := checkRuleAddresses(rule, id, side); err != nil {
			return err
		}
		if err := checkRulePorts(rule, id, side); err != nil {
			return err
		}
	}
	return nil
}

func checkRuleAddresses(rule Object, id, side string) error {
	values := rule.Strings(side + "AddressPrefixes")
	if single := rule.Text(side + "AddressPrefix"); single != "" {
		values = append(values, single)
	}
	if len(values) == 0 && len(rule.Objects(side+"ApplicationSecurityGroups")) == 0 {
		return ruleLacks(id, side+"AddressPrefix")
	}
	for _, value := range values {
		if !isAddressPrefix(value) {
			return badRequest("SecurityRuleInvalidAddressPrefix", "Security rule %s has invalid Address prefix. Value provided: %s", id, value)
		}
	}
	return nil
}

func isAddressPrefix(value string) bool {
	if value == "*" {
		return true
	}
	if _, err := netip.ParseAddr(value); err == nil {
		return true
	}
	if p, err := netip.ParsePrefix(value); err == nil {
		return p == p.Masked()
	}
	for _, tag := range serviceTags {
		rest, ok := strings.CutPrefix(strings.ToLower(value), strings.ToLower(tag))
		if ok && (rest == "" || rest[0] == '.' && region.MatchString(rest[1:])) {
			return true
		}
	}
	return false
}

func checkRulePorts(rule Object, id, side string) error {
	values := rule.Strings(side + "PortRanges")
	if single := rule.Text(side + "PortRange"); single != "" {
		values = append(values, single)
	}
	if len(values) == 0 {
		return ruleLacks(id, side+"PortRange")
	}
	for _, value := range values {
		if !isPortRange(value) {
			return badRequest("SecurityRuleInvalidPortRange", "Security rule has invalid Port range. Value provided: %s. "+
				"Value should be an integer OR integer range with '-' delimiter. Valid range 0-65535.", value)
		}
	}
	return nil
}

func isPortRange(value string) bool {
	if value == "*" {
		return true
	}
	low, high, ranged := strings.Cut(value, "-")
	if !ranged {
		high = low
	}
	first, err := strconv.ParseUint(low, 10, 16)
	last, err2 := strconv.ParseUint(high, 10, 16)
	return err == nil && err2 == nil && first <= last
}

func ruleLacks(id, property string) error {
	return badRequest("SecurityRuleMissingParameters", "Required security rule parameters are missing for security rule with Id: %s. "+
		"Security rule must specify %s or its plural.", id, property)
}
