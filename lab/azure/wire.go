package azure

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"google.golang.org/protobuf/types/known/structpb"
)

// The SDK's own marshaller lives in a package that brings the whole CLI's plugin host with it, so the part of the
// protocol this provider speaks is here: plain values, unknowns and secrets.

// unknownString is how the protocol writes a string that is not known yet.
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// unknowns are the unknown values of all types: string, boolean, number, list, asset, archive, object.
var unknowns = map[string]bool{
	unknownString:                          true,
	"1c4a061d-8072-4f0a-a4cb-0ff528b18fe7": true,
	"3eeb2bf0-c639-47a8-9e75-3b44932eb421": true,
	"6a19a0b0-7e62-4c92-b797-7f8e31da9cc2": true,
	"030794c1-ac77-496b-92df-f27374a8bd58": true,
	"e48ece36-62e2-4504-bad9-02848725956a": true,
	"dd056dcd-154b-4c76-9bd3-c8f88648b5ff": true,
}

// unmarshal reads properties in plain: nulls are left out, secrets unwrapped.
func unmarshal(properties *structpb.Struct) (resource.PropertyMap, error) {
	read := resource.PropertyMap{}
	for key, value := range properties.GetFields() {
		v, err := unmarshalValue(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if !v.IsNull() {
			read[resource.PropertyKey(key)] = v
		}
	}
	return read, nil
}

func unmarshalValue(value *structpb.Value) (resource.PropertyValue, error) {
	switch v := value.GetKind().(type) {
	case *structpb.Value_StringValue:
		if unknowns[v.StringValue] {
			return resource.MakeComputed(resource.NewStringProperty("")), nil
		}
		return resource.NewStringProperty(v.StringValue), nil
	case *structpb.Value_NumberValue:
		return resource.NewNumberProperty(v.NumberValue), nil
	case *structpb.Value_BoolValue:
		return resource.NewBoolProperty(v.BoolValue), nil
	case *structpb.Value_ListValue:
		elements := make([]resource.PropertyValue, 0, len(v.ListValue.GetValues()))
		for i, element := range v.ListValue.GetValues() {
			read, err := unmarshalValue(element)
			if err != nil {
				return resource.PropertyValue{}, fmt.Errorf("[%d]: %w", i, err)
			}
			elements = append(elements, read)
		}
		return resource.NewArrayProperty(elements), nil
	case *structpb.Value_StructValue:
		return unmarshalObject(v.StructValue)
	}
	return resource.NewNullProperty(), nil
}

func unmarshalObject(object *structpb.Struct) (resource.PropertyValue, error) {
	switch kind := object.GetFields()[sig.Key].GetStringValue(); kind {
	case "":
		read, err := unmarshal(object)
		return resource.NewObjectProperty(read), err
	case sig.Secret:
		return unmarshalValue(object.GetFields()["value"])
	default:
		return resource.PropertyValue{}, fmt.Errorf("azure-native takes plain values, not assets or other special objects (signature %s)", kind)
	}
}

// marshal writes properties, secrets as such.
func marshal(properties resource.PropertyMap) *structpb.Struct {
	fields := map[string]*structpb.Value{}
	for key, value := range properties {
		if v := marshalValue(value); v != nil {
			fields[string(key)] = v
		}
	}
	return &structpb.Struct{Fields: fields}
}

// marshalValue is nil for null.
func marshalValue(value resource.PropertyValue) *structpb.Value {
	switch {
	case value.IsString():
		return structpb.NewStringValue(value.StringValue())
	case value.IsNumber():
		return structpb.NewNumberValue(value.NumberValue())
	case value.IsBool():
		return structpb.NewBoolValue(value.BoolValue())
	case value.IsComputed():
		return structpb.NewStringValue(unknownString)
	case value.IsSecret():
		return structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{
			sig.Key: structpb.NewStringValue(sig.Secret),
			"value": marshalValue(value.SecretValue().Element),
		}})
	case value.IsObject():
		return structpb.NewStructValue(marshal(value.ObjectValue()))
	case value.IsArray():
		list := &structpb.ListValue{}
		for _, element := range value.ArrayValue() {
			if v := marshalValue(element); v != nil {
				list.Values = append(list.Values, v)
			} else {
				list.Values = append(list.Values, structpb.NewNullValue())
			}
		}
		return structpb.NewListValue(list)
	}
	return nil
}
