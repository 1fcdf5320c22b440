package azure

import (
	"slices"
	"strings"
	"testing"
)

// refusal is a rule of Azure's, and its test: what is tried, and how it is refused. docs/azure-rules.md is made from these.
type refusal struct {
	rule   string
	code   string // ARM's error code
	origin origin
	words  []string // of the message
	try    func(l *lab) error
}

// origin is where a rule is applied, and where it is known from.
type origin struct {
	in     string // function of package arm or azure
	source string
	open   string // what the source leaves open; the lab's own there
}

func by(in, source string, open ...string) origin {
	return origin{in, source, strings.Join(open, "; ")}
}

// ruleTables are all refusals, by subject.
var ruleTables = []struct {
	title string
	rules func() []refusal
}{
	{"Names, groups, locations", nameRules},
	{"Addresses", addressRules},
	{"References", referenceRules},
	{"Network security groups", securityRules},
	{"Public addresses and NAT gateways", publicAddressRules},
	{"Load balancers", balancerRules},
	{"Availability sets", availabilitySetRules},
	{"Virtual machines", machineRules},
	{"Changes to virtual machines", changeRules},
	{"Deletes", deleteRules},
}

// TestRules tries to break every rule.
func TestRules(t *testing.T) {
	for _, table := range ruleTables {
		t.Run(subtest(table.title), func(t *testing.T) {
			for _, r := range table.rules() {
				t.Run(subtest(r.rule), func(t *testing.T) {
					defer func() { // a rule that is gone may leave what others rely on unchecked
						if p := recover(); p != nil {
							t.Errorf("panic: %v", p)
						}
					}()
					l := newLab(t)
					wantRefusal(t, r.try(l), r.code, r.words...)
				})
			}
		})
	}
}

// subtest is a name as go test writes it.
func subtest(name string) string { return strings.ReplaceAll(name, " ", "_") }

func TestRulesHaveNamesOfTheirOwn(t *testing.T) {
	for _, table := range ruleTables {
		var names []string
		for _, r := range table.rules() {
			if slices.Contains(names, r.rule) {
				t.Errorf("%s: two rules are called %q", table.title, r.rule)
			}
			names = append(names, r.rule)
		}
	}
}
