package azure

import (
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
)

// patchedInputs changes the inputs as Azure's answers have changed since the last operation, and nowhere else: much of
// an answer is defaults, which would show as differences if they became inputs.
func patchedInputs(kind *arm.Type, inputs resource.PropertyMap, before, now arm.Object) resource.PropertyMap {
	now = now.Copy()
	for _, property := range kind.SubResources {
		if !inputs.HasValue(resource.PropertyKey(property)) {
			delete(now, property)
			delete(before, property)
		}
	}
	project := func(body arm.Object) resource.PropertyMap {
		return resource.NewPropertyMapFromMap(inputsOf(kind.Schema(), body))
	}
	return patchObject(inputs, project(before).Diff(project(now)))
}

func patchObject(inputs resource.PropertyMap, change *resource.ObjectDiff) resource.PropertyMap {
	if change == nil {
		return inputs
	}
	patched := resource.PropertyMap{}
	for key, value := range inputs {
		if !change.Deleted(key) {
			patched[key] = value
		}
	}
	for key, value := range change.Adds {
		patched[key] = value
	}
	for key, update := range change.Updates {
		patched[key] = update.New
		if value, ok := inputs[key]; ok {
			patched[key] = patchValue(value, update.Old, update.New)
		}
	}
	return patched
}

func patchValue(input, before, now resource.PropertyValue) resource.PropertyValue {
	switch {
	case input.IsObject() && before.IsObject() && now.IsObject():
		return resource.NewObjectProperty(patchObject(input.ObjectValue(), before.ObjectValue().Diff(now.ObjectValue())))
	case input.IsArray() && before.IsArray() && now.IsArray():
		inputs, befores := input.ArrayValue(), before.ArrayValue()
		patched := make([]resource.PropertyValue, len(now.ArrayValue()))
		for i, element := range now.ArrayValue() {
			patched[i] = element
			if i < len(inputs) && i < len(befores) {
				patched[i] = patchValue(inputs[i], befores[i], element)
			}
		}
		return resource.NewArrayProperty(patched)
	}
	return now
}
