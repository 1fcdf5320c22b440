package artifacts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lines is what a store says, to be read and awaited while it works.
type lines struct {
	more *sync.Cond
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.more.L.Lock()
	defer l.more.L.Unlock()
	l.more.Broadcast()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.more.L.Lock()
	defer l.more.L.Unlock()
	return l.text.String()
}

// await returns when the store has said this.
func (l *lines) await(text string) {
	l.more.L.Lock()
	defer l.more.L.Unlock()
	for !strings.Contains(l.text.String(), text) {
		l.more.Wait()
	}
}

func testStore(dir string) (store, *lines) {
	out := &lines{more: sync.NewCond(&sync.Mutex{})}
	return store{dir: dir, progress: &progress{out: out, number: 1, total: 2}}, out
}

// greeting is an artifact of one file, and a count of its builds.
func greeting(key string) (artifact, *atomic.Int32) {
	var builds atomic.Int32
	return artifact{
		name: "greeting", key: key, title: "Greeting", takes: "no time",
		build: func(_ context.Context, dir string, log io.Writer) error {
			builds.Add(1)
			fmt.Fprintln(log, "greeting with", key)
			return os.WriteFile(filepath.Join(dir, "hello"), []byte(key), 0o644)
		},
	}, &builds
}

func TestStoreBuildsOnceForEachKey(t *testing.T) {
	s, out := testStore(t.TempDir())
	one, builds := greeting("one")
	for range 2 {
		dir, err := s.get(t.Context(), one)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "hello")); err != nil || string(got) != "one" {
			t.Errorf("hello is %q, %v", got, err)
		}
	}
	if builds.Load() != 1 {
		t.Errorf("built %d times, want once", builds.Load())
	}
	other, builds := greeting("other")
	if dir, err := s.get(t.Context(), other); err != nil || filepath.Base(dir) != "greeting-other" || builds.Load() != 1 {
		t.Errorf("another key gave %s, %v, after %d builds", dir, err, builds.Load())
	}
	for _, want := range []string{"[1/2] Greeting … building, no time", "[1/2] Greeting … built in ", "[1/2] Greeting … cached\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("progress lacks %q:\n%s", want, out)
		}
	}
}

func TestStoresOfSeveralProcessesBuildOnce(t *testing.T) {
	dir := t.TempDir()
	a, builds := greeting("shared")
	started, finish := make(chan struct{}), make(chan struct{})
	build := a.build
	a.build = func(ctx context.Context, dir string, log io.Writer) error {
		close(started) // a second build would panic here
		<-finish
		return build(ctx, dir, log)
	}
	var group sync.WaitGroup
	get := func() *lines {
		s, out := testStore(dir) // of its own, with a file descriptor of its own to lock, as another process has
		group.Go(func() {
			if _, err := s.get(context.Background(), a); err != nil {
				t.Error(err)
			}
		})
		return out
	}
	get()
	<-started
	waiting := get()
	waiting.await("waiting for another process")
	close(finish)
	group.Wait()
	if builds.Load() != 1 || !strings.Contains(waiting.String(), "built by another process") {
		t.Errorf("built %d times; the second said:\n%s", builds.Load(), waiting)
	}
}

func TestWaitingForAnotherProcessCanBeInterrupted(t *testing.T) {
	s, _ := testStore(t.TempDir())
	a, _ := greeting("x")
	unlock, err := s.lock(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.get(ctx, a); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want %v", err, context.Canceled)
	}
	unlock()
	if _, err := s.get(t.Context(), a); err != nil { // what was interrupted must not keep the lock
		t.Error(err)
	}
}

func TestFailedBuildLeavesNothingButItsLog(t *testing.T) {
	dir := t.TempDir()
	s, _ := testStore(dir)
	a, _ := greeting("x")
	build := a.build
	a.build = func(ctx context.Context, dir string, log io.Writer) error {
		if err := build(ctx, dir, log); err != nil {
			return err
		}
		fmt.Fprintln(log, "no space left on device")
		return errors.New("go: exit status 1")
	}
	_, err := s.get(t.Context(), a)
	if err == nil || !strings.Contains(err.Error(), "Greeting: go: exit status 1\ngreeting with x\nno space left on device") {
		t.Errorf("error is %v, want the cause and the end of the log", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
	a.build = build
	if _, err := s.get(t.Context(), a); err != nil {
		t.Errorf("the next attempt failed: %v", err)
	}
}

func TestBuildStartsAfreshAfterAKilledOne(t *testing.T) {
	dir := t.TempDir()
	left := filepath.Join(dir, ".building-greeting")
	if err := os.MkdirAll(filepath.Join(left, "half"), 0o755); err != nil {
		t.Fatal(err)
	}
	s, _ := testStore(dir)
	a, _ := greeting("x")
	built, err := s.get(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if exists(filepath.Join(built, "half")) || exists(left) {
		t.Error("what the killed build left is still there")
	}
}

func TestStoreForgetsOldKeysThatNobodyUses(t *testing.T) {
	dir := t.TempDir()
	s, _ := testStore(dir)
	get := func(key string) {
		t.Helper()
		a, _ := greeting(key)
		if _, err := s.get(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	keys := []string{"a", "b", "c", "d", "e"}
	for i, key := range keys { // "a" is the oldest; "e" was used today
		get(key)
		used := time.Now().Add(-24 * time.Hour * time.Duration(len(keys)-1-i))
		if err := os.Chtimes(filepath.Join(dir, "greeting-"+key), used, used); err != nil {
			t.Fatal(err)
		}
	}
	get("a") // in use again
	get("new")
	want := map[string]bool{"a": true, "e": true, "new": true}
	for _, key := range append(keys, "new") {
		if got := exists(filepath.Join(dir, "greeting-"+key)); got != want[key] {
			t.Errorf("greeting-%s is kept: %v, want %v", key, got, want[key])
		}
	}
}
