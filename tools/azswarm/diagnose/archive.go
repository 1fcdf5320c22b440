package diagnose

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"time"
)

// updateErrorFile is the archive's file with what Pulumi said.
const updateErrorFile = "update-error.txt"

// File is one of the archive's.
type File struct {
	Name string
	Text string
}

// Files are the machines' files.
func Files(machines []Machine) []File {
	var files []File
	for _, machine := range machines {
		dir := path.Join("machines", safeName(machine.Name))
		if machine.Err != "" {
			files = append(files, File{
				Name: path.Join(dir, "no-answer.txt"),
				Text: machine.Err + "\n",
			})
		}
		for _, section := range machine.Sections {
			files = append(files, File{
				Name: path.Join(dir, safeName(section.Name)+".txt"),
				Text: section.Text + "\n",
			})
		}
	}
	return files
}

// safeName keeps what machines say from naming files elsewhere.
func safeName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, name)
}

// UpdateError is the file with what Pulumi said.
func UpdateError(text string) File {
	return File{
		Name: updateErrorFile,
		Text: text,
	}
}

// Write makes a compressed archive, of files in one directory, that only this user may read. What is at the path already is not
// touched, which is an error.
func Write(archive, dir string, files []File, now time.Time) (err error) {
	out, err := os.OpenFile(archive, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	defer func() {
		if err = errors.Join(err, out.Close()); err != nil {
			_ = os.Remove(archive)
			err = fmt.Errorf("write the archive %s: %w", archive, err)
		}
	}()
	compressed := gzip.NewWriter(out)
	entries := tar.NewWriter(compressed)
	for _, file := range files {
		header := &tar.Header{
			Name:    path.Join(dir, file.Name),
			Mode:    0o600,
			Size:    int64(len(file.Text)),
			ModTime: now,
		}
		if err := entries.WriteHeader(header); err != nil {
			return err
		}
		if _, err := entries.Write([]byte(file.Text)); err != nil {
			return err
		}
	}
	return errors.Join(entries.Close(), compressed.Close())
}
