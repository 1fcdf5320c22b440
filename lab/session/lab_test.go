package session

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newLab is a lab in a state directory of the test's own.
func newLab(t *testing.T) *Lab {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	lab, err := Find("test")
	if err != nil {
		t.Fatal(err)
	}
	return lab
}

func TestFindRefusesNamesThatNeedQuoting(t *testing.T) {
	for _, name := range []string{"", "A", "a b", "../x", "-a", "1a", strings.Repeat("a", 25)} {
		if lab, err := Find(name); err == nil {
			t.Errorf("Find(%q) = %v, want an error", name, lab)
		}
	}
}

func TestCreateProtectsTheLabsSecrets(t *testing.T) {
	lab := newLab(t)
	if err := os.MkdirAll(lab.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := lab.Create(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{lab.Dir: 0o700, lab.path("passphrase"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

func TestCreateKeepsThePassphrase(t *testing.T) {
	lab := newLab(t)
	var passphrases []string
	for range 2 {
		if err := lab.Create(); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(lab.path("passphrase"))
		if err != nil {
			t.Fatal(err)
		}
		passphrases = append(passphrases, string(content))
	}
	if passphrases[0] != passphrases[1] || len(passphrases[0]) < 20 {
		t.Errorf("passphrases are %d and %d bytes and differ, or too short", len(passphrases[0]), len(passphrases[1]))
	}
}

func TestRequireNamesTheLabsThereAre(t *testing.T) {
	lab := newLab(t)
	if err := lab.Create(); err != nil {
		t.Fatal(err)
	}
	other, err := Find("other")
	if err != nil {
		t.Fatal(err)
	}
	if err := lab.Require(); err != nil {
		t.Errorf("Require of a lab that exists: %v", err)
	}
	if err := other.Require(); err == nil || !strings.Contains(err.Error(), "but test") {
		t.Errorf("Require of another: %v, want it to name the lab test", err)
	}
}

func TestInstallExecutableKeepsAnEqualFile(t *testing.T) {
	lab := newLab(t)
	if err := lab.Create(); err != nil {
		t.Fatal(err)
	}
	install := func(program string) os.FileInfo {
		t.Helper()
		if err := lab.InstallExecutable([]byte(program)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(lab.Executable())
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	first, same, other := install("one"), install("one"), install("two")
	if !os.SameFile(first, same) {
		t.Error("an equal program became another file, which containers don't see")
	}
	if os.SameFile(first, other) {
		t.Error("another program was written over the one that containers run")
	}
}

func TestLockIsHeldByOneCommandWhoseNameTheOtherLearns(t *testing.T) {
	lab := newLab(t)
	first, err := lab.Lock("lab up --stack dev")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lab.Lock("lab down"); err == nil || !strings.Contains(err.Error(), "lab up --stack dev") {
		t.Fatalf("second lock: %v, want an error that names the holder", err)
	}
	first.Release()
	second, err := lab.Lock("lab down")
	if err != nil {
		t.Fatalf("lock after release: %v", err)
	}
	second.Release()
	if left, _ := filepath.Glob(filepath.Dir(lab.Dir) + "*"); len(left) != 0 {
		t.Errorf("the last lock left %v", left)
	}
}
