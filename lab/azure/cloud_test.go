package azure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// patience is how long a test waits for what must happen before it calls it lost.
const patience = 20 * time.Second

// slowCloud is paper that holds its callers until they may go on, and fails where it is told to.
type slowCloud struct {
	*cloud.Paper
	entered chan string   // the id of each network or machine asked for; nil: nobody is held
	release chan struct{} // closed: go on

	mu     sync.Mutex
	fail   error
	routes int
}

func (c *slowCloud) hold(ctx context.Context, id string) error {
	if c.entered != nil {
		c.entered <- id
		select {
		case <-c.release:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return c.failure()
}

func (c *slowCloud) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fail
}

func (c *slowCloud) setFailure(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = err
}

func (c *slowCloud) EnsureNetwork(ctx context.Context, n cloud.Network) error {
	if err := c.hold(ctx, n.ID); err != nil {
		return err
	}
	return c.Paper.EnsureNetwork(ctx, n)
}

func (c *slowCloud) EnsureMachine(ctx context.Context, m cloud.Machine) error {
	if err := c.Paper.EnsureMachine(ctx, m); err != nil { // the container is there before it runs
		return err
	}
	return c.hold(ctx, m.ID)
}

func (c *slowCloud) Secure(ctx context.Context, m cloud.Machine) error {
	if err := c.failure(); err != nil {
		return err
	}
	return c.Paper.Secure(ctx, m)
}

func (c *slowCloud) DeleteMachine(ctx context.Context, id string) error {
	if err := c.hold(ctx, id); err != nil {
		return err
	}
	return c.Paper.DeleteMachine(ctx, id)
}

func (c *slowCloud) Route(ctx context.Context, e cloud.Edge) error {
	c.mu.Lock()
	c.routes++
	c.mu.Unlock()
	return c.Paper.Route(ctx, e)
}

// newSlowLab is a lab whose cloud can be held and made to fail.
func newSlowLab(t *testing.T) (*lab, *slowCloud) {
	c := &slowCloud{Paper: cloud.NewPaper()}
	l := openLab(t, t.TempDir(), c)
	l.paper = c.Paper
	return l, c
}

func (c *slowCloud) holdFromNow(callers int) {
	c.entered, c.release = make(chan string, callers), make(chan struct{})
}

// await is the id of the next caller.
func (c *slowCloud) await(t *testing.T) string {
	t.Helper()
	select {
	case id := <-c.entered:
		return id
	case <-time.After(patience):
		t.Fatal("nobody asked the cloud for anything")
		return ""
	}
}

func TestParallelSubnetWritesConflict(t *testing.T) {
	l, c := newSlowLab(t)
	l.network()
	first := l.startHeldSubnet(c)
	_, err := l.try(subnetToken, "c", subnetInputs("c", "10.20.3.0/24"))
	wantRefusal(t, err, "AnotherOperationInProgress", "Status=409", "https://management.azure.com/subscriptions/")
	close(c.release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestWhatIsBeingWrittenIsNotDeleted(t *testing.T) {
	l, c := newSlowLab(t)
	network := l.network()
	first := l.startHeldSubnet(c)
	wantRefusal(t, l.delete(network), "AnotherOperationInProgress", "Status=409")
	close(c.release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// The provider repeats a write that met another one, so that a program with many subnets comes through.
func TestConflictingSubnetWritesAreRepeated(t *testing.T) {
	l, c := newSlowLab(t)
	network := l.network()
	first := l.startHeldSubnet(c)
	met := make(chan struct{})
	l.sleep = func(context.Context, time.Duration) error {
		close(met) // twice would panic: the second attempt must pass
		return <-first
	}
	second := make(chan error, 1)
	go func() {
		_, err := l.try(subnetToken, "c", subnetInputs("c", "10.20.3.0/24"))
		second <- err
	}()
	<-met
	close(c.release)
	if err := <-second; err != nil {
		t.Error(err)
	}
	if subnets := (state{outputs: l.read(network).GetProperties()}).body().Objects("subnets"); len(subnets) != 3 {
		t.Errorf("subnets %v, want a, b and c", subnets)
	}
}

func subnetInputs(name, prefix string) props {
	return props{"resourceGroupName": "rg", "virtualNetworkName": "vnet", "subnetName": name, "addressPrefix": prefix}
}

// startHeldSubnet makes subnet "b", which takes until the cloud is released.
func (l *lab) startHeldSubnet(c *slowCloud) chan error {
	c.holdFromNow(2)
	done := make(chan error, 1)
	go func() {
		_, err := l.try(subnetToken, "b", subnetInputs("b", "10.20.2.0/24"))
		done <- err
	}()
	c.await(l.T)
	return done
}

func TestMachinesStartInParallel(t *testing.T) {
	const count = 5
	l, c := newSlowLab(t)
	l.network()
	var nics []state
	for i := range count {
		nics = append(nics, l.create(nicToken, fmt.Sprint("n", i), nic(fmt.Sprint("n", i), fmt.Sprint("10.20.1.", 4+i), nil)))
	}
	c.holdFromNow(count)
	created := make(chan error, count)
	for i := range count {
		go func() {
			_, err := l.try(vmToken, fmt.Sprint("v", i), vm(fmt.Sprint("v", i), nics[i].id, nil))
			created <- err
		}()
	}
	for range count {
		c.await(t) // all of them wait at once
	}
	if len(l.Resources()) == 0 {
		t.Error("the model cannot be asked while machines start")
	}
	close(c.release)
	for range count {
		if err := <-created; err != nil {
			t.Error(err)
		}
	}
}

func TestFailedCreationLeavesNothing(t *testing.T) {
	l, c := newSlowLab(t)
	l.network()
	n := l.create(nicToken, "n", nic("n", "10.20.1.4", nil))
	c.setFailure(errors.New("no memory left"))
	if _, err := l.try(vmToken, "v", vm("v", n.id, nil)); err == nil || !errors.Is(err, c.fail) {
		t.Fatalf("error %v, want the cloud's", err)
	}
	if n := len(l.Resources()); n != 3 {
		t.Errorf("%d resources, want the group, the network and the interface", n)
	}
	c.setFailure(nil)
	l.create(vmToken, "v", vm("v", n.id, nil))
	if reopened := openLab(t, l.dir, c); len(reopened.Machines()) != 1 {
		t.Errorf("machines on disk: %v", reopened.Machines())
	}
}

func TestKilledCreationLeavesNothing(t *testing.T) {
	l, c := newSlowLab(t)
	l.network()
	n := l.create(nicToken, "n", nic("n", "10.20.1.4", nil))
	c.holdFromNow(2) // the machine's start, and its removal
	inputs, _ := l.check(vmToken, "v", nil, vm("v", n.id, nil))
	ctx, kill := context.WithCancel(context.Background())
	created := make(chan error, 1)
	go func() {
		_, err := l.Create(ctx, &pulumirpc.CreateRequest{Urn: urnOf(vmToken, "v"), Properties: inputs})
		created <- err
	}()
	id := c.await(t)
	kill()
	if removed := c.await(t); removed != id {
		t.Errorf("removes %s, want %s", removed, id)
	}
	close(c.release)
	if err := <-created; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, ok := l.paper.Machine(id); ok || len(l.Machines()) > 0 {
		t.Error("the machine is still there")
	}
	l.create(vmToken, "v", vm("v", n.id, nil))
}

func TestReconcile(t *testing.T) {
	l, c := newSlowLab(t)
	network := l.network()
	_, m := l.machine(0, nil)
	stranger := groupID + "/providers/Microsoft.Compute/virtualMachines/stranger"
	for id := range c.Networks() {
		_ = c.DeleteNetwork(context.Background(), id)
	}
	_ = c.Paper.DeleteMachine(context.Background(), m.id)
	_ = c.Paper.EnsureMachine(context.Background(), cloud.Machine{ID: stranger})
	_ = c.Paper.Route(context.Background(), cloud.Edge{})

	if err := l.Reconcile(context.Background()); err != nil {
		t.Fatal(err)
	}
	machine, ok := c.Machine(m.id)
	if !ok || machine.VMID != m.body().Text("vmId") || string(machine.CustomData) != "#cloud-config\n" {
		t.Errorf("machine %+v, want it back as it was", machine)
	}
	if _, ok := c.Machine(stranger); ok {
		t.Error("the machine nobody knows is still there")
	}
	if _, ok := c.Networks()[network.id]; !ok || len(c.Edge().Outbound) != 1 {
		t.Errorf("networks %v, edge %+v", c.Networks(), c.Edge())
	}
}

func TestForgetLostTakesOnlyMachinesThatAreGone(t *testing.T) {
	l, c := newSlowLab(t)
	l.network()
	_, kept := l.machine(0, nil)
	_, lost := l.machine(1, nil)
	_ = c.Paper.DeleteMachine(context.Background(), lost.id)
	ids, err := l.ForgetLost(context.Background())
	if err != nil || len(ids) != 1 || ids[0] != lost.id {
		t.Fatalf("ForgetLost = %v, %v; want %s", ids, err, lost.id)
	}
	if machines := l.Machines(); len(machines) != 1 || machines[0].ID != kept.id {
		t.Errorf("machines %v, want only %s", machines, kept.id)
	}
	if machines := openLab(t, l.dir, cloud.NewPaper()).Machines(); len(machines) != 1 {
		t.Errorf("machines %v when the model is read again, want only %s", machines, kept.id)
	}
}

func TestRoutesOnlyWhenTheEdgeChanges(t *testing.T) {
	l, c := newSlowLab(t)
	l.network()
	l.create(nsgToken, "x", nsg("nsg"))
	before := c.routes
	n, _ := l.machine(0, nil)
	if c.routes != before {
		t.Errorf("%d routes for a machine without public address", c.routes-before)
	}
	ip := l.create(pipToken, "ip", standardIP("ip"))
	if _, err := l.update(n, nicToken, "nic0", nic("nic0", "10.20.1.4", props{"publicIPAddress": ref(ip.id)})); err != nil {
		t.Fatal(err)
	}
	if c.routes != before+1 || len(c.Edge().PublicIPs) != 1 {
		t.Errorf("%d routes for one public address, edge %+v", c.routes-before, c.Edge())
	}
}

func TestFailedDeleteCanBeRepeated(t *testing.T) {
	l, c := newSlowLab(t)
	l.network()
	_, m := l.machine(0, nil)
	c.setFailure(errors.New("busy"))
	if err := l.delete(m); err == nil || len(l.Machines()) != 1 {
		t.Fatalf("error %v, machines %v; want the machine kept", err, l.Machines())
	}
	c.setFailure(nil)
	if err := l.delete(m); err != nil || len(l.Machines()) > 0 {
		t.Errorf("error %v, machines %v", err, l.Machines())
	}
}

func TestNothingIsMadeInAGroupThatIsBeingDeleted(t *testing.T) {
	l, c := newSlowLab(t)
	l.network()
	l.machine(0, nil)
	c.holdFromNow(1)
	deleted := make(chan error, 1)
	go func() { deleted <- l.delete(state{urn: urnOf(groupToken, "rg"), id: groupID}) }()
	c.await(t)
	_, err := l.try(nsgToken, "x", nsg("late"))
	wantRefusal(t, err, "ResourceGroupBeingDeleted", "'rg'")
	close(c.release)
	if err := <-deleted; err != nil || len(l.Resources()) > 0 {
		t.Errorf("error %v, left %v", err, l.Resources())
	}
}

// TestThousandsOfResources makes a model of 5,000 resources, several at a time as an engine would, and loads it again.
func TestThousandsOfResources(t *testing.T) {
	if testing.Short() {
		t.Skip("5,000 resources")
	}
	const machines = 2499
	l := newLab(t)
	l.group()
	l.create(vnetToken, "vnet", vnet("vnet", inlineSubnet("a", "10.20.0.0/16", nil)))
	jobs, failures := make(chan int), make(chan error, machines)
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for i := range jobs {
				name := fmt.Sprint("m", i)
				n, err := l.try(nicToken, name, nic(name, fmt.Sprintf("10.20.%d.%d", 1+i/200, 4+i%200), nil))
				if err == nil {
					_, err = l.try(vmToken, name, vm(name, n.id, nil))
				}
				if err != nil {
					failures <- err
				}
			}
		})
	}
	for i := range machines {
		jobs <- i
	}
	close(jobs)
	workers.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	reopened := openLab(t, l.dir, l.paper)
	if len(reopened.Resources()) != 5000 || !slices.Equal(reopened.Machines(), l.Machines()) {
		t.Errorf("%d resources and %d machines came back", len(reopened.Resources()), len(reopened.Machines()))
	}
}
