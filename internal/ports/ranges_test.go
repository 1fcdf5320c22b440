package ports

import (
	"strings"
	"testing"
)

func TestParseRange(t *testing.T) {
	for text, want := range map[string]string{ // the range, or part of the error after "!"
		"8080": "8080", "32768-60999": "32768-60999", "8000-8000": "8000", "1": "1", "65535": "65535",
		"": "!must be a port", "0": "!must be a port", "65536": "!must be a port", "9-8": "!must be a port", "80-": "!must be a port",
		"-80": "!must be a port", "80,81": "!must be a port", " 80": "!must be a port",
		"2376": "!port 2376 is the platform's (the Swarm API", "8000-9000": "!port 8300 is the platform's",
	} {
		got, err := ParseRange(text)
		if wrong, isWrong := strings.CutPrefix(want, "!"); isWrong {
			if err == nil || !strings.Contains(err.Error(), wrong) {
				t.Errorf("ParseRange(%q): error %v, want one with %q", text, err, wrong)
			}
		} else if err != nil || got.String() != want {
			t.Errorf("ParseRange(%q) is %s (%v), want %s", text, got, err, want)
		}
	}
}
