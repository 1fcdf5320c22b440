package remote

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
)

// Run runs text on the host with the login shell of the user and waits for it. Once it runs, cancelling ctx does
// not interrupt it: nothing tells the host.
func (d Dialer) Run(ctx context.Context, in *CommandInputs, text string, previous output.Result, log output.Log) (output.Result, error) {
	client, err := d.dial(ctx, in.Connection, log)
	if err != nil {
		return output.Result{}, err
	}
	defer func() { _ = client.Close() }()
	session, err := client.NewSession()
	if err != nil {
		return output.Result{}, err
	}
	defer func() { _ = session.Close() }()

	if err := setEnvironment(session, in, previous, log); err != nil {
		return output.Result{}, err
	}
	capture := output.NewCapture(log, in.Logging)
	session.Stdout, session.Stderr = &capture.Stdout, &capture.Stderr
	if in.Stdin != nil {
		session.Stdin = strings.NewReader(*in.Stdin)
	}
	return capture.Finish(text, session.Run(text))
}

// setEnvironment sends the variables ahead of the command. sshd refuses names outside its AcceptEnv: that fails the
// command for its own environment, and is a warning for the previous output, which is only a convenience.
func setEnvironment(session *ssh.Session, in *CommandInputs, previous output.Result, log output.Log) error {
	for _, variable := range previous.Previous(in.AddPreviousOutputInEnv) {
		if err := session.Setenv(variable.Name, variable.Value); err != nil {
			log.Warning(refused(variable.Name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(in.Environment)) {
		if err := session.Setenv(name, in.Environment[name]); err != nil {
			log.Error(refused(name))
			return fmt.Errorf("could not set environment variable %q: %w", name, err)
		}
	}
	return nil
}

func refused(name string) string {
	return fmt.Sprintf("Unable to set '%s'. This only works if your SSH server is configured to accept\n\t"+
		"these variables via AcceptEnv. Alternatively, if a Bash-like shell runs the command on the remote host, you could\n\t"+
		"prefix the command itself with the variables in the form 'VAR=value command'.", name)
}
