package preview

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

const (
	stackType   = "pulumi:pulumi:Stack"
	clusterType = "azswarm:index:Cluster"
)

// parents leads from a resource's URN to its parent's.
type parents map[string]string

func components(steps []step) parents {
	tree := parents{}
	for _, s := range steps {
		for _, state := range []*state{s.Old, s.New} {
			if state != nil && state.Parent != "" {
				tree[s.URN] = state.Parent
			}
		}
	}
	return tree
}

// outermost is the component right below the stack that a resource is in, or is; "" for what is in none. A whole cluster says
// nothing of where in it a resource is: its parts count as if they were right below the stack.
func (p parents) outermost(urn string) string {
	within := false // something has been found inside a component
	for {
		parent, found := p[urn]
		kind, _ := split(urn)
		switch {
		case kind == stackType:
			return ""
		case !found || isRoot(parent):
			if within || isComponent(kind) {
				return urn
			}
			return ""
		}
		urn, within = parent, true
	}
}

func isRoot(urn string) bool {
	kind, _ := split(urn)
	return kind == stackType || kind == clusterType
}

// isComponent tells components, whose types are a program's own, from what providers and Pulumi itself have.
func isComponent(kind string) bool {
	return strings.HasPrefix(kind, "azswarm:")
}

// links are the dependencies between components, less those that follow from others.
func (p parents) links(steps []step) [][2]string {
	needs := map[string]map[string]bool{}
	for _, s := range steps {
		state := s.New
		if state == nil {
			state = s.Old
		}
		if state == nil {
			continue
		}
		to := p.outermost(s.URN)
		for _, dependency := range state.Dependencies {
			if from := p.outermost(dependency); from != "" && to != "" && from != to {
				if needs[to] == nil {
					needs[to] = map[string]bool{}
				}
				needs[to][from] = true
			}
		}
	}
	var links [][2]string
	for to, sources := range needs {
		for from := range sources {
			if !reachable(needs, to, from, true, map[string]bool{}) {
				links = append(links, [2]string{from, to})
			}
		}
	}
	slices.SortFunc(links, func(a, b [2]string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) })
	return links
}

// reachable tells whether to needs from by way of another component.
func reachable(needs map[string]map[string]bool, to, from string, first bool, seen map[string]bool) bool {
	if seen[to] {
		return false
	}
	seen[to] = true
	for next := range needs[to] {
		if next == from {
			if !first {
				return true
			}
			continue
		}
		if reachable(needs, next, from, false, seen) {
			return true
		}
	}
	return false
}

// naturally orders web-2 before web-10.
func naturally(a, b string) int {
	stemA, numberA := number(a)
	stemB, numberB := number(b)
	return cmp.Or(strings.Compare(stemA, stemB), numberA-numberB, strings.Compare(a, b))
}

// number cuts a name before its first number.
func number(name string) (string, int) {
	start := strings.IndexAny(name, "0123456789")
	if start < 0 {
		return name, -1
	}
	end := start
	for end < len(name) && name[end] >= '0' && name[end] <= '9' {
		end++
	}
	value, err := strconv.Atoi(name[start:end])
	if err != nil {
		return name, -1
	}
	return name[:start] + "\x00" + name[end:], value
}
