package arm

import (
	"fmt"
	"strings"
)

// ID is a parsed ARM id. The id of a resource group has no Provider.
type ID struct {
	Subscription string
	Group        string
	Provider     string   // "Microsoft.Network"
	Types        []string // "virtualNetworks", "subnets"
	Names        []string // as many as Types
}

// ParseID reads an ARM id.
func ParseID(text string) (ID, error) {
	parts := strings.Split(strings.Trim(text, "/"), "/")
	bad := fmt.Errorf("%q is not an ARM resource id (/subscriptions/…/resourceGroups/…/providers/Microsoft.X/type/name)", text)
	if !strings.HasPrefix(text, "/") || len(parts) < 4 || !strings.EqualFold(parts[0], "subscriptions") ||
		!strings.EqualFold(parts[2], "resourceGroups") {
		return ID{}, bad
	}
	for _, part := range parts {
		if part == "" {
			return ID{}, bad
		}
	}
	id := ID{Subscription: parts[1], Group: parts[3]}
	if len(parts) == 4 {
		return id, nil
	}
	if len(parts) < 8 || len(parts)%2 != 0 || !strings.EqualFold(parts[4], "providers") {
		return ID{}, bad
	}
	id.Provider = parts[5]
	for i := 6; i < len(parts); i += 2 {
		id.Types = append(id.Types, parts[i])
		id.Names = append(id.Names, parts[i+1])
	}
	return id, nil
}

// String is the id as Azure writes it.
func (id ID) String() string {
	var b strings.Builder
	b.WriteString(id.GroupID())
	if id.Provider != "" {
		b.WriteString("/providers/" + id.Provider)
	}
	for i, kind := range id.Types {
		b.WriteString("/" + kind + "/" + id.Names[i])
	}
	return b.String()
}

// GroupID is the id of the resource group.
func (id ID) GroupID() string {
	return "/subscriptions/" + id.Subscription + "/resourceGroups/" + id.Group
}

// Name is the last name.
func (id ID) Name() string {
	if len(id.Names) == 0 {
		return id.Group
	}
	return id.Names[len(id.Names)-1]
}

// ResourceType is the ARM type, such as "Microsoft.Network/virtualNetworks/subnets".
func (id ID) ResourceType() string {
	if id.Provider == "" {
		return groupType
	}
	return id.Provider + "/" + strings.Join(id.Types, "/")
}

// TypeAndName is the form ARM's messages use: "Microsoft.Network/virtualNetworks/v/subnets/s".
func (id ID) TypeAndName() string {
	_, after, _ := strings.Cut(id.String(), "/providers/")
	return after
}

// Parent is the id one level up: of a subnet its virtual network, of that the resource group.
func (id ID) Parent() ID {
	if len(id.Types) <= 1 {
		return ID{Subscription: id.Subscription, Group: id.Group}
	}
	up := id
	up.Types = id.Types[:len(id.Types)-1]
	up.Names = id.Names[:len(id.Names)-1]
	return up
}

// fold makes ids comparable.
func fold(id string) string { return strings.ToLower(strings.TrimRight(id, "/")) }

// LastName is the last segment of an id.
func LastName(id string) string { return id[strings.LastIndex(id, "/")+1:] }

// parentOf cuts the last type and name off an id.
func parentOf(id string) string {
	for range 2 {
		if i := strings.LastIndex(id, "/"); i >= 0 {
			id = id[:i]
		}
	}
	return id
}

// normalLocation is how Azure writes a region: "West US 2" is "westus2".
func normalLocation(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}
