package arm

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

const groupType = "Microsoft.Resources/resourceGroups"

const groupPath = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"

// Type is a resource type the lab knows: what the provider has to know of it, and the rules Azure applies.
type Type struct {
	Token        string   // Pulumi token without package and version: "network:VirtualNetwork"
	Path         string   // template of its id
	ForceNew     []string // body properties that force replacement, beside the path's parameters; "a[].b" reaches into lists
	SubResources []string // properties that are resources of their own too: kept by an update that does not set them
	Defaults     Object   // schema defaults: adding one of these values is no change

	names  nameRule
	routed bool   // writing it can change the cloud's edge
	list   string // of a child: the parent's property that holds it

	put    func(*write) error                    // checks the request and completes its body
	remove func(v *view, id string) error        // refuses a delete
	refs   func(id string, body Object) []link   // whom it points to
	show   func(v *view, id string, body Object) // adds what Azure derives from other resources
	cloud  realizer                              // nil: the cloud does not know this type
}

// types is the registry. A function, for the entries refer to it themselves.
var types = sync.OnceValue(func() []*Type {
	return []*Type{
		resourceGroup(), virtualNetwork(), subnet(), networkSecurityGroup(), securityRule(), publicIPAddress(),
		natGateway(), networkInterface(), loadBalancer(), availabilitySet(), virtualMachine(),
	}
})

var typesByToken = sync.OnceValue(func() map[string]*Type {
	byToken := map[string]*Type{}
	for _, t := range types() {
		byToken[t.Token] = t
	}
	return byToken
})

var typesByARM = sync.OnceValue(func() map[string]*Type {
	byARM := map[string]*Type{}
	for _, t := range types() {
		byARM[strings.ToLower(t.ARM())] = t
	}
	return byARM
})

var loadedSchemas sync.Map // token -> []Property

var apiVersion = regexp.MustCompile(`/v\d{8}(preview|privatepreview)?:`)

// LookUp finds the type of a Pulumi type token, with or without an API version
// ("azure-native:network/v20240501:VirtualNetwork").
func LookUp(token string) (*Type, error) {
	short, native := strings.CutPrefix(apiVersion.ReplaceAllString(token, ":"), "azure-native:")
	t, ok := typesByToken()[short]
	if !native || !ok {
		return nil, fmt.Errorf("resource type %s is not supported by the lab, which knows %s", token, strings.Join(Tokens(), ", "))
	}
	return t, nil
}

// Tokens lists the supported types as unversioned Pulumi tokens.
func Tokens() []string {
	var tokens []string
	for _, t := range types() {
		tokens = append(tokens, "azure-native:"+t.Token)
	}
	slices.Sort(tokens)
	return tokens
}

// ARM is the type as ARM writes it: "Microsoft.Network/virtualNetworks".
func (t *Type) ARM() string {
	_, after, ok := strings.Cut(t.Path, "/providers/")
	if !ok {
		return groupType
	}
	segments := slices.DeleteFunc(strings.Split(after, "/"), func(s string) bool { return strings.HasPrefix(s, "{") })
	return strings.Join(segments, "/")
}

// Schema lists the properties.
func (t *Type) Schema() []Property {
	if loaded, ok := loadedSchemas.Load(t.Token); ok {
		return loaded.([]Property)
	}
	_, name, _ := strings.Cut(t.Token, ":")
	loaded, _ := loadedSchemas.LoadOrStore(t.Token, loadSchema(name))
	return loaded.([]Property)
}

// PathParameters are the inputs that make up the id, the resource's own name last.
func (t *Type) PathParameters() []string {
	var names []string
	for segment := range strings.SplitSeq(t.Path, "/") {
		name, isParameter := strings.CutPrefix(segment, "{")
		if name = strings.TrimSuffix(name, "}"); isParameter && name != "subscriptionId" {
			names = append(names, name)
		}
	}
	return names
}

// NameInput is the input that names the resource.
func (t *Type) NameInput() string {
	names := t.PathParameters()
	return names[len(names)-1]
}

// RandomlyNamed says whether an unnamed resource gets a random suffix; children of other resources don't.
func (t *Type) RandomlyNamed() bool {
	_, after, ok := strings.Cut(strings.ToLower(t.Path), "microsoft.")
	return !ok || strings.Count(after, "{") == 1
}

// ID makes the id from the path parameters' values.
func (t *Type) ID(subscription string, values func(parameter string) string) string {
	id := strings.Replace(t.Path, "{subscriptionId}", subscription, 1)
	for _, name := range t.PathParameters() {
		id = strings.Replace(id, "{"+name+"}", values(name), 1)
	}
	return id
}

// PathValues reads the path parameters back from an id.
func (t *Type) PathValues(id string) (map[string]string, error) {
	parsed, err := ParseID(id)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(parsed.ResourceType(), t.ARM()) {
		return nil, fmt.Errorf("id %q is of type %s, not %s", id, parsed.ResourceType(), t.ARM())
	}
	values := map[string]string{}
	for i, name := range t.PathParameters() {
		if i == 0 {
			values[name] = parsed.Group
		} else {
			values[name] = parsed.Names[i-1]
		}
	}
	return values, nil
}

// typeOf finds the type an id is of.
func typeOf(id ID) (*Type, error) {
	if t, ok := typesByARM()[strings.ToLower(id.ResourceType())]; ok {
		return t, nil
	}
	return nil, notFound("InvalidResourceType", "The resource type '%s' could not be found in the lab.", id.ResourceType())
}
