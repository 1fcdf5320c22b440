package fabric

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// serveDownloads serves the files that machines download until ctx ends.
func serveDownloads(ctx context.Context, c Config) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", netip.AddrPortFrom(c.Downloads, 443).String())
	if err != nil {
		return fmt.Errorf("downloads: %w", err)
	}
	server := newDownloads(DownloadsDir)
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.ServeTLS(listener, Certificate, Key); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("downloads: %w", err)
	}
	return nil
}

// newDownloads is a web server of a directory's files.
func newDownloads(dir string) *http.Server {
	return &http.Server{Handler: http.FileServer(http.Dir(dir)), ReadHeaderTimeout: 10 * time.Second}
}
