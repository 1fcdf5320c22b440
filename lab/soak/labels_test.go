package main

import (
	"context"
	"errors"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/swarm"
)

func TestTheLabelIsTheLastOrMayBe(t *testing.T) {
	for name, c := range map[string]struct {
		then, now int
		possible  []int
		is        string
		fine      bool
	}{
		"nothing was written":               {0, 0, nil, "", true},
		"the last":                          {7, 7, []int{7}, "7", true},
		"one before the last":               {7, 7, []int{7}, "6", false},
		"it is gone":                        {7, 7, []int{7}, "", false},
		"one whose answer was lost":         {7, 7, []int{7, 9}, "9", true},
		"one that was refused":              {7, 7, []int{7, 9}, "8", false},
		"one that has been written since":   {7, 12, []int{12}, "11", true},
		"one that has yet to be written":    {7, 12, []int{12}, "13", false},
		"something that nobody has written": {7, 7, []int{7}, "x", false},
	} {
		if got := compareLabel(c.then, c.now, c.possible, c.is); (len(got) == 0) != c.fine {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// fakeAPI has one service.
type fakeAPI struct {
	service         swarm.Service
	inspect, update error
	applies         bool // an update with an error is applied all the same
}

func (f *fakeAPI) ServiceInspectWithRaw(context.Context, string, swarm.ServiceInspectOptions) (swarm.Service, []byte, error) {
	return f.service, nil, f.inspect
}

func (f *fakeAPI) ServiceUpdate(_ context.Context, _ string, _ swarm.Version, spec swarm.ServiceSpec, _ swarm.ServiceUpdateOptions) (swarm.ServiceUpdateResponse, error) {
	if f.update == nil || f.applies {
		f.service.Spec = spec
	}
	return swarm.ServiceUpdateResponse{}, f.update
}

func TestLabelsAreWrittenAndRemembered(t *testing.T) {
	var l labels
	f := &fakeAPI{}
	write := func(number int, want outcome) {
		t.Helper()
		then := l.sure()
		if got := l.write(t.Context(), f, number); got != want {
			t.Errorf("write %d: %d, want %d", number, got, want)
		}
		if got := l.wrong(then, f.service.Spec.Labels[label]); len(got) > 0 {
			t.Errorf("after writing %d: %v", number, got)
		}
	}
	write(1, acknowledged)
	f.inspect = errors.New("no manager answers")
	write(2, refused)
	f.inspect, f.update = nil, errdefs.ErrInvalidArgument
	write(3, refused)
	f.update = errors.New("connection reset by peer")
	write(4, unknown)
	f.applies = true
	write(5, unknown)
	f.update = nil
	write(6, acknowledged)
	if l.acknowledged != 6 || len(l.possible) != 1 {
		t.Errorf("remembered is %+v", &l)
	}
	f.service.Spec.Labels = nil
	if len(l.wrong(l.sure(), f.service.Spec.Labels[label])) == 0 {
		t.Error("a label that is lost isn't noticed")
	}
}
