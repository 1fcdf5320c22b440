package session

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// Unchanged tells whether the last update of the stack found every resource as it should be.
func (s *Session) Unchanged() bool {
	dir := s.Lab.path("backend", ".pulumi", "history", s.Project.Name, s.Stack)
	records, _ := filepath.Glob(filepath.Join(dir, s.Stack+"-*.history.json")) // fails for bad patterns only
	if len(records) == 0 {
		return false
	}
	// The names end in the time, in nanoseconds, so the last is the latest.
	content, err := os.ReadFile(slices.Max(records))
	if err != nil {
		return false
	}
	var update struct {
		Result  string         `json:"result"`
		Changes map[string]int `json:"resourceChanges"`
	}
	if json.Unmarshal(content, &update) != nil || update.Result != "succeeded" {
		return false
	}
	for operation, count := range update.Changes {
		if operation != "same" && count > 0 {
			return false
		}
	}
	return len(update.Changes) > 0
}
