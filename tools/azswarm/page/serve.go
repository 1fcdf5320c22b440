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
)

// Server shows pages to browsers on this machine, each as soon as there is a newer one.
type Server struct {
	mutex sync.Mutex
	page  Page
	newer chan struct{} // closed when there is
}

// NewServer begins with a page.
func NewServer(first Page) *Server { return &Server{page: first, newer: make(chan struct{})} }

// Show has a newer page.
func (s *Server) Show(page Page) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.page = page
	close(s.newer)
	s.newer = make(chan struct{})
}

func (s *Server) current() (page Page, newer <-chan struct{}) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.page, s.newer
}

// Listen opens a port of the loopback interface. Addresses that others could reach are refused: the page asks nobody who they are.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("address %q: must be HOST:PORT, as in localhost:8080: %w", address, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("address %q: must be of the loopback interface, as in localhost:8080; from elsewhere, forward it over SSH", address)
	}
	return net.Listen("tcp", address)
}

// Serve answers until the context ends.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           onlyLoopback(s.handler()),
		ReadHeaderTimeout: 5 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx }, // events end with it
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Live serves a first page, and whatever a look finds after each interval, until the context ends. Where a look fails, the page before it
// is shown, with the reason.
func Live(ctx context.Context, listener net.Listener, interval time.Duration, first Page, look func(context.Context) (Page, error)) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	server := NewServer(first)
	go func() {
		last := first
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
			server.Show(newer)
		}
	}()
	return server.Serve(ctx, listener)
}

// onlyLoopback refuses requests for other names: a page of somebody else's may have its name resolved to this machine.
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "ask for localhost", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) handler() http.Handler {
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
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
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
