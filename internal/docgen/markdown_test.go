package docgen

import (
	"strings"
	"testing"
)

func TestTableLeavesEmptyColumnsOut(t *testing.T) {
	got := table([]string{"a", "b", "c"}, [][]string{{"1", "", "x|y"}, {"2", "", "two\nlines"}})
	want := "| a | c |\n|---|---|\n| 1 | x\\|y |\n| 2 | two lines |\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestReplaceSectionNamesWhatIsMissing(t *testing.T) {
	const begin, end = "<!-- begin x (written by `make docs`) -->\n", "<!-- end x -->"
	got, err := replaceSection("before\n"+begin+"old\n"+end+"\nafter", "x", "new\n")
	if want := "before\n" + begin + "new\n" + end + "\nafter"; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	for document, missing := range map[string]string{"": "begin x", begin + "old": "end x"} {
		if _, err := replaceSection(document, "x", ""); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("%q: %v, want an error about %q", document, err, missing)
		}
	}
}

func TestSplitDefault(t *testing.T) {
	for text, want := range map[string][2]string{
		"Count of managers. Default 3.":              {"Count of managers.", "3"},
		"Disk size, 30 to 4095. Default 30 or 64.":   {"Disk size, 30 to 4095.", "30 or 64"},
		"Put into a group. Default: one of its own.": {"Put into a group.", "one of its own"},
		"port of the workers; default Port":          {"port of the workers", "Port"},
		"default \"latest\"":                         {"", "\"latest\""},
		"Network they are in. Required.":             {"Network they are in.", "required"},
		"Networks. Required; 0.0.0.0/0 is refused.":  {"Networks. Required; 0.0.0.0/0 is refused.", "required"},
		"One Consul cluster a network.":              {"One Consul cluster a network.", ""},
	} {
		if rest, fallback := splitDefault(text); rest != want[0] || fallback != want[1] {
			t.Errorf("splitDefault(%q) = %q, %q; want %q, %q", text, rest, fallback, want[0], want[1])
		}
	}
}
