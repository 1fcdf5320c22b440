//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
)

// What goes wrong. Azure's Retry-After spares the test the provider's own pauses.
var (
	refused = fault.Answer{Status: 403, Code: "RequestDisallowedByPolicy", Message: "refused once by a policy"}
	busy    = []fault.Answer{soon(fault.Conflict()), soon(fault.Throttled(1)), soon(fault.ServerError())}
	lost    = soon(fault.Answer{Status: 504, Code: "GatewayTimeout", Message: "the gateway gave up", Changed: true})
)

func soon(answer fault.Answer) fault.Answer {
	answer.RetryAfter = 1
	return answer
}

// faultsOnPaper are the stages of a test in which every call fails once.
type faultsOnPaper struct {
	*paperLab
	all   []target
	whole map[string]string // what Azure has when nothing fails
}

// survivesEveryFailure lets every call of the dev stack to Azure fail once, in every way that one can.
func survivesEveryFailure(t *testing.T) {
	p := newPaperLab(t, "e2e-faults-paper")
	f := &faultsOnPaper{p, p.targets(t), p.picture(t, "keyData")} // every destroy takes the keys along
	started, runs := time.Now(), p.runs
	p.mustOperate(t, "destroy")
	for _, stage := range []struct {
		what string
		do   func(*testing.T)
	}{
		{"existence checks are refused", f.refusesChecks},
		{"creations are refused", f.refusesCreations},
		{"creations take too long", f.outlastsCreations},
		{"Azure stays busy", f.staysBusy},
		{"Azure is busy for a moment", f.isBusy},
		{"reading back fails", f.hidesCreations},
		{"answers are lost", f.losesAnswers},
		{"updates fail", f.failsUpdates},
		{"deletions fail", f.failsDeletions},
	} {
		began, before := time.Now(), p.runs
		t.Run(stage.what, stage.do)
		t.Logf("%s: %d runs of Pulumi, %s", stage.what, p.runs-before, time.Since(began).Round(time.Second/10))
	}
	t.Logf("%d runs of Pulumi, %s", p.runs-runs, time.Since(started).Round(time.Second))
	p.detach()
	p.run(t, "down")
}

// onward is an update that goes on with what doesn't depend on what failed, so that much fails in one run.
func (f *faultsOnPaper) onward(t *testing.T) func() pulumiRun {
	return func() pulumiRun { return f.operate(t, "up", "--suppress-outputs", "--continue-on-error") }
}

// oneByOne is an update in which a single call fails: with one operation at a time, the first failure is the last.
func (f *faultsOnPaper) oneByOne(t *testing.T) func() pulumiRun {
	return func() pulumiRun { return f.operate(t, "up", "--suppress-outputs", "--parallel", "1") }
}

// expectNothingToDo expects the next update to change nothing.
func (p *paperLab) expectNothingToDo(t *testing.T) {
	t.Helper()
	for _, s := range p.mustOperate(t, "up", "--suppress-outputs").steps {
		if s.Op != "same" {
			t.Errorf("the next up changes something: %s of %s", s.Op, s.URN)
		}
	}
}

// expectWhole expects Azure to have what it has when nothing fails.
func (f *faultsOnPaper) expectWhole(t *testing.T) {
	t.Helper()
	f.set(t, nil)
	if difference := differs(f.whole, f.picture(t, "keyData")); difference != "" {
		t.Errorf("Azure is not as it is without failures: %s", difference)
	}
}

// end expects the stack to be whole, and takes it down.
func (f *faultsOnPaper) end(t *testing.T) {
	t.Helper()
	f.expectWhole(t)
	f.mustOperate(t, "destroy")
	if left := f.azure(t).Resources(); len(left) > 0 {
		t.Errorf("after a destroy, Azure still has %v", left)
	}
}

func (f *faultsOnPaper) refusesChecks(t *testing.T) {
	calls := once(f.all, fault.Read, refused)
	for i := range calls {
		calls[i].said = `"message":"` + refused.Message + `"`
	}
	f.failEach(t, calls, f.onward(t))
	f.end(t)
}

func (f *faultsOnPaper) refusesCreations(t *testing.T) {
	calls := once(f.all, fault.Create, refused)
	if runs := f.failEach(t, calls, f.oneByOne(t)); runs != len(calls) {
		t.Errorf("%d updates failed, want one for each of %d creations", runs, len(calls))
	}
	f.expectNothingToDo(t)
	f.end(t)
}

// The resource is there, and Pulumi has its id: the next update finishes it.
func (f *faultsOnPaper) outlastsCreations(t *testing.T) {
	f.failEach(t, once(f.all, fault.Create, fault.TimedOut()), f.onward(t))
	f.expectNothingToDo(t)
	f.end(t)
}

func (f *faultsOnPaper) staysBusy(t *testing.T) {
	f.failEach(t, insisting(once(oneOfEach(f.all), fault.Create, busy...)), f.onward(t))
	f.end(t)
}

func (f *faultsOnPaper) isBusy(t *testing.T) {
	f.unnoticed(t, once(f.all, fault.Create, busy...), f.onward(t))
	f.end(t)
}

// After the existence check, every creation reads the resource back: where that fails, the answer to the creation has to do.
func (f *faultsOnPaper) hidesCreations(t *testing.T) {
	calls := once(f.all, fault.Read, refused)
	for i := range calls {
		calls[i].Skip = 1
	}
	f.unnoticed(t, calls, f.onward(t))
	f.end(t)
}

// losesAnswers has Azure create what Pulumi never learns of. No update takes it over: it says what is in the way, and somebody
// has to delete that, as docs/operations.md says. A group is in nobody's way, as the next one has another name.
func (f *faultsOnPaper) losesAnswers(t *testing.T) {
	calls := insisting(once(oneOfEach(f.all), fault.Create, lost))
	f.set(t, calls)
	before := make([]bool, len(calls))
	for {
		r, now := f.onward(t)(), f.struck(t)
		var created []string
		for i, call := range calls {
			if now[i] && !before[i] {
				created = append(created, call.as)
				if !r.blames(call) {
					t.Errorf("%s failed, and the error doesn't name it and %q\n%s", call, call.said, tail(r.output))
				}
			}
		}
		before = now
		if r.err == nil {
			break
		}
		unknown, gone := f.strays(t)
		if len(unknown) != len(created) || len(gone) > 0 {
			t.Fatalf("after the answers for %v were lost, Pulumi doesn't know of %v and believes in %v", created, unknown, gone)
		}
		if strings.Contains(unknown[0], "/providers/") {
			again := f.onward(t)()
			for _, id := range unknown {
				if want := "cannot create already existing resource '" + id + "'"; !strings.Contains(again.output, want) {
					t.Errorf("the next up doesn't say %q\n%s", want, tail(again.output))
				}
			}
			if still, _ := f.strays(t); !slices.Equal(still, unknown) {
				t.Errorf("the next up leaves %v that Pulumi doesn't know, after %v", still, unknown)
			}
		}
		f.removeBehind(t, unknown)
	}
	f.allStruck(t, calls)
	f.expectNothingToDo(t)
	f.end(t)
}

// removeBehind deletes resources without Pulumi learning of it.
func (p *paperLab) removeBehind(t *testing.T, ids []string) {
	t.Helper()
	p.detach() // which has the model in its memory
	provider := p.azure(t)
	for _, id := range ids {
		if err := provider.Remove(t.Context(), id); err != nil {
			t.Fatalf("delete %s: %v", id, err)
		}
	}
	p.attach(t)
}

// failsUpdates changes a tag, which every resource has.
func (f *faultsOnPaper) failsUpdates(t *testing.T) {
	f.mustOperate(t, "up")
	f.tag(t, "refused")
	f.failEach(t, once(f.all, fault.Update, refused), f.onward(t))
	f.tag(t, "outlasted")
	f.failEach(t, once(oneOfEach(f.all), fault.Update, fault.TimedOut()), f.onward(t))
	f.expectNothingToDo(t)
	f.tag(t, "dev")
	f.unnoticed(t, once(f.all, fault.Update, busy...), f.onward(t))
	f.expectWhole(t)
}

func (f *faultsOnPaper) tag(t *testing.T, environment string) {
	t.Helper()
	f.configure(t, "set", "--path", "azswarm:tags.environment", environment)
}

// failsDeletions takes a pool with a load balancer away again: nothing but its resources, and the group with all that is in it, is
// ever deleted for itself.
func (f *faultsOnPaper) failsDeletions(t *testing.T) {
	f.mustOperate(t, "up")
	f.failEach(t, once(f.doomedPool(t), fault.Delete, refused), f.onward(t))
	f.failEach(t, once(f.doomedPool(t), fault.Delete, fault.TimedOut()), f.onward(t))
	f.unnoticed(t, once(f.doomedPool(t), fault.Delete, busy...), f.onward(t))
	f.expectWhole(t)
	f.expectNothingToDo(t)
	f.failsDestroy(t, refused)
	f.mustOperate(t, "up")
	f.failsDestroy(t, fault.TimedOut())
}

// doomedPool makes a pool of workers, and a configuration without it.
func (f *faultsOnPaper) doomedPool(t *testing.T) []target {
	t.Helper()
	f.set(t, nil)
	for _, setting := range [][2]string{{"name", "batch"}, {"count", "1"}, {"ports[0].port", "443"}} {
		f.configure(t, "set", "--path", "azswarm:workers[1]."+setting[0], setting[1])
	}
	f.mustOperate(t, "up")
	f.configure(t, "rm", "--path", "azswarm:workers[1]")
	pool := slices.DeleteFunc(f.targets(t), func(one target) bool { return slices.Contains(f.all, one) })
	if len(pool) != 5 {
		t.Fatalf("the pool has %v, want a machine, its interface, a set, a load balancer and its address", pool)
	}
	return pool
}

// failsDestroy has the deletion of the group fail. Pulumi has forgotten by then what is in it, as that goes with the group: the next
// destroy has to finish, as docs/operations.md says.
func (f *faultsOnPaper) failsDestroy(t *testing.T, answer fault.Answer) {
	t.Helper()
	group := slices.IndexFunc(f.all, func(one target) bool { return one.kind == groupType })
	calls := once(f.all[group:group+1], fault.Delete, answer)
	f.set(t, calls)
	if r := f.operate(t, "destroy"); r.err == nil || !r.blames(calls[0]) {
		t.Errorf("%s failed, and the destroy (%v) doesn't name it and %q\n%s", calls[0], r.err, calls[0].said, tail(r.output))
	}
	if answer == refused {
		if r := f.onward(t)(); !strings.Contains(r.output, "cannot create already existing resource") {
			t.Errorf("an up before the second destroy finds nothing in its way (%v)\n%s", r.err, tail(r.output))
		}
	}
	f.mustOperate(t, "destroy")
	if left := f.azure(t).Resources(); len(left)+len(f.known(t)) > 0 {
		t.Errorf("after the second destroy, Azure has %v, and Pulumi believes in %v", left, f.known(t))
	}
}
