package docker

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// recordedCase is one step of a program run with the real plugin.
type recordedCase struct {
	Name  string         `json:"case"`
	Calls []recordedCall `json:"calls"`
}

// recordedCall is one call of the engine to the real plugin, and the answer.
type recordedCall struct {
	Method   string `json:"method"`
	Request  object `json:"request"`
	Response object `json:"response"`
	Error    string `json:"error"`
}

// recordedCases loads the exchanges recorded with the real plugin. They are no part of the repository: without
// them the test is skipped.
func recordedCases(t *testing.T) []recordedCase {
	t.Helper()
	folder := os.Getenv("AZSWARM_RECORDED_PLUGINS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "plugins")
	}
	path := filepath.Join(folder, "docker-exchanges.json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no exchanges recorded with the real plugin: %s does not exist; AZSWARM_RECORDED_PLUGINS names another folder", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	var cases []recordedCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return cases[1:] // the first entry explains the notation
}

// fromRecording turns the notation for unknown values into the protocol's.
func fromRecording(value any) any {
	switch v := value.(type) {
	case object:
		out := object{}
		for key, item := range v {
			out[key] = fromRecording(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = fromRecording(item)
		}
		return out
	case string:
		if v == "<UNKNOWN>" {
			return unknown
		}
	}
	return value
}
