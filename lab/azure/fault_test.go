package azure

import (
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/status"

	"github.com/seed-3bc5c20b/azswarm/lab/azure/fault"
)

// fail adds a fault to the model.
func (l *lab) fail(call fault.Call) {
	l.Helper()
	if _, err := l.Faults().Add(call); err != nil {
		l.Fatal(err)
	}
}

// struck is how many requests the only fault has answered.
func (l *lab) struck() int {
	l.Helper()
	set, err := l.Faults().Load()
	if err != nil || len(set.Calls) != 1 {
		l.Fatalf("faults %+v, %v", set, err)
	}
	return set.Calls[0].Struck
}

// partial is the detail of an error that leaves a resource in Pulumi's hands.
func partial(t *testing.T, err error) *pulumirpc.ErrorResourceInitFailed {
	t.Helper()
	for _, detail := range status.Convert(err).Details() {
		if found, ok := detail.(*pulumirpc.ErrorResourceInitFailed); ok {
			return found
		}
	}
	t.Fatalf("error %v has no id and state", err)
	return nil
}

func TestPassingFailuresAreRepeated(t *testing.T) {
	for what, answer := range map[string]fault.Answer{
		"busy": fault.Conflict(), "throttled": fault.Throttled(0), "server": fault.ServerError(),
		"gateway": {Status: 504, Code: "GatewayTimeout", Message: "The gateway did not receive a response.", Changed: true},
	} {
		t.Run(what, func(t *testing.T) {
			l := newLab(t)
			l.group()
			l.fail(fault.Call{Operation: fault.Create, Count: 3, Answer: answer})
			l.create(nsgToken, "x", nsg("nsg"))
			if l.struck() != 3 {
				t.Errorf("%d requests failed, want 3", l.struck())
			}
		})
	}
}

func TestFailuresThatLastAreShown(t *testing.T) {
	for want, answer := range map[string]fault.Answer{
		`Status=409 Code="AnotherOperationInProgress" Message="Another operation`:              fault.Conflict(),
		`Status=429 Code="SubscriptionRequestsThrottled" Message="Number of requests`:          fault.Throttled(1),
		`Status=500 Code="InternalServerError" Message="An error occurred."`:                   fault.ServerError(),
		`Status=403 Code="RequestDisallowedByPolicy" Message="Resource 'nsg' was disallowed."`: {Status: 403, Code: "RequestDisallowedByPolicy", Message: "Resource 'nsg' was disallowed."},
	} {
		l := newLab(t)
		l.group()
		l.fail(fault.Call{Operation: fault.Create, Insist: true, Answer: answer})
		if _, err := l.try(nsgToken, "x", nsg("nsg")); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
		if left := l.Resources(); len(left) != 1 {
			t.Errorf("model %v, want the group alone", left)
		}
		l.create(nsgToken, "x", nsg("nsg"))
		if l.struck() != 1 {
			t.Errorf("counted %d, want the repeated request once", l.struck())
		}
	}
}

func TestOtherFailuresAreNotRepeated(t *testing.T) {
	for what, answer := range map[string]fault.Answer{
		"another conflict":               {Status: 409, Code: "OperationNotAllowed", Message: "No."},
		"bad request":                    {Status: 400, Code: "InvalidParameter", Message: "No."},
		"longer than the provider waits": fault.Throttled(121),
	} {
		l := newLab(t)
		l.group()
		l.fail(fault.Call{Operation: fault.Create, Answer: answer})
		if _, err := l.try(nsgToken, "x", nsg("nsg")); err == nil || l.struck() != 1 {
			t.Errorf("%s: error %v after %d requests", what, err, l.struck())
		}
	}
}

func TestPauses(t *testing.T) {
	p := &Provider{retryDelay: time.Second}
	busy, throttled := &fault.Call{Answer: fault.Conflict()}, &fault.Call{Answer: fault.Throttled(60)}
	for _, c := range []struct {
		try         int
		struck      *fault.Call
		least, most time.Duration
		again       bool
	}{
		{1, busy, 800 * time.Millisecond, 1300 * time.Millisecond, true},
		{2, busy, 2400 * time.Millisecond, 3900 * time.Millisecond, true},
		{3, busy, 5600 * time.Millisecond, 6 * time.Second, true},
		{4, busy, 0, 0, false},
		{1, throttled, 3 * time.Second, 3 * time.Second, true},
	} {
		got, again := p.pause(c.try, c.struck, c.struck.Answer.Error())
		if again != c.again || got < c.least || got > c.most {
			t.Errorf("try %d: %v, %v; want %v to %v, %v", c.try, got, again, c.least, c.most, c.again)
		}
	}
}

// A creation whose end nobody awaited: the resource is there and Pulumi knows its id, so that the next run finishes.
func TestTimedOutCreationIsInPulumisHands(t *testing.T) {
	l := newLab(t)
	l.network()
	n := l.create(nicToken, "n", nic("n", "10.20.1.4", nil))
	l.fail(fault.Call{Operation: fault.Create, Answer: fault.TimedOut()})
	s, err := l.try(vmToken, "v", vm("v", n.id, nil))
	if err == nil || !strings.Contains(err.Error(), "operation timed out") {
		t.Fatalf("error %v", err)
	}
	detail := partial(t, err)
	if want := groupID + "/providers/Microsoft.Compute/virtualMachines/v"; detail.GetId() != want || len(l.Machines()) != 1 || detail.GetProperties() != nil {
		t.Errorf("id %s, machines %v, state %v; want %s, one, and none, as there was no time left to read it", detail.GetId(), l.Machines(), detail.GetProperties(), want)
	}
	// The engine's next run updates with what it has.
	s.id = detail.GetId()
	vmid := l.Machines()[0].VMID
	s, err = l.update(s, vmToken, "v", vm("v", n.id, nil))
	if err != nil || s.body().Text("vmId") != vmid || len(l.Machines()) != 1 {
		t.Errorf("update %v, machines %v; want the same machine", err, l.Machines())
	}
}

func TestFailedCreationHasItsState(t *testing.T) {
	l := newLab(t)
	l.network()
	n := l.create(nicToken, "n", nic("n", "10.20.1.4", nil))
	l.fail(fault.Call{Type: "VirtualMachine", Operation: fault.Create, Answer: fault.Failed("OSProvisioningTimedOut",
		"OS Provisioning for VM 'v' did not finish in the allotted time.")})
	s, err := l.try(vmToken, "v", vm("v", n.id, nil))
	if err == nil || !strings.Contains(err.Error(), `Code="OSProvisioningTimedOut" Message="OS Provisioning for VM 'v' did not`) {
		t.Fatalf("error %v", err)
	}
	detail := partial(t, err)
	s.id, s.outputs = detail.GetId(), detail.GetProperties()
	if s.body().Text("vmId") == "" || detail.GetInputs().AsMap()["vmName"] != "v" {
		t.Errorf("state %v, inputs %v; want those of the machine", s.outputs, detail.GetInputs())
	}
	if answer := l.read(s); answer.GetId() != s.id {
		t.Errorf("read %v", answer)
	}
}

func TestTimedOutUpdateAndDelete(t *testing.T) {
	l := newLab(t)
	l.group()
	s := l.create(nsgToken, "x", nsg("nsg"))
	l.fail(fault.Call{Operation: fault.Update, Answer: fault.TimedOut()})
	changed := nsg("nsg", rule("r", 100, nil))
	if _, err := l.update(s, nsgToken, "x", changed); err == nil || partial(t, err).GetId() != s.id {
		t.Errorf("update: %v", err)
	}
	if rules := (state{outputs: l.read(s).GetProperties()}).body().Objects("securityRules"); len(rules) != 1 {
		t.Errorf("rules %v, want the change made", rules)
	}
	l.fail(fault.Call{Operation: fault.Delete, Answer: fault.TimedOut()})
	if err := l.delete(s); err == nil || !strings.Contains(err.Error(), "operation timed out") {
		t.Errorf("delete: %v", err)
	}
	if err := l.delete(s); err != nil || len(l.Resources()) != 1 {
		t.Errorf("delete again: %v, model %v", err, l.Resources())
	}
}

// Where the gateway gives up on a request that Azure carries out, Pulumi never learns of the resource.
func TestLostAnswerLeavesAResourcePulumiDoesNotKnow(t *testing.T) {
	l := newLab(t)
	l.group()
	l.fail(fault.Call{Operation: fault.Create, Insist: true, Answer: fault.Answer{Status: 504, Code: "GatewayTimeout", Message: "Gone.", Changed: true}})
	s, err := l.try(nsgToken, "x", nsg("nsg"))
	if err == nil || !strings.HasPrefix(err.Error(), `Status=504 Code="GatewayTimeout"`) {
		t.Fatalf("error %v", err)
	}
	_, err = l.try(nsgToken, "x", nsg("nsg"))
	if err == nil || err.Error() != "cannot create already existing resource '"+groupID+"/providers/Microsoft.Network/networkSecurityGroups/nsg'" {
		t.Errorf("error %v", err)
	}
	s.id = groupID + "/providers/Microsoft.Network/networkSecurityGroups/nsg"
	if answer := l.read(s); answer.GetId() != s.id {
		t.Error("it can't be imported either")
	}
}

func TestReadsThatFail(t *testing.T) {
	l := newLab(t)
	l.group()
	refused := fault.Answer{Status: 403, Code: "AuthorizationFailed", Message: "No."}
	l.fail(fault.Call{Operation: fault.Read, Answer: refused})
	_, err := l.try(nsgToken, "x", nsg("nsg"))
	want := "cannot check existence of resource '" + groupID + "/providers/Microsoft.Network/networkSecurityGroups/nsg': status code 403, " +
		`{"error":{"code":"AuthorizationFailed","message":"No."}}`
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	l.fail(fault.Call{Operation: fault.Read, Skip: 1, Answer: refused}) // the first is the check
	if s := l.create(nsgToken, "x", nsg("nsg")); s.body().Text("id") == "" {
		t.Errorf("outputs %v, want those of the write", s.outputs)
	}
}

func TestSizesThatAreSoldOut(t *testing.T) {
	l := newLab(t)
	l.network()
	n, m := l.machine(0, nil)
	if err := l.Faults().RefuseSize("Standard_B4als_v2"); err != nil {
		t.Fatal(err)
	}
	larger := vm("vm0", n.id, props{"hardwareProfile": props{"vmSize": "Standard_B4als_v2"}})
	_, err := l.update(m, vmToken, "vm0", larger)
	wantRefusal(t, err, "SkuNotAvailable", "Status=409", "Standard_B4als_v2", "westeurope")
	if err := l.Faults().RefuseSize("Standard_B2als_v2"); err != nil {
		t.Fatal(err)
	}
	if _, err := l.update(m, vmToken, "vm0", vm("vm0", n.id, props{"tags": props{"a": "b"}})); err != nil {
		t.Errorf("a machine that has the size keeps it: %v", err)
	}
	other := l.create(nicToken, "other", nic("other", "10.20.1.9", nil))
	_, err = l.try(vmToken, "other", vm("other", other.id, nil))
	wantRefusal(t, err, "SkuNotAvailable")
	if err := l.Faults().ClearLimits(); err != nil {
		t.Fatal(err)
	}
	l.create(vmToken, "other", vm("other", other.id, nil))
}

func TestCoreQuota(t *testing.T) {
	l := newLab(t)
	l.network()
	n, m := l.machine(0, props{"hardwareProfile": props{"vmSize": "Standard_B2ms"}}) // two cores
	if err := l.Faults().LimitCores(4); err != nil {
		t.Fatal(err)
	}
	l.machine(1, nil)
	third := l.create(nicToken, "third", nic("third", "10.20.1.9", nil))
	_, err := l.try(vmToken, "third", vm("third", third.id, nil))
	wantRefusal(t, err, "OperationNotAllowed", "Status=409", "Total Regional Cores", "Current Limit: 4, Current Usage: 4, Additional Required: 2, (Minimum) New Limit Required: 6")
	_, err = l.update(m, vmToken, "vm0", vm("vm0", n.id, props{"hardwareProfile": props{"vmSize": "Standard_B8ms"}}))
	wantRefusal(t, err, "OperationNotAllowed", "Additional Required: 6")
	if _, err := l.update(m, vmToken, "vm0", vm("vm0", n.id, props{"hardwareProfile": props{"vmSize": "Standard_B1ms"}})); err != nil {
		t.Errorf("a smaller size: %v", err)
	}
	if _, err := l.try(vmToken, "third", vm("third", third.id, props{"hardwareProfile": props{"vmSize": "Standard_B1ms"}})); err != nil {
		t.Errorf("the core that became free: %v", err)
	}
}

func TestAPreviewMeetsNoFault(t *testing.T) {
	l := newLab(t)
	l.group()
	l.fail(fault.Call{Count: fault.Forever, Answer: fault.ServerError()})
	inputs, failures := l.check(nsgToken, "x", nil, nsg("nsg"))
	if failures != "" {
		t.Fatal(failures)
	}
	if _, err := l.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urnOf(nsgToken, "x"), Properties: inputs, Preview: true}); err != nil {
		t.Error(err)
	}
}
