package props

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"google.golang.org/protobuf/types/known/structpb"
)

// Unknown is an output nobody can know yet.
var Unknown = resource.MakeComputed(resource.NewProperty(""))

// unknownString is how an unknown value is written; the engine takes it for a value of any type.
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// unknowns are all the ways to write an unknown value, one for each type it may turn out to be.
var unknowns = map[string]bool{
	unknownString:                          true,
	"1c4a061d-8072-4f0a-a4cb-0ff528b18fe7": true, // bool
	"3eeb2bf0-c639-47a8-9e75-3b44932eb421": true, // number
	"6a19a0b0-7e62-4c92-b797-7f8e31da9cc2": true, // array
	"030794c1-ac77-496b-92df-f27374a8bd58": true, // asset
	"e48ece36-62e2-4504-bad9-02848725956a": true, // archive
	"dd056dcd-154b-4c76-9bd3-c8f88648b5ff": true, // object
}

// FromWire reads the properties of a request. Nulls are left out.
func FromWire(properties *structpb.Struct) (resource.PropertyMap, error) {
	result := resource.PropertyMap{}
	for name, value := range properties.GetFields() {
		property, err := read(value)
		if err != nil {
			return nil, fmt.Errorf("property %q: %w", name, err)
		}
		if !property.IsNull() {
			result[resource.PropertyKey(name)] = property
		}
	}
	return result, nil
}

func read(value *structpb.Value) (resource.PropertyValue, error) {
	switch v := value.GetKind().(type) {
	case *structpb.Value_BoolValue:
		return resource.NewProperty(v.BoolValue), nil
	case *structpb.Value_NumberValue:
		return resource.NewProperty(v.NumberValue), nil
	case *structpb.Value_StringValue:
		if unknowns[v.StringValue] {
			return Unknown, nil
		}
		return resource.NewProperty(v.StringValue), nil
	case *structpb.Value_ListValue:
		elements := make([]resource.PropertyValue, 0, len(v.ListValue.GetValues()))
		for _, element := range v.ListValue.GetValues() {
			property, err := read(element)
			if err != nil {
				return resource.PropertyValue{}, err
			}
			elements = append(elements, property)
		}
		return resource.NewProperty(elements), nil
	case *structpb.Value_StructValue:
		return readStruct(v.StructValue)
	default:
		return resource.NewNullProperty(), nil
	}
}

// readStruct reads an object, or what its signature says it is. Resource references stay the objects they look like:
// nothing here needs more than to give them back.
func readStruct(object *structpb.Struct) (resource.PropertyValue, error) {
	fields := object.GetFields()
	switch fields[sig.Key].GetStringValue() {
	case asset.AssetSig:
		read, _, err := asset.Deserialize(object.AsMap())
		return resource.NewProperty(read), err
	case archive.ArchiveSig:
		read, _, err := archive.Deserialize(object.AsMap())
		return resource.NewProperty(read), err
	case resource.SecretSig:
		inner, err := read(fields["value"])
		return resource.MakeSecret(inner), err
	case resource.OutputValueSig:
		inner, known := fields["value"]
		property := Unknown
		if known {
			var err error
			if property, err = read(inner); err != nil {
				return property, err
			}
		}
		if fields["secret"].GetBoolValue() {
			property = resource.MakeSecret(property)
		}
		return property, nil
	default:
		properties, err := FromWire(object)
		return resource.NewProperty(properties), err
	}
}

// ToWire writes the properties of a response.
func ToWire(properties resource.PropertyMap) (*structpb.Struct, error) {
	result := &structpb.Struct{Fields: make(map[string]*structpb.Value, len(properties))}
	for name, property := range properties {
		value, err := write(property)
		if err != nil {
			return nil, fmt.Errorf("property %q: %w", name, err)
		}
		result.Fields[string(name)] = value
	}
	return result, nil
}

func write(property resource.PropertyValue) (*structpb.Value, error) {
	switch {
	case property.IsComputed():
		return structpb.NewStringValue(unknownString), nil
	case property.IsAsset():
		return structpb.NewValue(property.AssetValue().Serialize())
	case property.IsArchive():
		return structpb.NewValue(property.ArchiveValue().Serialize())
	case property.IsSecret():
		inner, err := write(property.SecretValue().Element)
		return structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{
			sig.Key: structpb.NewStringValue(resource.SecretSig), "value": inner,
		}}), err
	case property.IsArray():
		list := &structpb.ListValue{}
		for _, element := range property.ArrayValue() {
			value, err := write(element)
			if err != nil {
				return nil, err
			}
			list.Values = append(list.Values, value)
		}
		return structpb.NewListValue(list), nil
	case property.IsObject():
		object, err := ToWire(property.ObjectValue())
		return structpb.NewStructValue(object), err
	default:
		return structpb.NewValue(property.V)
	}
}

// ToWireInFull is ToWire, with every field of assets and archives present, the empty ones too.
func ToWireInFull(properties resource.PropertyMap) (*structpb.Struct, error) {
	written, err := ToWire(properties)
	if err != nil {
		return nil, err
	}
	for _, value := range written.GetFields() {
		complete(value)
	}
	return written, nil
}

func complete(value *structpb.Value) {
	for _, element := range value.GetListValue().GetValues() {
		complete(element)
	}
	fields := value.GetStructValue().GetFields()
	switch fields[sig.Key].GetStringValue() {
	case asset.AssetSig:
		setDefaults(fields, "path", "text", "uri")
	case archive.ArchiveSig:
		setDefaults(fields, "path", "uri")
		if fields["assets"] == nil {
			fields["assets"] = structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{}})
		}
	}
	for _, field := range fields {
		complete(field)
	}
}

func setDefaults(fields map[string]*structpb.Value, names ...string) {
	for _, name := range names {
		if fields[name] == nil {
			fields[name] = structpb.NewStringValue("")
		}
	}
}
