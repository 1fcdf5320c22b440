package arm

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Drift changes one property of what Azure holds, as a person, a policy or Azure itself does behind Pulumi's back. No rule
// is asked: how the value came about is not the model's business. The property is a dotted path, with the positions of list
// elements in brackets; the value is JSON where the property is no text, and "" takes the property away.
func (m *Manager) Drift(ctx context.Context, id, property, value string) error {
	parsed, err := ParseID(id)
	if err != nil {
		return err
	}
	kind, err := typeOf(parsed)
	if err != nil {
		return err
	}
	return m.write(ctx, func() (*record, error) {
		owner := parsed
		if kind.list != "" {
			owner = parsed.Parent()
		}
		old := m.view.get(owner.String())
		if old == nil {
			return nil, resourceNotFound(parsed)
		}
		next := &record{ID: old.ID, Body: old.Body.Copy(), Hidden: old.Hidden.Copy(), kind: old.kind}
		body := next.Body
		if kind.list != "" {
			body = nil
			for _, child := range next.Body.Objects(kind.list) {
				if fold(child.Text("id")) == fold(id) {
					body = child
				}
			}
			if body == nil {
				return nil, resourceNotFound(parsed)
			}
		}
		if err := drift(kind.Schema(), body, "", property, value); err != nil {
			return nil, fmt.Errorf("%s: %w", kind.ARM(), err)
		}
		return next, nil
	})
}

var pathStep = regexp.MustCompile(`^([^.\[\]]+)(?:\[(\d+)\])?(?:\.(.+))?$`)

// drift sets what the path leads to below the object, whose own path is above.
func drift(schema []Property, object Object, above, path, value string) error {
	step := pathStep.FindStringSubmatch(path)
	if step == nil {
		return fmt.Errorf("property %q: must be a path such as ipConfigurations[0].subnet.id", above+path)
	}
	name, index, rest := step[1], step[2], step[3]
	property, err := propertyOf(schema, above, name)
	if err != nil {
		return err
	}
	if property.Kind == KindMap && rest != "" { // a key may have dots
		_, rest, _ = strings.Cut(path, ".")
		return setValue(object.Child(name), rest, KindString, above+name+".", value)
	}
	if index == "" {
		if rest == "" {
			return setValue(object, name, property.Kind, above, value)
		}
		return drift(property.Properties, object.Child(name), above+name+".", rest, value)
	}
	list, _ := object[name].([]any)
	i, err := strconv.Atoi(index)
	if err != nil || i > len(list) {
		return fmt.Errorf("property %s%s[%s]: the list has %d elements; must be one of them, or the next", above, name, index, len(list))
	}
	element := Object{}
	if i == len(list) {
		list = append(list, nil)
	}
	if existing := asObject(list[i]); existing != nil {
		element = existing
	}
	if rest != "" {
		if err := drift(property.Properties, element, fmt.Sprintf("%s%s[%d].", above, name, i), rest, value); err != nil {
			return err
		}
		list[i] = map[string]any(element)
	} else {
		kind := KindAny
		if property.Kind == KindStrings {
			kind = KindString
		}
		holder := Object{}
		if err := setValue(holder, name, kind, above, value); err != nil {
			return err
		}
		if list[i] = holder[name]; list[i] == nil {
			list = append(list[:i], list[i+1:]...)
		}
	}
	object[name] = list
	return nil
}

// propertyOf finds a property by name. Below one that is passed through unseen, there may be any.
func propertyOf(schema []Property, above, name string) (Property, error) {
	if len(schema) == 0 {
		return Property{Name: name, Kind: KindAny}, nil
	}
	var names []string
	for _, p := range schema {
		if p.Name == name && !p.InputOnly {
			return p, nil
		}
		if !p.InputOnly {
			names = append(names, p.Name)
		}
	}
	return Property{}, fmt.Errorf("property %s%s: there is none; must be one of %s", above, name, strings.Join(names, ", "))
}

func setValue(object Object, name string, kind Kind, above, text string) error {
	if text == "" {
		delete(object, name)
		return nil
	}
	var value any
	err := json.Unmarshal([]byte(text), &value)
	fits := err == nil
	switch kind {
	case KindString:
		value, fits = text, true
	case KindAny:
		if err != nil {
			value, fits = text, true
		}
	case KindBool:
		_, fits = value.(bool)
	case KindInt, KindNumber:
		_, fits = value.(float64)
	case KindStrings, KindList:
		_, fits = value.([]any)
	case KindObject, KindMap:
		_, fits = value.(map[string]any)
	}
	if !fits {
		return fmt.Errorf("property %s%s: %q; must be JSON of kind %s", above, name, text, kind)
	}
	object[name] = value
	return nil
}
