// Package inputs treats the arguments of components as Pulumi does: as properties, some of which other resources decide.
package inputs

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/rules"
)

// Register registers a component with its arguments, which policies, the state and tests see: by the names of their tags, and as secret
// as they are. Other components among them are left out; what a component needs of those, their outputs say.
func Register(ctx *pulumi.Context, kind, name string, args any, component pulumi.ComponentResource, opts []pulumi.ResourceOption) error {
	properties, _ := property(reflect.ValueOf(args)).(pulumi.Map)
	return ctx.RegisterComponentResourceV2("azswarm:index:"+kind, name, properties, component, opts...)
}

// property is a value of an argument as an input; nil where nothing is said.
func property(value reflect.Value) pulumi.Input {
	if !value.IsValid() || value.IsZero() {
		return nil
	}
	return said(value)
}

// said is property for a value that is said, be it zero: behind a pointer it is.
func said(value reflect.Value) pulumi.Input {
	if input, ok := value.Interface().(pulumi.Input); ok {
		return input
	}
	if duration, ok := value.Interface().(time.Duration); ok {
		return pulumi.String(duration.String())
	}
	switch value.Kind() {
	case reflect.Pointer, reflect.Interface:
		if _, component := value.Interface().(pulumi.Resource); component {
			return nil
		}
		return said(value.Elem())
	case reflect.Struct:
		object := pulumi.Map{}
		for i := range value.NumField() {
			name, _, _ := strings.Cut(value.Type().Field(i).Tag.Get("pulumi"), ",")
			if name == "" {
				continue
			}
			if field := property(value.Field(i)); field != nil {
				object[name] = field
			}
		}
		return object
	case reflect.Map:
		object := pulumi.Map{}
		for _, key := range value.MapKeys() {
			object[key.String()] = property(value.MapIndex(key))
		}
		return object
	case reflect.Slice:
		list := pulumi.Array{}
		for i := range value.Len() {
			if element := property(value.Index(i)); element != nil {
				list = append(list, element)
			}
		}
		return list
	case reflect.String:
		return pulumi.String(value.String())
	case reflect.Bool:
		return pulumi.Bool(value.Bool())
	case reflect.Int:
		return pulumi.Int(int(value.Int()))
	default:
		panic("inputs: " + value.Type().String() + " has no form as a property")
	}
}

// Rule judges a text at a path.
type Rule func(p *rules.Problems, path, text string)

// Checked has a text judged: now where it is plain, else as soon as it is known.
func Checked(p *rules.Problems, heading, path string, text pulumi.StringInput, judge Rule) pulumi.StringInput {
	if plain, ok := text.(pulumi.String); ok {
		judge(p, path, string(plain))
		return text
	}
	return text.ToStringOutput().ApplyT(func(text string) (string, error) {
		var late rules.Problems
		judge(&late, path, text)
		return text, late.Err(heading)
	}).(pulumi.StringOutput)
}

// CheckedMap is [Checked] for the values of a map, whose keys are always plain.
func CheckedMap(p *rules.Problems, heading, path string, texts pulumi.StringMap, judge Rule) pulumi.StringMap {
	judged := pulumi.StringMap{}
	for key, text := range texts {
		judged[key] = Checked(p, heading, rules.Field(path, key), text, judge)
	}
	return judged
}

// CheckedImage has the name of an image judged, which must be like the example, and is the example where nothing is said.
func CheckedImage(p *rules.Problems, heading, path string, image pulumi.StringInput, example string) pulumi.StringInput {
	if image == nil {
		return pulumi.String(example)
	}
	return Checked(p, heading, path, image, func(p *rules.Problems, path, text string) { p.Image(path, text, example) })
}

// Shown is a text for an error, as far as it is known.
func Shown(text pulumi.StringInput) any {
	if plain, ok := text.(pulumi.String); ok {
		return string(plain)
	}
	return undecided{}
}

// undecided is a text that another resource decides.
type undecided struct{}

func (undecided) String() string { return "a text of another resource" }

// MapText applies a function to a text, and keeps it plain where it is.
func MapText(text pulumi.StringInput, change func(string) string) pulumi.StringInput {
	if plain, ok := text.(pulumi.String); ok {
		return pulumi.String(change(string(plain)))
	}
	return text.ToStringOutput().ApplyT(change).(pulumi.StringOutput)
}

// JSON is a map as JSON, its keys in order.
func JSON(texts pulumi.StringMap) pulumi.StringInput {
	plain := map[string]string{}
	for key, text := range texts {
		value, ok := text.(pulumi.String)
		if !ok {
			return texts.ToStringMapOutput().ApplyT(marshal).(pulumi.StringOutput)
		}
		plain[key] = string(value)
	}
	text, _ := marshal(plain) // of texts, so cannot fail
	return pulumi.String(text)
}

func marshal(texts map[string]string) (string, error) {
	text, err := json.Marshal(texts)
	return string(text), err
}

// Values puts maps together.
func Values(parts ...pulumi.StringMap) pulumi.StringMap {
	all := pulumi.StringMap{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}
