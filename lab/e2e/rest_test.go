//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// portal changes a lab's Azure behind Pulumi's back. It holds the lab while it is open.
type portal struct {
	command *exec.Cmd
	known   []string // ids of the stack's resources
	stderr  bytes.Buffer
	in      io.WriteCloser
	answers *json.Decoder
}

// object is a resource of Azure, or a part of one.
type object = map[string]any

func (l *lab) portal(t *testing.T) *portal {
	t.Helper()
	p := &portal{command: l.exec("rest")}
	for _, r := range l.state(t).Deployment.Resources { // nobody else can ask while the portal is open
		p.known = append(p.known, r.ID)
	}
	p.command.Stderr = &p.stderr
	in, err := p.command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatalf("lab rest: %v", err)
	}
	p.in, p.answers = in, json.NewDecoder(out)
	t.Cleanup(func() { p.close(t) })
	return p
}

// close gives the lab free.
func (p *portal) close(t *testing.T) {
	t.Helper()
	if p.in == nil {
		return
	}
	_ = p.in.Close()
	p.in = nil
	if err := p.command.Wait(); err != nil {
		t.Errorf("lab rest: %v\n%s", err, tail(p.stderr.String()))
	}
}

// send sends one request, which must succeed.
func (p *portal) send(t *testing.T, method, id string, body object) object {
	t.Helper()
	if err := json.NewEncoder(p.in).Encode(object{"method": method, "id": id, "body": body}); err != nil {
		t.Fatalf("lab rest: %s %s: %v\n%s", method, id, err, tail(p.stderr.String()))
	}
	var answer struct {
		Body  object
		Error string
	}
	if err := p.answers.Decode(&answer); err != nil {
		t.Fatalf("lab rest: %s %s: %v\n%s", method, id, err, tail(p.stderr.String()))
	}
	if answer.Error != "" {
		t.Fatalf("%s %s: %s", method, id, answer.Error)
	}
	return answer.Body
}

// resource is the ARM id of the stack's resource of this type and name ("networkSecurityGroups/azswarm-consul").
func (p *portal) resource(t *testing.T, suffix string) string {
	t.Helper()
	for _, id := range p.known {
		if strings.HasSuffix(id, "/"+suffix) {
			return id
		}
	}
	t.Fatalf("the stack has no resource …/%s", suffix)
	return ""
}
