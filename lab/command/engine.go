package command

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// logTimeout bounds one message: an engine that is gone must not hold up a command.
const logTimeout = 10 * time.Second

// engine is the connection to the engine that attached last, if any.
type engine struct {
	mu      sync.Mutex
	address string
	conn    *grpc.ClientConn
}

func (e *engine) attach(address string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if address == "" || address == e.address {
		return nil
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connect to the engine at %s: %w", address, err)
	}
	if e.conn != nil {
		_ = e.conn.Close()
	}
	e.address, e.conn = address, conn
	return nil
}

func (e *engine) client() pulumirpc.EngineClient {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn == nil {
		return nil
	}
	return pulumirpc.NewEngineClient(e.conn)
}

// resourceLog sends messages to the engine, to be shown at one resource.
type resourceLog struct {
	engine *engine
	urn    string
}

func (l resourceLog) Status(text string)  { l.send(pulumirpc.LogSeverity_INFO, text, true) }
func (l resourceLog) Warning(text string) { l.send(pulumirpc.LogSeverity_WARNING, text, false) }
func (l resourceLog) Error(text string)   { l.send(pulumirpc.LogSeverity_ERROR, text, false) }

// send does not report failures: a message that nobody can read is no reason to fail a command.
func (l resourceLog) send(severity pulumirpc.LogSeverity, text string, ephemeral bool) {
	client := l.engine.client()
	if client == nil {
		return
	}
	// Not the context of the operation: what a cancelled command wrote last is shown too.
	ctx, cancel := context.WithTimeout(context.Background(), logTimeout)
	defer cancel()
	_, _ = client.Log(ctx, &pulumirpc.LogRequest{
		Severity: severity, Message: strings.ToValidUTF8(text, "\uFFFD"), Urn: l.urn, Ephemeral: ephemeral,
	})
}
