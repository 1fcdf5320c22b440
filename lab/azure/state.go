package azure

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// inputsKey is where the checked inputs go in the state, as a secret.
const inputsKey resource.PropertyKey = "__inputs"

// requestBody is what a PUT sends: the inputs without those that make up the id, and without the provider's own notes.
func requestBody(kind *arm.Type, inputs resource.PropertyMap) arm.Object {
	body := arm.Object{}
	for key, value := range inputs.Mappable() {
		if !strings.HasPrefix(key, "__") && !slices.Contains(kind.PathParameters(), key) {
			body[key] = value
		}
	}
	return body
}

// resourceID makes the id from the inputs.
func (p *Provider) resourceID(kind *arm.Type, inputs resource.PropertyMap) string {
	subscription, _ := p.configured()
	return kind.ID(subscription, func(parameter string) string {
		if value := inputs[resource.PropertyKey(parameter)]; value.IsString() {
			return value.StringValue()
		}
		return ""
	})
}

// checkpoint is the state: what Azure answered, and the inputs.
func checkpoint(inputs resource.PropertyMap, body arm.Object) resource.PropertyMap {
	state := resource.NewPropertyMapFromMap(body)
	state[inputsKey] = resource.MakeSecret(resource.NewObjectProperty(inputs))
	return state
}

// previewOutputs are the inputs, and unknowns for what only Azure will tell.
func previewOutputs(schema []arm.Property, inputs resource.PropertyMap) resource.PropertyMap {
	outputs := resource.PropertyMap{}
	for _, property := range schema {
		if property.InputOnly {
			continue
		}
		key := resource.PropertyKey(property.Name)
		value, ok := inputs[key]
		if !ok || property.OutputOnly {
			outputs[key] = resource.MakeComputed(resource.NewStringProperty(""))
			continue
		}
		outputs[key] = previewValue(property, value)
	}
	return outputs
}

func previewValue(property arm.Property, value resource.PropertyValue) resource.PropertyValue {
	switch {
	case property.Kind == arm.KindObject && value.IsObject():
		return resource.NewObjectProperty(previewOutputs(property.Properties, value.ObjectValue()))
	case property.Kind == arm.KindList && value.IsArray():
		element := arm.Property{Kind: arm.KindObject, Properties: property.Properties}
		var values []resource.PropertyValue
		for _, v := range value.ArrayValue() {
			values = append(values, previewValue(element, v))
		}
		return resource.NewArrayProperty(values)
	}
	return value
}

// inputsOf projects what Azure answered to what could have been sent.
func inputsOf(schema []arm.Property, body arm.Object) arm.Object {
	inputs := arm.Object{}
	for _, property := range schema {
		value, ok := body[property.Name]
		if !ok || property.OutputOnly {
			continue
		}
		switch property.Kind {
		case arm.KindObject:
			value = map[string]any(inputsOf(property.Properties, body.Object(property.Name)))
		case arm.KindList:
			list := []any{}
			for _, element := range body.Objects(property.Name) {
				list = append(list, map[string]any(inputsOf(property.Properties, element)))
			}
			value = list
		}
		inputs[property.Name] = value
	}
	return inputs
}
