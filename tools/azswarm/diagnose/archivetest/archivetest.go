// Package archivetest reads archives of `azswarm diagnose`, for tests.
package archivetest

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"
)

// Read returns the texts of an archive by their names in its one directory, which it returns as well. The test fails where others may
// read the archive, or files are in different directories.
func Read(t testing.TB, path string) (dir string, files map[string]string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v; want mode 600", path, info, err)
	}
	compressed, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for entries := tar.NewReader(compressed); ; {
		header, err := entries.Next()
		if err == io.EOF {
			return dir, files
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(entries)
		if err != nil {
			t.Fatal(err)
		}
		in, name, _ := strings.Cut(header.Name, "/")
		if dir != "" && in != dir {
			t.Errorf("%s has files in %s and in %s", path, dir, in)
		}
		dir, files[name] = in, string(text)
	}
}
