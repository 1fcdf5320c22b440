package session

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A stack's configuration in the lab is a copy of the project's: Pulumi writes into it how secrets are encrypted,
// which differs from lab to lab and must never reach (or depend on) the file that real deployments use. What
// `lab exec -- pulumi config set` changes stays in the copy until the project's file changes.
type stackFile struct {
	path   string // the copy, which the CLI reads and writes
	base   string // the project's file as it was when the copy was made
	config map[string]yaml.Node
}

// encryptionKeys of a stack file belong to one backend and must not be carried to another.
var encryptionKeys = []string{"secretsprovider", "encryptedkey", "encryptionsalt"}

// useStackFile returns the lab's copy of a stack's configuration, made or renewed where needed. Keys that were
// changed in the lab alone are returned by name.
func (l *Lab) useStackFile(p *Project, stack string) (*stackFile, []string, error) {
	dir := l.path("config", p.Name)
	file := &stackFile{path: filepath.Join(dir, "Pulumi."+stack+".yaml"), base: filepath.Join(dir, stack+".base")}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("keep the configuration of stack %s: %w", stack, err)
	}
	source := p.stackFile(stack)
	wanted, err := readIfThere(source)
	if err != nil {
		return nil, nil, err
	}
	base, err := readIfThere(file.base)
	if err != nil {
		return nil, nil, err
	}
	_, copied := os.Stat(file.path)
	if copied != nil || !bytes.Equal(wanted, base) {
		if err := file.renew(source, wanted); err != nil {
			return nil, nil, err
		}
	}
	edited, err := file.load(wanted)
	return file, edited, err
}

func (f *stackFile) renew(source string, wanted []byte) error {
	config, err := parseStackFile(source, wanted)
	if err != nil {
		return err
	}
	var secure []string
	for key, value := range config {
		if hasSecure(&value) {
			secure = append(secure, key)
		}
	}
	if len(secure) > 0 {
		slices.Sort(secure)
		return fmt.Errorf("%s: %s: encrypted for another secrets provider, which the lab can't read; "+
			"use a stack whose values are in plain text, or set them with `lab exec -- pulumi config set --secret` in a stack of the lab's own",
			source, strings.Join(secure, ", "))
	}
	// The base is written last: a crash in between makes the copy anew.
	if err := writeFile(f.path, withoutEncryption(wanted), 0o600); err != nil {
		return fmt.Errorf("copy %s to the lab: %w", source, err)
	}
	if err := writeFile(f.base, wanted, 0o600); err != nil {
		return fmt.Errorf("copy %s to the lab: %w", source, err)
	}
	return nil
}

func (f *stackFile) load(wanted []byte) (edited []string, err error) {
	content, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("read the lab's stack configuration: %w", err)
	}
	if f.config, err = parseStackFile(f.path, content); err != nil {
		return nil, err
	}
	original, err := parseStackFile(f.path, wanted)
	if err != nil {
		return nil, err
	}
	keys := maps.Clone(original)
	maps.Copy(keys, f.config)
	for key := range keys {
		if !sameValue(original[key], f.config[key]) {
			edited = append(edited, key)
		}
	}
	slices.Sort(edited)
	return edited, nil
}

func readIfThere(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read stack configuration: %w", err)
	}
	return content, nil
}

func parseStackFile(path string, content []byte) (map[string]yaml.Node, error) {
	var parsed struct {
		Config map[string]yaml.Node `yaml:"config"`
	}
	if err := yaml.Unmarshal(content, &parsed); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return parsed.Config, nil
}

// hasSecure finds Pulumi's mark of an encrypted value, a mapping with the one key "secure", at any depth.
func hasSecure(node *yaml.Node) bool {
	if node.Kind == yaml.MappingNode && len(node.Content) == 2 && node.Content[0].Value == "secure" {
		return true
	}
	return slices.ContainsFunc(node.Content, hasSecure)
}

// sameValue compares two values as Pulumi reads them: it knows no difference between 2 and "2", and writes the latter.
func sameValue(a, b yaml.Node) bool {
	return a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, func(x, y *yaml.Node) bool { return sameValue(*x, *y) })
}

// withoutEncryption drops the top-level lines that say how secrets are encrypted, and keeps all else as written.
func withoutEncryption(content []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(content) {
		name, _, _ := bytes.Cut(line, []byte(":"))
		if !slices.Contains(encryptionKeys, string(name)) {
			kept = append(kept, line...)
		}
	}
	return kept
}
