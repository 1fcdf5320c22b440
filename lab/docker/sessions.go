package docker

import (
	"context"
	"errors"
	"sync"

	"github.com/docker/docker/client"
	"google.golang.org/grpc/peer"
)

// sessions are the configured Docker hosts by connection of the engine. The session of a connection that went
// away without a word stays until its address comes again; it is a few bytes by then.
type sessions struct {
	mu           sync.Mutex
	byConnection map[string]*session
	last         *session
}

// session is one configured Docker host.
type session struct {
	docker *client.Client
	ended  context.Context
	end    context.CancelFunc
}

// connectionOf names the connection that a call came on; it is empty for a call inside this process.
func connectionOf(ctx context.Context) string {
	if caller, ok := peer.FromContext(ctx); ok && caller.Addr != nil {
		return caller.Addr.String()
	}
	return ""
}

// set makes a Docker host that of a connection, and of all connections without one.
func (s *sessions) set(connection string, docker *client.Client) {
	s.end(connection)
	s.mu.Lock()
	defer s.mu.Unlock()
	ended, end := context.WithCancel(context.Background())
	s.last = &session{docker: docker, ended: ended, end: end}
	if s.byConnection == nil {
		s.byConnection = map[string]*session{}
	}
	s.byConnection[connection] = s.last
}

// use returns the Docker host for a call, and a context that ends with the call or with the session.
func (s *sessions) use(ctx context.Context) (context.Context, *session, context.CancelFunc, error) {
	s.mu.Lock()
	current := s.byConnection[connectionOf(ctx)]
	if current == nil {
		current = s.last
	}
	s.mu.Unlock()
	if current == nil {
		return nil, nil, nil, errors.New("the docker provider is not configured: no Docker host is known yet")
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(current.ended, cancel)
	return ctx, current, func() { stop(); cancel() }, nil
}

// end cancels the calls of a connection's session and forgets it.
func (s *sessions) end(connection string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	current := s.byConnection[connection]
	if current == nil {
		return
	}
	current.end()
	_ = current.docker.Close() // only drops idle connections
	delete(s.byConnection, connection)
	if s.last == current {
		s.last = nil
	}
}
