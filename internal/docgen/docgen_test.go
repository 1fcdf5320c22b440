package docgen

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const root = "../.."

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestGeneratedDocumentationIsUpToDate(t *testing.T) {
	files, err := Files(root)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		if read(t, path) != want {
			t.Errorf("%s is stale: run `make docs` and commit what it writes", path)
		}
	}
}

func TestEverySettingIsInTheReadme(t *testing.T) {
	var declared struct {
		Config map[string]yaml.Node `yaml:"config"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "Pulumi.yaml")), &declared); err != nil {
		t.Fatal(err)
	}
	if len(declared.Config) == 0 {
		t.Fatal("Pulumi.yaml declares no settings")
	}
	readme := read(t, "README.md")
	for key := range declared.Config {
		if !strings.Contains(readme, "`azswarm:"+key+"`") {
			t.Errorf("README.md lacks the setting azswarm:%s", key)
		}
	}
}

// documents are all Markdown files that people read.
func documents(t *testing.T) []string {
	t.Helper()
	paths := []string{"README.md"}
	for _, pattern := range []string{"docs/*.md", "examples/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			relative, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, relative)
		}
	}
	if len(paths) < 6 {
		t.Fatalf("only %v: the pattern misses the documents", paths)
	}
	return paths
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced   = regexp.MustCompile("(?s)```.*?```")
	headline = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notWord  = regexp.MustCompile(`[^a-z0-9 _-]`)
)

func TestLinksLeadToSomething(t *testing.T) {
	for _, path := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, path), ""), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			file, anchor, found := strings.Cut(match[1], "#")
			if found && anchor == "" {
				t.Errorf("%s: the link %s names no heading", path, match[1])
			}
			target := path
			if file != "" {
				target = filepath.Join(filepath.Dir(path), file)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", path, match[1])
				continue
			}
			if anchor != "" && !hasAnchor(read(t, target), anchor) {
				t.Errorf("%s: %s has no heading for the link %s", path, target, match[1])
			}
		}
	}
}

// hasAnchor tells whether a document has a heading that GitHub gives this anchor.
func hasAnchor(document, anchor string) bool {
	for _, match := range headline.FindAllStringSubmatch(fenced.ReplaceAllString(document, ""), -1) {
		plain := notWord.ReplaceAllString(strings.ToLower(match[1]), "")
		if strings.ReplaceAll(plain, " ", "-") == anchor {
			return true
		}
	}
	return false
}

// Paths in code spans and tables, such as `stacks/`, are of this repository.
var mentioned = regexp.MustCompile("`((?:components|docs|examples|internal|lab|stacks|tools)/[a-z/._-]*)`")

func TestMentionedPathsExist(t *testing.T) {
	for _, path := range documents(t) {
		for _, match := range mentioned.FindAllStringSubmatch(read(t, path), -1) {
			if _, err := os.Stat(filepath.Join(root, match[1])); err != nil {
				t.Errorf("%s mentions %s, which does not exist", path, match[1])
			}
		}
	}
}

var target = regexp.MustCompile("make ([a-z][a-z0-9-]*)")

func TestMentionedMakeTargetsExist(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, path := range documents(t) {
		// Only in code: in prose, "make" is a word.
		code := strings.Join(regexp.MustCompile("(?s)```.*?```|`[^`\n]+`").FindAllString(read(t, path), -1), "\n")
		for _, match := range target.FindAllStringSubmatch(code, -1) {
			if !strings.Contains(makefile, "\n"+match[1]+":") {
				t.Errorf("%s mentions `make %s`, which the Makefile lacks", path, match[1])
			}
		}
	}
}
