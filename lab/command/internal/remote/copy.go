package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
)

// What is wrong with a source that is neither a file, a text nor a directory, as Check says it.
var (
	ErrNoSource  = errors.New("either asset or archive must be set")
	ErrNotOnDisk = errors.New("archive must be a path to a file or directory")
)

// Copy writes the source to the host over SFTP. Relative paths of the source start at dir. A file is truncated and
// written in place, so a reader may see half of it; mode and owner of an existing file stay.
func (d Dialer) Copy(ctx context.Context, in *CopyToRemoteInputs, dir string, log output.Log) error {
	client, err := d.dial(ctx, in.Connection, log)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	files, err := sftp.NewClient(client.Client)
	if err != nil {
		return err
	}
	defer func() { _ = files.Close() }()

	target := transfer{files}
	switch source := in.Source.(type) {
	case asset.Asset:
		if source.IsPath() {
			return target.path(onDisk(source.Path, dir), in.RemotePath)
		}
		return target.text(source, in.RemotePath)
	case archive.Archive:
		if !source.IsPath() {
			return ErrNotOnDisk
		}
		return target.path(onDisk(source.Path, dir), in.RemotePath)
	default:
		return ErrNoSource
	}
}

// onDisk makes the path absolute. A trailing slash stays: it says that the contents are meant, not the directory.
func onDisk(name, dir string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return strings.TrimSuffix(dir, "/") + "/" + name
}

// transfer writes files to one host.
type transfer struct {
	files *sftp.Client
}

func (t transfer) text(source asset.Asset, to string) error {
	if t.isDirectory(to) {
		return fmt.Errorf("remote path %s is a directory; when using a text asset, remotePath must be a file path", to)
	}
	content, err := source.Bytes()
	if err != nil {
		return err
	}
	if err := t.makeParents(to); err != nil {
		return err
	}
	return t.write(strings.NewReader(string(content)), to)
}

// path copies a local file or directory.
func (t transfer) path(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return t.directory(from, to)
	}
	if t.isDirectory(to) {
		to = path.Join(to, filepath.Base(from))
	}
	if err := t.makeParents(to); err != nil {
		return err
	}
	return t.file(from, to)
}

// directory copies a directory into to, or its contents if from ends in a slash.
func (t transfer) directory(from, to string) error {
	if _, err := t.files.Stat(to); errors.Is(err, os.ErrNotExist) {
		if err := t.files.MkdirAll(to); err != nil {
			return fmt.Errorf("failed to create parent directories for %s: %w", to, err)
		}
	}
	if !strings.HasSuffix(from, "/") {
		to = path.Join(to, filepath.Base(from))
	}
	return t.tree(from, to)
}

// tree copies what is in from, following symbolic links, and leaves what else is in to.
func (t transfer) tree(from, to string) error {
	if !t.isDirectory(to) {
		if err := t.files.Mkdir(to); err != nil {
			return fmt.Errorf("failed to create remote directory %s: %w", to, err)
		}
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		source, target := filepath.Join(from, entry.Name()), path.Join(to, entry.Name())
		info, err := os.Stat(source)
		if err != nil {
			return err
		}
		if info.IsDir() {
			err = t.tree(source, target)
		} else {
			err = t.file(source, target)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t transfer) file(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	return t.write(source, to)
}

func (t transfer) write(content io.Reader, to string) error {
	file, err := t.files.Create(to)
	if err != nil {
		return fmt.Errorf("failed to create remote file %s: %w", to, err)
	}
	if _, err := io.Copy(file, content); err != nil {
		_ = file.Close()
		return fmt.Errorf("failed to write remote file %s: %w", to, err)
	}
	return file.Close()
}

func (t transfer) makeParents(to string) error {
	if err := t.files.MkdirAll(path.Dir(to)); err != nil {
		return fmt.Errorf("failed to create parent directories for %s: %w", to, err)
	}
	return nil
}

func (t transfer) isDirectory(name string) bool {
	info, err := t.files.Stat(name)
	return err == nil && info.IsDir()
}
