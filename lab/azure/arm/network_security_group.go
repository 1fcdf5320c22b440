package arm

import "strings"

const (
	networkSecurityGroupToken = "network:NetworkSecurityGroup"
	networkSecurityGroupPath  = groupPath + "/providers/Microsoft.Network/networkSecurityGroups/{networkSecurityGroupName}"
)

// defaultRules are in every network security group and cannot be removed.
var defaultRules = []struct {
	name, description, direction, source, destination, access string
	priority                                                  float64
}{
	{"AllowVnetInBound", "Allow inbound traffic from all VMs in VNET", "Inbound", "VirtualNetwork", "VirtualNetwork", "Allow", 65000},
	{"AllowAzureLoadBalancerInBound", "Allow inbound traffic from azure load balancer", "Inbound", "AzureLoadBalancer", "*", "Allow", 65001},
	{"DenyAllInBound", "Deny all inbound traffic", "Inbound", "*", "*", "Deny", 65500},
	{"AllowVnetOutBound", "Allow outbound traffic from all VMs to all VMs in VNET", "Outbound", "VirtualNetwork", "VirtualNetwork", "Allow", 65000},
	{"AllowInternetOutBound", "Allow outbound traffic from all VMs to Internet", "Outbound", "*", "Internet", "Allow", 65001},
	{"DenyAllOutBound", "Deny all outbound traffic", "Outbound", "*", "*", "Deny", 65500},
}

func networkSecurityGroup() *Type {
	return &Type{
		Token:        networkSecurityGroupToken,
		Path:         networkSecurityGroupPath,
		SubResources: []string{"securityRules"},
		names:        networkNames,
		put:          putNetworkSecurityGroup,
		remove: func(v *view, id string) error {
			users := v.sources(id)
			if len(users) == 0 {
				return nil
			}
			return badRequest("InUseNetworkSecurityGroupCannotBeDeleted", "Network security group %s cannot be deleted because it is in use by the "+
				"following resources: %s. In order to delete the Network security group, remove the association with the resource(s).",
				id, strings.Join(users, ", "))
		},
		show: func(v *view, id string, body Object) {
			for property, kind := range map[string]string{"subnets": subnetType, "networkInterfaces": interfaceType} {
				if users := v.sourcesOf(id, kind); len(users) > 0 {
					body[property] = references(users)
				}
			}
		},
	}
}

func putNetworkSecurityGroup(w *write) error {
	w.networkIdentity()
	w.body.Default(Object{"flushConnection": false, "securityRules": []any{}})
	var defaults []Object
	for _, d := range defaultRules {
		rule := Object{
			"name": d.name, "description": d.description, "direction": d.direction, "access": d.access, "priority": d.priority, "protocol": "*",
			"sourceAddressPrefix": d.source, "destinationAddressPrefix": d.destination, "sourcePortRange": "*", "destinationPortRange": "*",
		}
		rule.Default(emptyRuleLists)
		w.part(rule, "defaultSecurityRules")
		defaults = append(defaults, rule)
	}
	w.body.SetObjects("defaultSecurityRules", defaults)
	return w.checkRules(w.body.Objects("securityRules"))
}
