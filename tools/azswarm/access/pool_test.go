package access_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
)

func TestPoolKeepsConnectionsThatLead(t *testing.T) {
	n := newNetwork(t)
	pool := access.NewPool(n.Outputs)
	say := func(ctx context.Context, node access.Node, command string) (string, error) {
		var output bytes.Buffer
		err := pool.Exec(ctx, node, command, access.Streams{Stdout: &output})
		return output.String(), err
	}
	var all sync.WaitGroup
	for range 8 {
		for _, node := range n.Outputs.Nodes {
			all.Go(func() {
				if output, err := say(t.Context(), node, "echo"); err != nil || output == "" {
					t.Errorf("%s: %q, %v", node.Name, output, err)
				}
			})
		}
	}
	all.Wait()
	if logins := n.Logins(); logins != 3 { // the way to the nodes, the bastion as a node, and consul-0
		t.Errorf("%d logins for 16 commands on two nodes, want 3", logins)
	}
	// A command that is given up takes its connection with it; the next has a new one.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := say(ctx, server, "hang"); !errors.Is(err, context.Canceled) {
		t.Errorf("a command without time: %v", err)
	}
	if output, err := say(t.Context(), server, "again"); err != nil || output != "consul-0 ran: again" {
		t.Errorf("the next command: %q, %v", output, err)
	}
	n.Break() // as where the bastion is another machine
	if output, err := say(t.Context(), server, "once more"); err != nil || output != "consul-0 ran: once more" {
		t.Errorf("a command after the loss of all connections: %q, %v", output, err)
	}
	if _, err := say(t.Context(), n.Outputs.Nodes[0], "echo"); err != nil {
		t.Error(err)
	}
	pool.Close()
	n.AwaitNobody(t)
}
