// Package azure makes the Azure resources of a cluster, a file each, and is the only one that knows Azure's SDK.
//
// What others do to Azure resources, policies among them, a refresh makes inputs of, and an update would undo. So what azswarm
// does not set is left to others: a change of it is ignored, and written back with the next update. It is named property by
// property, as ignoring what others have added to a whole would ignore what azswarm changes there, too. A program that sets one
// of these properties has to take it out.
package azure

import (
	"github.com/pulumi/pulumi-azure-native-sdk/resources/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Scope is what all resources of a network share: their resource group and their tags.
type Scope struct {
	// GroupName is the name of the resource group.
	GroupName pulumi.StringOutput

	group  pulumi.Resource // nil for one that exists already
	tags   pulumi.StringMap
	shared sharedTags
}

// NewScope registers the resource group, unless one that exists is named.
func NewScope(ctx *pulumi.Context, name string, existing pulumi.StringInput, tags pulumi.StringMap, parent pulumi.Resource) (*Scope, error) {
	s := &Scope{tags: tags}
	if err := s.shared.read(ctx, name, tags, parent); err != nil {
		return nil, err
	}
	if existing != nil {
		s.GroupName = existing.ToStringOutput()
		return s, nil
	}
	group, err := resources.NewResourceGroup(ctx, name, &resources.ResourceGroupArgs{Tags: tags},
		s.options("ResourceGroup", name, othersResourceGroup, pulumi.Parent(parent))...)
	if err != nil {
		return nil, err
	}
	s.GroupName, s.group = group.Name, group
	return s, nil
}

// Group is the resource group; nil for one that exists already.
func (s *Scope) Group() pulumi.Resource { return s.group }

// TagKeys are the keys of tags that the program sets, or has set.
func (s *Scope) TagKeys() []string { return s.shared.own }

// options are those of every resource: it goes with its resource group (in one that exists already, each is deleted by itself),
// and leaves others what is theirs.
func (s *Scope) options(kind, name string, others []string, opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	all := []pulumi.ResourceOption{pulumi.IgnoreChanges(others), s.shared.keep(kind, name)}
	if s.group != nil {
		all = append(all, pulumi.DeletedWith(s.group))
	}
	return append(all, opts...)
}

// othersResourceGroup are properties of the resource group.
var othersResourceGroup = []string{"managedBy"}

// within are the paths of properties of one object.
func within(object string, properties ...string) []string {
	var paths []string
	for _, property := range properties {
		paths = append(paths, object+"."+property)
	}
	return paths
}
