package node

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestDigestIsAName(t *testing.T) {
	if got := Digest(); !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(got) || got != Digest() {
		t.Errorf("Digest: %q, want 12 hexadecimal digits, the same every time", got)
	}
}

// TestBuild builds the image's file system where AZSWARM_LAB_NODE_TAR says: it takes minutes and a package mirror.
func TestBuild(t *testing.T) {
	tar := os.Getenv("AZSWARM_LAB_NODE_TAR")
	if tar == "" {
		t.Skip("AZSWARM_LAB_NODE_TAR names no file")
	}
	if err := Build(t.Context(), tar, os.Stderr); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tar); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(tar + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
