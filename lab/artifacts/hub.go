package artifacts

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// hubEndpoint is where Docker Hub speaks the registry protocol.
const hubEndpoint = "https://registry-1.docker.io/v2/"

// hubAnswers says whether a registry answers at the endpoint, within the time people don't notice.
func hubAnswers(ctx context.Context, endpoint string) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	// A registry that wants a token says 401; a captive portal or a blocking proxy says something else.
	return response.StatusCode == http.StatusOK || response.StatusCode == http.StatusUnauthorized
}

// pullThrough makes the directory in which a registry keeps what nodes pulled from Docker Hub.
func (b *builder) pullThrough(_ context.Context, set *Set) error {
	set.Registry = filepath.Join(b.store.dir, "docker-hub")
	b.progress.say("Images", "from Docker Hub, cached in %s", set.Registry)
	return os.MkdirAll(set.Registry, 0o755)
}
