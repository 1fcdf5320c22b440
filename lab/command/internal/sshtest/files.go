package sshtest

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/pkg/sftp"
)

// files serves the files below a directory.
type files struct {
	root string
}

func handlers(root string) sftp.Handlers {
	f := files{root}
	return sftp.Handlers{FileGet: f, FilePut: f, FileCmd: f, FileList: f}
}

// local is where a file is. Like the real /proc, the one of the server takes no files.
func (f files) local(name string) (string, error) {
	if strings.HasPrefix(name, "/proc/") {
		return "", os.ErrNotExist
	}
	return filepath.Join(f.root, name), nil
}

// asOpenSSH reports a file where a directory should be as OpenSSH does: as one that does not exist.
func asOpenSSH(err error) error {
	if errors.Is(err, syscall.ENOTDIR) {
		return os.ErrNotExist
	}
	return err
}

// Fileread opens a file for reading.
func (f files) Fileread(r *sftp.Request) (io.ReaderAt, error) {
	name, err := f.local(r.Filepath)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	return file, asOpenSSH(err)
}

// Filewrite opens a file for writing.
func (f files) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	name, err := f.local(r.Filepath)
	if err != nil {
		return nil, err
	}
	flags := os.O_WRONLY
	if r.Pflags().Creat {
		flags |= os.O_CREATE
	}
	if r.Pflags().Trunc {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(name, flags, 0o644)
	return file, asOpenSSH(err)
}

// Filecmd makes directories; nothing else is needed here.
func (f files) Filecmd(r *sftp.Request) error {
	name, err := f.local(r.Filepath)
	if err != nil {
		return err
	}
	if r.Method != "Mkdir" {
		return sftp.ErrSSHFxOpUnsupported
	}
	return asOpenSSH(os.Mkdir(name, 0o755))
}

// Filelist describes one file.
func (f files) Filelist(r *sftp.Request) (sftp.ListerAt, error) {
	name, err := f.local(r.Filepath)
	if err != nil {
		return nil, err
	}
	if r.Method != "Stat" {
		return nil, sftp.ErrSSHFxOpUnsupported
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, asOpenSSH(err)
	}
	return one{info}, nil
}

type one struct {
	info os.FileInfo
}

// ListAt lists the one file.
func (o one) ListAt(infos []os.FileInfo, offset int64) (int, error) {
	if offset > 0 {
		return 0, io.EOF
	}
	infos[0] = o.info
	return 1, io.EOF
}
