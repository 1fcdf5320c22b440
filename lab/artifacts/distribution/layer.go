package distribution

import (
	"archive/tar"
	"compress/gzip"
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

// WriteFiles adds files, owned by root, to a layer's tar.
func WriteFiles(archive *tar.Writer, files ...File) error {
	for _, file := range files {
		if err := writeFile(archive, file); err != nil {
			return fmt.Errorf("layer file %s: %w", file.Path, err)
		}
	}
	return nil
}

// WriteTar adds everything that is in a tar to a layer's.
func WriteTar(archive *tar.Writer, from io.Reader) error {
	source := tar.NewReader(from)
	for {
		header, err := source.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(header); err != nil {
			return fmt.Errorf("layer file %s: %w", header.Name, err)
		}
		if _, err := io.Copy(archive, source); err != nil {
			return fmt.Errorf("layer file %s: %w", header.Name, err)
		}
	}
}

func writeFile(archive *tar.Writer, file File) error {
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
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(archive, from)
	return err
}

// AddLayer stores the tar that write writes, in the frame of gzip that registries expect.
func (s Storage) AddLayer(write func(io.Writer) error) (layer Layer, err error) {
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
	if err := write(io.MultiWriter(zip, plain.Hash())); err != nil {
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
