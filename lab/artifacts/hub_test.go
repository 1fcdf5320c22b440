package artifacts

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestHubAnswersOnlyWhereARegistryDoes(t *testing.T) {
	for status, want := range map[int]bool{
		http.StatusOK: true, http.StatusUnauthorized: true, http.StatusForbidden: false, http.StatusBadGateway: false,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		if got := hubAnswers(t.Context(), server.URL); got != want {
			t.Errorf("status %d: answers is %v, want %v", status, got, want)
		}
		server.Close()
		if hubAnswers(t.Context(), server.URL) {
			t.Error("a closed server answers")
		}
	}
}

func TestPullThroughMakesAnEmptyCache(t *testing.T) {
	s, out := testStore(t.TempDir())
	b := &builder{store: s, progress: s.progress}
	var set Set
	if err := b.pullThrough(context.Background(), &set); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(set.Registry); err != nil || len(entries) != 0 {
		t.Errorf("registry holds %v, %v; want an empty directory", entries, err)
	}
	if !strings.Contains(out.String(), "from Docker Hub") {
		t.Errorf("progress doesn't say where images come from: %s", out)
	}
}

func TestEnsureRefusesUnknownHub(t *testing.T) {
	_, err := Ensure(t.Context(), Options{Hub: "sometimes"})
	if err == nil || !strings.Contains(err.Error(), `Hub is "sometimes": must be "always", "never", or empty`) {
		t.Errorf("error is %v, want the value and what is allowed", err)
	}
}
