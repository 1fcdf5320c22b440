package artifacts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// texts is the key of an artifact that is made from these strings alone.
func texts(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(sum, "%d:%s", len(part), part) // lengths, so that ("ab","c") and ("a","bc") differ
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// files is the key of a file, or of everything below a directory: names, contents, and what is executable. Files
// whose names end in one of the suffixes don't count.
func files(path string, except ...string) (string, error) {
	var parts []string
	err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if slices.ContainsFunc(except, func(suffix string) bool { return strings.HasSuffix(name, suffix) }) {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		sum, err := fileSum(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(path, name)
		if err != nil {
			return err
		}
		parts = append(parts, relative, fmt.Sprint(info.Mode()&0o111 != 0), sum)
		return nil
	})
	if err != nil {
		return "", err
	}
	return texts(parts...), nil
}

func fileSum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
