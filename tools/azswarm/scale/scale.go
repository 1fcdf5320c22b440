// Package scale finds where a stack's configuration says how many machines a tier has.
package scale

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

// Tiers that aren't pools, by the names that scaling has for them.
const (
	Managers = "managers"
	Consul   = "consul"
)

// Count is a number of machines in the configuration.
type Count struct {
	Of   string // "web", "managers"
	Path string // azswarm:workers[0].count
	Now  int
}

// defaults are the numbers where the configuration says none: those of the settings' table in README.
var defaults = map[string]int{Managers: 3, Consul: 3}

// Find finds the number of a pool's workers, of the managers, or of Consul's servers.
func Find(settings map[string]stack.Setting, of string) (Count, error) {
	switch of {
	case Managers:
		return single(settings, of, "azswarm:managers", "count")
	case Consul:
		return single(settings, of, "azswarm:consul", "servers")
	}
	var pools []struct {
		Name  string `json:"name"`
		Count *int   `json:"count"`
	}
	workers, found := settings["azswarm:workers"]
	if !found {
		return Count{}, errors.New("the stack's configuration has no azswarm:workers: where the program itself says how many machines there are, change it there")
	}
	if err := json.Unmarshal(workers.Object, &pools); err != nil {
		return Count{}, errors.New("azswarm:workers is no list of pools")
	}
	names := []string{}
	for i, pool := range pools {
		if pool.Name == of && pool.Count != nil {
			return Count{Of: of, Path: fmt.Sprintf("azswarm:workers[%d].count", i), Now: *pool.Count}, nil
		}
		names = append(names, pool.Name)
	}
	return Count{}, fmt.Errorf("there is no pool %q: there are %s, and %s and %s", of, strings.Join(names, ", "), Managers, Consul)
}

// single is the number in a tier's object.
func single(settings map[string]stack.Setting, of, key, property string) (Count, error) {
	count := Count{Of: of, Path: key + "." + property, Now: defaults[of]}
	setting, found := settings[key]
	if !found {
		return count, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(setting.Object, &object); err != nil {
		return Count{}, fmt.Errorf("%s is no object", key)
	}
	if text, said := object[property]; said {
		if err := json.Unmarshal(text, &count.Now); err != nil {
			return Count{}, fmt.Errorf("%s is %s: must be a number", count.Path, text)
		}
	}
	return count, nil
}
