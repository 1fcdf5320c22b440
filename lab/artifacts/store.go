package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// store keeps artifacts in directories named for what they are and what they are made from.
type store struct {
	dir      string
	progress *progress
}

// artifact is one thing the store can hold.
type artifact struct {
	name  string // starts the directory's name; builds of one name exclude each other
	key   string // of everything it is made from
	title string // for people
	takes string // for people: what a first build costs
	// build fills dir. What its commands print goes to log.
	build func(ctx context.Context, dir string, log io.Writer) error
}

// get returns the directory that holds the artifact, building it first where there is none.
func (s store) get(ctx context.Context, a artifact) (string, error) {
	dir := filepath.Join(s.dir, a.name+"-"+a.key)
	if exists(dir) {
		s.progress.say(a.title, "cached")
		return dir, touch(dir)
	}
	unlock, err := s.lock(ctx, a)
	if err != nil {
		return "", err
	}
	defer unlock()
	if exists(dir) { // another process built it while this one waited
		s.progress.say(a.title, "built by another process")
		return dir, nil
	}
	if err := s.build(ctx, a, dir); err != nil {
		return "", fmt.Errorf("%s: %w", a.title, err)
	}
	return dir, nil
}

// build fills a directory beside the final one and renames it, so that what has the final name is complete.
func (s store) build(ctx context.Context, a artifact, dir string) error {
	staging := filepath.Join(s.dir, ".building-"+a.name)
	if err := os.RemoveAll(staging); err != nil { // of a build that was killed
		return err
	}
	if err := os.Mkdir(staging, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	logFile, err := os.Create(filepath.Join(s.dir, a.name+".log"))
	if err != nil {
		return err
	}
	defer logFile.Close()

	s.progress.say(a.title, "building, %s (log: %s)", a.takes, logFile.Name())
	start := time.Now()
	if err := a.build(ctx, staging, logFile); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w\n%s", err, tail(logFile.Name(), 15))
	}
	if err := os.Rename(staging, dir); err != nil {
		return err
	}
	s.progress.say(a.title, "built in %s", since(start))
	return s.prune(a, dir)
}

// lock excludes other builds of the same name on this machine, in this process or another.
func (s store) lock(ctx context.Context, a artifact) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(s.dir, a.name+".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	unlock = func() { file.Close() } // closing gives up the lock, and so does dying
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return unlock, nil
	}
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	s.progress.say(a.title, "waiting for another process that builds it")
	locked := make(chan error, 1)
	go func() {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		for errors.Is(err, syscall.EINTR) {
			err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		}
		locked <- err
	}()
	select {
	case err := <-locked:
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		return unlock, nil
	case <-ctx.Done():
		go func() { <-locked; file.Close() }() // flock can't be interrupted: give it up as soon as it is had
		return nil, ctx.Err()
	}
}

// touch notes that an artifact is in use.
func touch(dir string) error {
	now := time.Now()
	return os.Chtimes(dir, now, now)
}

// prune removes what the artifact was under older keys, unless it may still be in use: by a lab that runs, or by
// another clone of the repository.
func (s store) prune(a artifact, current string) error {
	const keep, young = 2, 24 * time.Hour
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	var older []fs.FileInfo
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), a.name+"-") || entry.Name() == filepath.Base(current) {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		older = append(older, info)
	}
	slices.SortFunc(older, func(x, y fs.FileInfo) int { return y.ModTime().Compare(x.ModTime()) })
	for i, info := range older {
		if i < keep || time.Since(info.ModTime()) < young {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.dir, info.Name())); err != nil {
			return err
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// tail is the end of a log, to be shown with the error it explains.
func tail(path string, lines int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
