package distribution

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
)

// File is a file to be put into a layer.
type File struct {
	Path string // in the image, absolute
	From string // on this machine
	Mode int64  // permission bits
}

// Layer is a layer in a storage.
type Layer struct {
	Digest digest.Digest // of the layer as it is stored
	Size   int64         // of the layer as it is stored
	DiffID digest.Digest // of the tar in it
}

// Archive is the tar of a layer. It has each path once: engines refuse a layer that has one twice.
type Archive struct {
	tar   *tar.Writer
	kinds map[string]byte // of what is at a path: its type flag
}

// WriteFiles adds files, owned by root.
func (a *Archive) WriteFiles(files ...File) error {
	for _, file := range files {
		if err := a.writeFile(file); err != nil {
			return fmt.Errorf("layer file %s: %w", file.Path, err)
		}
	}
	return nil
}

// WriteTar adds everything that is in a tar. Directories that are there already stay as they are; anything else that is there already is
// an error.
func (a *Archive) WriteTar(from io.Reader) error {
	source := tar.NewReader(from)
	for {
		header, err := source.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := a.add(header, source); err != nil {
			return fmt.Errorf("layer file %s: %w", header.Name, err)
		}
	}
}

func (a *Archive) add(header *tar.Header, content io.Reader) error {
	name := path.Clean(header.Name)
	if kind, found := a.kinds[name]; found {
		if kind == tar.TypeDir && header.Typeflag == tar.TypeDir {
			return nil
		}
		return errors.New("is in the layer already")
	}
	a.kinds[name] = header.Typeflag
	if err := a.tar.WriteHeader(header); err != nil {
		return err
	}
	_, err := io.Copy(a.tar, content)
	return err
}

func (a *Archive) writeFile(file File) error {
	from, err := os.Open(file.From)
	if err != nil {
		return err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return err
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     strings.TrimPrefix(path.Clean(file.Path), "/"),
		Mode:     file.Mode,
		Size:     info.Size(),
		ModTime:  time.Unix(0, 0), // a fixed one, for a digest that depends on the content alone
	}
	return a.add(header, from)
}

// AddLayer stores the layer that write writes, in the frame of gzip that registries expect.
func (s Storage) AddLayer(write func(*Archive) error) (layer Layer, err error) {
	file, err := os.CreateTemp(s.root, "layer-")
	if err != nil {
		return Layer{}, err
	}
	defer os.Remove(file.Name()) // gone where it was stored
	defer file.Close()

	compressed, plain := digest.Canonical.Digester(), digest.Canonical.Digester()
	// Not compressed: layers travel between containers on one machine, and every one of dozens would unpack them.
	zip, err := gzip.NewWriterLevel(io.MultiWriter(file, compressed.Hash()), gzip.NoCompression)
	if err != nil {
		return Layer{}, err
	}
	archive := tar.NewWriter(io.MultiWriter(zip, plain.Hash()))
	if err := write(&Archive{tar: archive, kinds: map[string]byte{}}); err != nil {
		return Layer{}, err
	}
	if err := archive.Close(); err != nil {
		return Layer{}, err
	}
	if err := zip.Close(); err != nil {
		return Layer{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return Layer{}, err
	}
	layer = Layer{Digest: compressed.Digest(), Size: info.Size(), DiffID: plain.Digest()}
	target := s.blob(layer.Digest)
	if err := makeParent(target); err != nil {
		return Layer{}, err
	}
	return layer, os.Rename(file.Name(), target)
}
