package fabric

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

func TestDownloadsServesFilesThatComeLater(t *testing.T) {
	dir := t.TempDir()
	server := httptest.NewServer(newDownloads(dir).Handler)
	defer server.Close()
	get := func() (int, string) {
		t.Helper()
		response, err := http.Get(server.URL + "/engine-1/docker.tgz")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	if status, _ := get(); status != http.StatusNotFound {
		t.Errorf("status of a file that isn't there is %d, want %d", status, http.StatusNotFound)
	}
	if err := os.Mkdir(filepath.Join(dir, "engine-1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "engine-1", "docker.tgz"), []byte("archive"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, body := get(); status != http.StatusOK || body != "archive" {
		t.Errorf("%d, %q; want %d and the file", status, body, http.StatusOK)
	}
}
