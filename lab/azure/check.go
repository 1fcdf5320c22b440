package azure

import (
	"context"
	"fmt"
	"math"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

const locationHelp = ". Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'."

// Check fills in name and location and checks the inputs against the type's schema.
func (p *Provider) Check(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	kind, err := typeOf(request.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(request.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(request.GetNews())
	if err != nil {
		return nil, err
	}
	if err := setName(kind, request, olds, news); err != nil {
		return nil, err
	}
	p.setLocation(kind, olds, news)
	return &pulumirpc.CheckResponse{Inputs: marshal(news), Failures: checkInputs(kind, news)}, nil
}

// setLocation fills in the location: that of before, that of the stack, or that of the resource group.
func (p *Provider) setLocation(kind *arm.Type, olds, news resource.PropertyMap) {
	if news.HasValue("location") || !hasProperty(kind, "location") {
		return
	}
	subscription, location := p.configured()
	switch {
	case olds.HasValue("location"):
		news["location"] = olds["location"]
		return
	case location != "":
		news["location"] = resource.NewStringProperty(location)
		return
	}
	group := news["resourceGroupName"]
	switch {
	case group.IsComputed():
		news["location"] = resource.MakeComputed(resource.NewStringProperty(""))
	case group.IsString():
		id := arm.ID{Subscription: subscription, Group: group.StringValue()}
		if body, err := p.manager.Get(id.String()); err == nil {
			news["location"] = resource.NewStringProperty(body.Text("location"))
		}
	}
}

func hasProperty(kind *arm.Type, name string) bool {
	for _, property := range kind.Schema() {
		if property.Name == name {
			return !property.OutputOnly
		}
	}
	return false
}

func checkInputs(kind *arm.Type, inputs resource.PropertyMap) []*pulumirpc.CheckFailure {
	var failures []*pulumirpc.CheckFailure
	for _, parameter := range kind.PathParameters() {
		if !inputs.HasValue(resource.PropertyKey(parameter)) {
			failures = append(failures, &pulumirpc.CheckFailure{Reason: fmt.Sprintf("missing required property '%s'", parameter)})
		}
	}
	isParameter := map[string]bool{}
	for _, parameter := range kind.PathParameters() {
		isParameter[parameter] = true
	}
	var body []arm.Property
	for _, property := range kind.Schema() {
		if !isParameter[property.Name] {
			body = append(body, property)
		}
	}
	for _, reason := range checkProperties("", body, inputs) {
		failures = append(failures, &pulumirpc.CheckFailure{Reason: reason})
	}
	return failures
}

func checkProperties(path string, schema []arm.Property, values resource.PropertyMap) []string {
	var reasons []string
	for _, property := range schema {
		if property.OutputOnly {
			continue
		}
		where := property.Name
		if path != "" {
			where = path + "." + property.Name
		}
		value, ok := values[resource.PropertyKey(property.Name)]
		switch {
		case ok:
			reasons = append(reasons, checkValue(where, property, value)...)
		case property.Required:
			reason := fmt.Sprintf("missing required property '%s'", where)
			if where == "location" {
				reason += locationHelp
			}
			reasons = append(reasons, reason)
		}
	}
	return reasons
}

// schemaWords are the names failures give to kinds.
var schemaWords = map[arm.Kind]string{
	arm.KindString: "string", arm.KindInt: "integer", arm.KindNumber: "number", arm.KindBool: "boolean",
	arm.KindStrings: "array", arm.KindList: "array", arm.KindObject: "object", arm.KindMap: "object",
}

func checkValue(path string, property arm.Property, value resource.PropertyValue) []string {
	if value.IsComputed() || value.IsOutput() || property.Kind == arm.KindAny {
		return nil
	}
	mismatch := func(got string) []string {
		return []string{fmt.Sprintf("'%s' should be of type '%s' but got %s", path, schemaWords[property.Kind], got)}
	}
	switch {
	case value.IsArray():
		return checkArray(path, property, value.ArrayValue(), mismatch)
	case value.IsString() && property.Kind != arm.KindString:
		return mismatch("a string")
	case value.IsNumber() && property.Kind != arm.KindInt && property.Kind != arm.KindNumber:
		return mismatch("a number")
	case value.IsNumber() && property.Kind == arm.KindInt && value.NumberValue() != math.Trunc(value.NumberValue()):
		return []string{fmt.Sprintf("'%s' must be an integer but got %f", path, value.NumberValue())}
	case value.IsObject() && property.Kind == arm.KindObject:
		return checkProperties(path, property.Properties, value.ObjectValue())
	}
	return nil
}

func checkArray(path string, property arm.Property, elements []resource.PropertyValue, mismatch func(string) []string) []string {
	element := arm.Property{Kind: arm.KindObject, Properties: property.Properties}
	switch property.Kind {
	case arm.KindList:
	case arm.KindStrings:
		element = arm.Property{Kind: arm.KindString}
	default:
		return mismatch("an array")
	}
	var reasons []string
	for i, value := range elements {
		reasons = append(reasons, checkValue(fmt.Sprintf("%s[%d]", path, i), element, value)...)
	}
	return reasons
}
