package docgen

import (
	"fmt"
	"os"

	"gopkg.in/yaml.v3"
)

// project is the part of Pulumi.yaml that declares the settings.
type project struct {
	Name   string    `yaml:"name"`
	Config yaml.Node `yaml:"config"`
}

// setting is the declaration of one key.
type setting struct {
	Type        string    `yaml:"type"`
	Default     yaml.Node `yaml:"default"`
	Description string    `yaml:"description"`
	Items       struct {
		Type string `yaml:"type"`
	} `yaml:"items"`
}

// location is required and another package's, so that Pulumi.yaml cannot declare it.
var location = []string{
	"`azure-native:location`", "string", "", "The Azure region, such as westeurope. Required. Changing it replaces everything.",
}

// settingsTable lists the settings that Pulumi.yaml declares, in its order.
func settingsTable(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var declared project
	if err := yaml.Unmarshal(content, &declared); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	rows := [][]string{location}
	// A mapping's keys and values take turns.
	for i := 0; i+1 < len(declared.Config.Content); i += 2 {
		key := declared.Config.Content[i].Value
		var s setting
		if err := declared.Config.Content[i+1].Decode(&s); err != nil {
			return "", fmt.Errorf("%s: config.%s: %w", path, key, err)
		}
		kind := s.Type
		if s.Items.Type != "" {
			kind += " of " + s.Items.Type
		}
		rows = append(rows, []string{code(declared.Name + ":" + key), kind, code(s.Default.Value), s.Description})
	}
	return table([]string{"key", "type", "default", "meaning"}, rows), nil
}
