package version

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestVersionIsOneThatTagsAndPackagesHave(t *testing.T) {
	if !regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$`).MatchString(Version) {
		t.Errorf("version %q: must be like 1.2.3", Version)
	}
}

func TestChangelogHasTheVersionOrAPlaceForIt(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	headings := regexp.MustCompile(`(?m)^## \[(.+?)\]`).FindAllStringSubmatch(string(text), -1)
	if len(headings) == 0 || headings[0][1] != "Unreleased" && headings[0][1] != Version {
		t.Errorf("the first section is %v: must be Unreleased or %s", headings, Version)
	}
}

// notes runs the release workflow's script on a changelog.
func notes(t *testing.T, changelog, version string) (string, error) {
	t.Helper()
	script, err := filepath.Abs("../../.ci/notes")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "CHANGELOG.md"), []byte(changelog), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(script, version)
	cmd.Dir = dir
	output, err := cmd.CombinedOutput()
	return string(output), err
}

func TestReleaseNotesAreTheVersionsSection(t *testing.T) {
	const changelog = "# Changelog\n\n## [Unreleased]\n\n## [1.10.0] - 2027-03-01\n\n### To do\n\n- ten\n\n## [1.1.0] - 2027-01-01\n\n- one\n\n[1.1.0]: https://example.com\n"
	for version, want := range map[string]string{"1.10.0": "### To do\n\n- ten", "1.1.0": "- one"} {
		if got, err := notes(t, changelog, version); err != nil || strings.TrimSpace(got) != want {
			t.Errorf("%s: %v, %q, want %q", version, err, got, want)
		}
	}
	for _, version := range []string{"Unreleased", "1.0.0", "1.1"} {
		if got, err := notes(t, changelog, version); err == nil || !strings.Contains(got, version) {
			t.Errorf("%s has no notes, but: %v, %q", version, err, got)
		}
	}
}
