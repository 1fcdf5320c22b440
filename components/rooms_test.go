package components

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rooms are the packages below, lowest first: each imports only rooms before it. The last two are side by side.
var rooms = []string{"stash", "rollout", "inputs", "remote", "authority", "azure", "machine", "consul", "orchestrator", "swarmmode", "classic"}

func TestNoRoomReachesBackUp(t *testing.T) {
	const own = "github.com/seed-3bc5c20b/azswarm/components"
	for i, room := range append(rooms, "") {
		files, err := filepath.Glob(filepath.Join("internal", room, "*.go"))
		if room == "" {
			files, err = filepath.Glob("*.go")
		}
		if err != nil || len(files) == 0 {
			t.Fatalf("room %q has no files: %v", room, err)
		}
		for _, path := range files {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				t.Fatal(err)
			}
			for _, spec := range file.Imports {
				imported, _ := strconv.Unquote(spec.Path.Value)
				if strings.Contains(imported, "pulumi-azure-native-sdk") && room != "azure" {
					t.Errorf("%s imports %s: Azure's SDK is for the room azure", path, imported)
				}
				name, below := strings.CutPrefix(imported, own+"/internal/")
				if below && (slices.Index(rooms, name) >= i || room == "classic" && name == "swarmmode") || imported == own && room != "" {
					t.Errorf("%s imports %s, which is above it or beside it", path, imported)
				}
			}
		}
	}
}
