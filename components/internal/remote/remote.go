// Package remote owns how commands run on machines: the connection, its keys and retries, and what may appear where.
package remote

import (
	"maps"

	"github.com/pulumi/pulumi-command/sdk/go/command/remote"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// Dial limits: the number of times the plugin repeats a failed dial of the bastion, with pauses that grow to 5 s.
const (
	// patient outlasts the boot of a machine: about five minutes.
	patient = 60
	// brief is for a machine known to be up: about ten seconds.
	brief = 8
)

// Endpoint is an SSH server.
type Endpoint struct {
	Address pulumi.StringInput // IP address
	HostKey pulumi.StringInput // the only host key accepted, in authorized_keys form
}

// Target is a machine behind the bastion.
type Target struct {
	Name       string
	Address    string             // private IP address
	KnownHosts pulumi.StringInput // its host key, as known_hosts has it
}

// Access is how the machines of a network are reached: by one administrator, through the bastion.
type Access struct {
	User       string
	PrivateKey pulumi.StringOutput // OpenSSH PEM, secret
	Bastion    Endpoint
}

// connection is to the bastion, and the only form that connections have: it is never assembled anywhere else, as the plugin prints a
// mistyped one with its private key. The plugin's own proxy is no way to other machines: it dials one once, and then repeats
// the handshake on what may be a dead connection.
func (a Access) connection(dialLimit int) remote.ConnectionArgs {
	return remote.ConnectionArgs{
		Host: a.Bastion.Address, HostKey: a.Bastion.HostKey.ToStringOutput().ToStringPtrOutput(),
		User: pulumi.String(a.User), PrivateKey: a.PrivateKey.ToStringPtrOutput(),
		DialErrorLimit: pulumi.Int(dialLimit),
	}
}

// Args describes a command.
type Args struct {
	// Target is the machine to run on, to which the bastion passes the script on; nil for the bastion itself.
	Target *Target
	// Script is what runs. Its parameters show in previews, process lists and errors: no secrets.
	Script bootstrap.Script
	// Peers lets a script on the bastion reach other machines: the host keys of these, as known_hosts has them. Nil for none.
	Peers pulumi.StringInput
	// Create and Delete are what to call of the script; "" for nothing.
	Create, Delete string
	// Secrets reach the script on standard input, which shows nowhere.
	Secrets pulumi.Map
	// Triggers replace the command when they change: Delete runs before what it depends on is replaced, Create after.
	Triggers pulumi.ArrayInput
	// Shown says that what the script prints is shown during the update. Lines must be short: a long one stalls the plugin's log.
	Shown bool
	// Booting says that the bastion may still be starting.
	Booting bool
}

// Command is a registered command.
type Command = remote.Command

// NewCommand registers a command.
func NewCommand(ctx *pulumi.Context, name string, access Access, args Args, opts ...pulumi.ResourceOption) (*Command, error) {
	dialLimit := brief
	if args.Booting {
		dialLimit = patient
	}
	secrets := pulumi.Map{}
	maps.Copy(secrets, args.Secrets)
	if args.Peers != nil {
		maps.Copy(secrets, access.peers(args.Peers))
		args.Script.Parameters = append([]bootstrap.Parameter{access.admin()}, args.Script.Parameters...)
	}
	logging := remote.LoggingNone
	if args.Shown {
		logging = remote.LoggingStdout
	}
	input := pulumi.Sprintf("%s%s\n", args.Script.Input(), pulumi.JSONMarshal(secrets))
	if t := args.Target; t != nil {
		relay := bootstrap.Relay(access.admin(), bootstrap.Parameter{Name: "NODE", Value: t.Name}, bootstrap.Parameter{Name: "ADDRESS", Value: t.Address})
		input = pulumi.Sprintf("%s%s\n%s", relay, pulumi.JSONMarshal(access.peers(t.KnownHosts)), input)
	}
	return remote.NewCommand(ctx, name, &remote.CommandArgs{
		Connection:             access.connection(dialLimit),
		Create:                 args.command(args.Create),
		Delete:                 args.command(args.Delete),
		Stdin:                  pulumi.ToSecret(input).(pulumi.StringOutput).ToStringPtrOutput(),
		AddPreviousOutputInEnv: pulumi.Bool(false), // sshd refuses the variables
		Logging:                logging,
		Triggers:               args.Triggers,
	}, append([]pulumi.ResourceOption{
		// The SDK's own triggers[*] lets the engine replace the machine before the old command's delete has run.
		pulumi.ReplaceOnChanges([]string{"triggers"}),
		pulumi.DeleteBeforeReplace(true),
	}, opts...)...)
}

// peers are the secrets with which the bastion reaches other machines, and admin whom it is there.
func (a Access) peers(knownHosts pulumi.StringInput) pulumi.Map {
	return pulumi.Map{"sshKey": a.PrivateKey, "knownHosts": knownHosts}
}

func (a Access) admin() bootstrap.Parameter { return bootstrap.Parameter{Name: "ADMIN", Value: a.User} }

// command renders a call of the script; nil for none.
func (a Args) command(call string) pulumi.StringPtrInput {
	if call == "" {
		return nil
	}
	return pulumi.String(a.Script.Command(call))
}
