package command

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/status"
)

func text(content string) map[string]any {
	return map[string]any{assetMark: map[string]any{"text": content, "hash": "hash of " + content}}
}

func file(path string) map[string]any {
	return map[string]any{assetMark: map[string]any{"path": path, "hash": "hash of " + path}}
}

func directory(path string) map[string]any {
	return map[string]any{archiveMark: map[string]any{"path": path, "hash": "hash of " + path}}
}

func TestCopyToRemotePathRules(t *testing.T) {
	for name, test := range map[string]struct {
		source any
		to     string
		before map[string]string // on the target
		added  map[string]string
		err    string
	}{
		"file, parents made":         {source: file("f.txt"), to: "/srv/new/deep/g.txt", added: map[string]string{"/srv/new/deep/g.txt": "f"}},
		"file into a directory":      {source: file("f.txt"), to: "/srv/d", before: map[string]string{"/srv/d/": ""}, added: map[string]string{"/srv/d/f.txt": "f"}},
		"file over a file":           {source: file("f.txt"), to: "/srv/g", before: map[string]string{"/srv/g": "longer than f"}, added: map[string]string{"/srv/g": "f"}},
		"relative to the home":       {source: text("t"), to: "rel", added: map[string]string{"/root/rel": "t"}},
		"tilde is a name":            {source: text("t"), to: "~/g", added: map[string]string{"/root/~/g": "t"}},
		"secret text":                {source: map[string]any{secretMark: text("t")}, to: "/g", added: map[string]string{"/g": "t"}},
		"directory by its name":      {source: directory("dir"), to: "/srv/d", added: map[string]string{"/srv/d/dir/a": "a", "/srv/d/dir/sub/b": "b", "/srv/d/dir/link/b": "b"}},
		"contents of a directory":    {source: directory("dir/"), to: "/srv/d", added: map[string]string{"/srv/d/a": "a", "/srv/d/sub/b": "b", "/srv/d/link/b": "b"}},
		"directory over itself":      {source: directory("dir/"), to: "/srv", before: map[string]string{"/srv/a": "old", "/srv/stays": "s"}, added: map[string]string{"/srv/a": "a", "/srv/sub/b": "b", "/srv/link/b": "b"}},
		"archive file stays packed":  {source: directory("f.txt"), to: "/srv/t.tgz", added: map[string]string{"/srv/t.tgz": "f"}},
		"text onto a directory":      {source: text("t"), to: "/srv/d", before: map[string]string{"/srv/d/": ""}, err: "remote path /srv/d is a directory; when using a text asset, remotePath must be a file path"},
		"directory onto a file":      {source: directory("dir"), to: "/srv/g", before: map[string]string{"/srv/g": "g"}, err: "failed to create remote directory /srv/g/dir: file does not exist"},
		"parents that cannot be":     {source: text("t"), to: "/proc/no/g", err: "failed to create parent directories for /proc/no/g: file does not exist"},
		"local file that has gone":   {source: file("gone"), to: "/g", err: "stat DIR/gone: no such file or directory"},
		"empty text, empty contents": {source: map[string]any{assetMark: map[string]any{"hash": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}, to: "/g", added: map[string]string{"/g": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Dir = t.TempDir()
			for name, content := range map[string]string{"f.txt": "f", "dir/a": "a", "dir/sub/b": "b"} {
				putFile(t, filepath.Join(w.Dir, name), name, content)
			}
			if err := os.Symlink("sub", filepath.Join(w.Dir, "dir", "link")); err != nil {
				t.Fatal(err)
			}
			for name, content := range test.before {
				w.put(t, name, content)
			}
			want := remoteFiles(t, w)
			for name, content := range test.added {
				want[name] = content
			}
			_, err := w.create(t, copyURN, nil, map[string]any{"source": test.source, "remotePath": test.to})
			if message := strings.ReplaceAll(status.Convert(err).Message(), w.Dir, "DIR"); message != test.err {
				t.Fatalf("error %q, want %q", message, test.err)
			}
			if got := remoteFiles(t, w); !reflect.DeepEqual(got, want) {
				t.Errorf("files %q, want %q", got, want)
			}
		})
	}
}

// remoteFiles are the files on the target, and what is in them.
func remoteFiles(t *testing.T, w *world) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(w.target.Root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found[strings.TrimPrefix(path, w.target.Root)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCopyToRemoteCopiesOnlyWhatIsNewOrGoesElsewhere(t *testing.T) {
	for name, test := range map[string]struct {
		connection map[string]any
		news       map[string]any
		copies     bool
	}{
		"other connection":    {connection: map[string]any{"dialErrorLimit": 7.0}, news: map[string]any{"source": text("a"), "remotePath": "/a"}},
		"other trigger":       {news: map[string]any{"source": text("a"), "remotePath": "/a", "triggers": []any{"t2"}}},
		"now a secret":        {news: map[string]any{"source": map[string]any{secretMark: text("a")}, "remotePath": "/a"}},
		"other content":       {news: map[string]any{"source": text("b"), "remotePath": "/a"}, copies: true},
		"other place":         {news: map[string]any{"source": text("a"), "remotePath": "/b"}, copies: true},
		"directory, not file": {news: map[string]any{"source": directory("dir"), "remotePath": "/a"}, copies: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Dir = t.TempDir()
			putFile(t, filepath.Join(w.Dir, "dir/x"), "dir/x", "x")
			// In an old state the engine keeps no more of an asset than its hash.
			old := map[string]any{"remotePath": "/a", "triggers": []any{"t1"}, "source": map[string]any{assetMark: map[string]any{"hash": "hash of a"}}}
			_, err := w.client.Update(t.Context(), &pulumirpc.UpdateRequest{
				Urn: copyURN, Olds: w.inputs(t, nil, old), News: w.inputs(t, test.connection, test.news),
			})
			if err != nil {
				t.Fatal(err)
			}
			if copied := len(remoteFiles(t, w)) > 0; copied != test.copies || (len(w.dials) > 0) != test.copies {
				t.Errorf("copied: %v, dials %v; want %v", copied, w.dials, test.copies)
			}
		})
	}
}

func TestCopyToRemoteNeverTakesFilesBack(t *testing.T) {
	w := newWorld(t)
	w.put(t, "/a", "a")
	state := w.inputs(t, nil, map[string]any{"source": text("a"), "remotePath": "/a"})
	if _, err := w.client.Delete(t.Context(), &pulumirpc.DeleteRequest{Urn: copyURN, Properties: state}); err != nil {
		t.Fatal(err)
	}
	if len(w.dials) != 0 || remoteFiles(t, w)["/a"] != "a" {
		t.Errorf("files %q after dials %v, want /a untouched", remoteFiles(t, w), w.dials)
	}
}
