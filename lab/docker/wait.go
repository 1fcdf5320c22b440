package docker

import (
	"context"
	"time"
)

// timing holds the clock and the times that tests change.
type timing struct {
	now   func() time.Time
	pause func(ctx context.Context, d time.Duration) error // ends early, with an error, if the context does

	connect       time.Duration // bound on the first contact with a daemon that does not answer at all
	poll          time.Duration // between two looks at a condition
	allocation    time.Duration // bound on Swarm's allocating a network; one that cannot be allocated stays bare
	removal       time.Duration // bound on a network's still being used
	updateDelay   time.Duration // before the first look at an updated service, whatever convergeConfig says
	immediateExit time.Duration // how long a container must keep running to count as running
}

var realTiming = timing{
	now:           time.Now,
	pause:         pause,
	connect:       20 * time.Second,
	poll:          200 * time.Millisecond,
	allocation:    2 * time.Second,
	removal:       30 * time.Second,
	updateDelay:   7 * time.Second,
	immediateExit: 500 * time.Millisecond,
}

// until looks at the condition again and again until it holds, fails, or the bound has passed; then it reports
// false.
func (t timing) until(ctx context.Context, bound time.Duration, condition func(context.Context) (bool, error)) (bool, error) {
	deadline := t.now().Add(bound)
	for {
		done, err := condition(ctx)
		if done || err != nil {
			return done, err
		}
		if !t.now().Before(deadline) {
			return false, nil
		}
		if err := t.pause(ctx, t.poll); err != nil {
			return false, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
