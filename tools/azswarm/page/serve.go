package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/loopback"
)

// server shows pages to browsers on this machine, each as soon as there is a newer one.
type server struct {
	mutex sync.Mutex
	page  Page
	newer chan struct{} // closed when there is
}

// newServer begins with a page.
func newServer(first Page) *server { return &server{page: first, newer: make(chan struct{})} }

// show has a newer page.
func (s *server) show(page Page) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.page = page
	close(s.newer)
	s.newer = make(chan struct{})
}

func (s *server) current() (page Page, newer <-chan struct{}) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.page, s.newer
}

// serve answers until the context ends.
func (s *server) serve(ctx context.Context, listener net.Listener) error {
	web := &http.Server{
		Handler:           loopback.Only(s.handler()),
		ReadHeaderTimeout: 5 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // events end with it
	}
	stop := context.AfterFunc(ctx, func() { _ = web.Close() })
	defer stop()
	if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Live serves what a look finds, at once and again after each interval, until the context ends. It calls began once there is a page, and
// fails where the first look does; where a later one does, the page before it is shown, with the reason. The listener is closed.
func Live(ctx context.Context, listener net.Listener, interval time.Duration, look func(context.Context) (Page, error), began func()) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	last, err := look(ctx)
	if err != nil {
		_ = listener.Close()
		return err
	}
	began()
	server := newServer(last)
	go func() {
		for {
			select {
			case <-time.After(interval):
			case <-ctx.Done():
				return
			}
			newer, err := look(ctx)
			if err != nil {
				newer = last
				newer.Failure = err.Error()
			} else {
				last = newer
			}
			server.show(newer)
		}
	}()
	return server.serve(ctx, listener)
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		page, _ := s.current()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.execute(w, "document", true); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("GET /events", s.events)
	return mux
}

// events sends each page's body as an event, the current one first.
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	to := http.NewResponseController(w)
	for {
		page, newer := s.current()
		body, err := page.body()
		if err != nil {
			return
		}
		text, _ := json.Marshal(body) // a string always marshals, and has no line break then
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
			return
		}
		if err := to.Flush(); err != nil {
			return
		}
		select {
		case <-newer:
		case <-r.Context().Done():
			return
		}
	}
}
