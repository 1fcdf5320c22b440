package scale

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

// read is the configuration of a stack, as `pulumi config --json` prints it.
func read(t *testing.T, text string) map[string]stack.Setting {
	t.Helper()
	var settings map[string]stack.Setting
	if err := json.Unmarshal([]byte(text), &settings); err != nil {
		t.Fatal(err)
	}
	return settings
}

const config = `{
	"azswarm:consul": {"value": "{\"image\":\"consul\"}", "objectValue": {"image": "consul"}},
	"azswarm:managers": {"value": "{\"count\":1}", "objectValue": {"count": 1}},
	"azswarm:workers": {"value": "[]", "objectValue": [{"name": "web", "count": 2}, {"name": "batch", "count": 0}]}
}`

func TestFind(t *testing.T) {
	for of, want := range map[string]Count{
		"web":      {"web", "azswarm:workers[0].count", 2},
		"batch":    {"batch", "azswarm:workers[1].count", 0},
		"managers": {"managers", "azswarm:managers.count", 1},
		"consul":   {"consul", "azswarm:consul.servers", 3}, // by default
	} {
		if got, err := Find(read(t, config), of); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", of, got, err, want)
		}
	}
}

// The table is made from what the program's own configuration does.
func TestDefaultsAreTheProgramsOwn(t *testing.T) {
	table, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for of, pattern := range map[string]string{Managers: "count \\(1, 3, 5 or 7, default %d\\)", Consul: "servers \\(3 or 5, default %d;"} {
		if !regexp.MustCompile(fmt.Sprintf(pattern, defaults[of])).Match(table) {
			t.Errorf("%s: %d by default isn't what README's table of settings says", of, defaults[of])
		}
	}
}

func TestFindRefuses(t *testing.T) {
	for _, test := range []struct{ config, of, want string }{
		{config, "db", `there is no pool "db": there are web, batch, and managers and consul`},
		{`{}`, "web", "has no azswarm:workers"},
		{`{"azswarm:workers": {"value": "5"}}`, "web", "no list of pools"},
		{`{"azswarm:managers": {"value": "5"}}`, "managers", "azswarm:managers is no object"},
		{`{"azswarm:managers": {"value": "", "objectValue": {"count": "many"}}}`, "managers", `azswarm:managers.count is "many": must be a number`},
	} {
		if got, err := Find(read(t, test.config), test.of); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s in %s: %+v, %v; want %q", test.of, test.config, got, err, test.want)
		}
	}
}
