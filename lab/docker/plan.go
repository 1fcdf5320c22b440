package docker

// plan says what the resource's properties will be, as far as that is known, from its checked inputs and, for
// an update, its state.
func (s schema) plan(inputs, state object) object {
	return s.planObject(inputs, state, false)
}

func (s schema) planObject(inputs, state object, inSet bool) object {
	out := object{}
	for name, f := range s {
		out[name] = f.plan(inputs[name], state[name], state != nil, inSet)
	}
	return out
}

func (f field) plan(input, old any, exists, inSet bool) any {
	if input == nil {
		switch {
		case exists && (f.computed || isEmpty(old)):
			return old
		case !exists && f.computed:
			return unknown
		}
		return f.absent(inSet)
	}
	switch value := input.(type) {
	case object:
		if f.kind == block {
			nested, _ := old.(object)
			return f.fields.planObject(value, nested, inSet)
		}
	case []any:
		if f.kind == blocks || f.kind == blockSet {
			out := make([]any, len(value))
			for i, item := range value {
				out[i] = item
				if element, isObject := item.(object); isObject {
					out[i] = f.fields.planObject(element, nil, f.isSet())
				}
			}
			return out
		}
	}
	return input
}

// settle combines what was planned with what Docker then says into the state: Docker's word counts, except that
// a set stays as the program gave it and an empty collection stays null if it was.
func (s schema) settle(planned, found object) object {
	out := object{}
	for name, f := range s {
		value, readable := found[name]
		if !readable {
			value = planned[name]
			if isUnknown(value) {
				value = nil
			}
			out[name] = value
			continue
		}
		out[name] = f.settle(planned[name], value)
	}
	return out
}

func (f field) settle(planned, found any) any {
	if f.isCollection() && isEmpty(planned) && isEmpty(found) {
		return planned
	}
	if planned == nil || isUnknown(planned) {
		return found
	}
	if found == nil {
		if hasUnknown(planned) {
			return nil
		}
		return planned
	}
	if f.isSet() {
		if hasUnknown(planned) {
			return found
		}
		return planned
	}
	switch f.kind {
	case block:
		before, isObject := planned.(object)
		after, isToo := found.(object)
		if isObject && isToo {
			return f.fields.settle(before, after)
		}
	case blocks:
		before, isList := planned.([]any)
		after, isToo := found.([]any)
		if isList && isToo && len(before) == len(after) {
			return f.settleList(before, after)
		}
	}
	return found
}

func (f field) settleList(planned, found []any) []any {
	out := make([]any, len(found))
	for i := range found {
		out[i] = found[i]
		before, isObject := planned[i].(object)
		after, isToo := found[i].(object)
		if isObject && isToo {
			out[i] = f.fields.settle(before, after)
		}
	}
	return out
}
