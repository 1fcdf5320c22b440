package azure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/arm"
	"github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
)

// How azure-native repeats requests. It waits for 20, 60 and 120 seconds, or as long as Retry-After says.
const (
	retries         = 3
	realRetryDelay  = 20 * time.Second
	longestDelay    = 120 * time.Second
	leastJitter     = 0.8
	jitter          = 0.5
	conflictRetried = "AnotherOperationInProgress"
)

// DefaultRetryDelay is a twentieth of azure-native's.
const DefaultRetryDelay = time.Second

var retriedStatus = []int{
	http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
	http.StatusServiceUnavailable, http.StatusGatewayTimeout,
}

// unfinished is an error of a change that Azure had accepted.
type unfinished struct{ answer fault.Answer }

func (e *unfinished) Error() string { return e.answer.Error().Error() }

// request sends a request to the model, as the real provider's client does to Azure: what is said to pass is tried again.
// This is the one place where faults strike.
func (p *Provider) request(
	ctx context.Context, operation fault.Operation, kind *arm.Type, id string, send func(context.Context) (arm.Object, error),
) (arm.Object, error) {
	var struck *fault.Call
	for try := 1; ; try++ {
		if struck == nil || !struck.Insist {
			var err error
			if struck, err = p.faults.Strike(operation, kind.Token, arm.LastName(id)); err != nil {
				return nil, err
			}
		}
		answer, err := answered(ctx, struck, send)
		pause, again := p.pause(try, struck, err)
		if !again {
			return answer, err
		}
		if err := p.sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

func sleep(ctx context.Context, pause time.Duration) error {
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answered is the model's answer, or that of the fault the request ran into.
func answered(ctx context.Context, struck *fault.Call, send func(context.Context) (arm.Object, error)) (arm.Object, error) {
	if struck == nil {
		return send(ctx)
	}
	if struck.Answer.Changed {
		if answer, err := send(ctx); err != nil {
			return answer, err
		}
	}
	if struck.Answer.Polled {
		return nil, &unfinished{struck.Answer}
	}
	return nil, struck.Answer.Error()
}

// pause says whether a request is repeated after this error, and when.
func (p *Provider) pause(try int, struck *fault.Call, err error) (time.Duration, bool) {
	var refusal *arm.Error
	if !errors.As(err, &refusal) || try > retries {
		return 0, false
	}
	conflict := refusal.Status == http.StatusConflict && refusal.Code == conflictRetried
	if !conflict && !slices.Contains(retriedStatus, refusal.Status) {
		return 0, false
	}
	// Jitter, or those that got in each other's way would do so again.
	delay := time.Duration(float64((int(1)<<try-1)*int(realRetryDelay)) * (leastJitter + jitter*rand.Float64()))
	delay = min(delay, longestDelay)
	if struck != nil && struck.Answer.RetryAfter > 0 {
		delay = time.Duration(struck.Answer.RetryAfter) * time.Second
	}
	return time.Duration(float64(delay) * float64(p.retryDelay) / float64(realRetryDelay)), delay <= longestDelay
}

// get asks for a resource.
func (p *Provider) get(ctx context.Context, kind *arm.Type, id string) (arm.Object, error) {
	return p.request(ctx, fault.Read, kind, id, func(context.Context) (arm.Object, error) { return p.manager.Get(id) })
}

// checkAbsent is how a creation begins: what exists is never taken over.
func (p *Provider) checkAbsent(ctx context.Context, kind *arm.Type, id string) error {
	_, err := p.get(ctx, kind, id)
	var refusal *arm.Error
	switch {
	case err == nil:
		return fmt.Errorf("cannot create already existing resource '%s'", id)
	case arm.IsNotFound(err):
		return nil
	case errors.As(err, &refusal):
		body, _ := json.Marshal(map[string]any{"error": map[string]string{"code": refusal.Code, "message": refusal.Message}}) // strings always marshal
		return fmt.Errorf("cannot check existence of resource '%s': status code %d, %s", id, refusal.Status, body)
	}
	return err
}

// put writes a resource and reads it back. Where the reading fails, the answer to the writing has to do.
func (p *Provider) put(ctx context.Context, operation fault.Operation, kind *arm.Type, id string, body arm.Object) (arm.Object, error) {
	answer, err := p.request(ctx, operation, kind, id, func(ctx context.Context) (arm.Object, error) { return p.manager.Put(ctx, id, body) })
	if err != nil {
		return nil, err
	}
	if read, err := p.get(ctx, kind, id); err == nil {
		return read, nil
	}
	return answer, nil
}

// failure is the error of a write as the engine takes it: after a change that Azure had accepted, it comes with the
// resource's id and, where there was time to read it, its state, so that the resource is in Pulumi's hands.
func (p *Provider) failure(ctx context.Context, err error, kind *arm.Type, id string, inputs resource.PropertyMap, sent *structpb.Struct) error {
	var half *unfinished
	if !errors.As(err, &half) {
		return err
	}
	detail := &pulumirpc.ErrorResourceInitFailed{Id: id, Reasons: []string{err.Error()}, Inputs: sent}
	if half.answer.Status != 0 {
		if answer, err := p.get(ctx, kind, id); err == nil {
			detail.Properties = marshal(checkpoint(inputs, answer))
		}
	}
	withDetails, detailErr := status.New(codes.Unknown, err.Error()).WithDetails(detail)
	if detailErr != nil {
		return errors.Join(err, detailErr)
	}
	return withDetails.Err()
}
