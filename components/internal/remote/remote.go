// Package remote owns how commands run on machines: the connection, its keys and retries, and what may appear where.
package remote

import (
	"maps"

	"github.com/pulumi/pulumi-command/sdk/go/command/remote"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/internal/bootstrap"
)

// Dial limits: the number of times a failed dial is repeated, with pauses that grow to 5 s.
const (
	// patient outlasts the boot of a machine: about five minutes.
	patient = 60
	// brief is for machines known to be up: about ten seconds.
	brief = 8
)

// Endpoint is an SSH server.
type Endpoint struct {
	Address pulumi.StringInput // IP address
	HostKey pulumi.StringInput // the only host key accepted, in authorized_keys form
}

// Access is how the machines of a network are reached: by one administrator, through the bastion.
type Access struct {
	User       string
	PrivateKey pulumi.StringOutput // OpenSSH PEM, secret
	Bastion    Endpoint
}

// connection builds the one form every connection has: it is never assembled anywhere else, as the plugin prints a
// mistyped connection with its private key.
func (a Access) connection(target *Endpoint, dialLimit int) remote.ConnectionArgs {
	if target == nil {
		return remote.ConnectionArgs{
			Host: a.Bastion.Address, HostKey: a.Bastion.HostKey.ToStringOutput().ToStringPtrOutput(),
			User: pulumi.String(a.User), PrivateKey: a.PrivateKey.ToStringPtrOutput(),
			DialErrorLimit: pulumi.Int(dialLimit),
		}
	}
	return remote.ConnectionArgs{
		Host: target.Address, HostKey: target.HostKey.ToStringOutput().ToStringPtrOutput(),
		User: pulumi.String(a.User), PrivateKey: a.PrivateKey.ToStringPtrOutput(),
		DialErrorLimit: pulumi.Int(dialLimit),
		Proxy: remote.ProxyConnectionArgs{
			Host: a.Bastion.Address, HostKey: a.Bastion.HostKey.ToStringOutput().ToStringPtrOutput(),
			User: pulumi.String(a.User), PrivateKey: a.PrivateKey.ToStringPtrOutput(),
			DialErrorLimit: pulumi.Int(dialLimit),
		},
	}
}

// Args describes a command.
type Args struct {
	// Target is the machine to run on, reached through the bastion; nil for the bastion itself.
	Target *Endpoint
	// Script is what runs. Its parameters show in previews, process lists and errors: no secrets.
	Script bootstrap.Script
	// KnownHosts are the host keys of the machines that the script asks for something; nil for none.
	KnownHosts pulumi.StringInput
	// Create and Delete are what to call of the script; "" for nothing.
	Create, Delete string
	// Secrets reach the script on standard input, which shows nowhere.
	Secrets pulumi.Map
	// Triggers replace the command when they change: Delete runs before what it depends on is replaced, Create after.
	Triggers pulumi.ArrayInput
	// Booting says that the machine may still be starting.
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
	if args.KnownHosts != nil {
		secrets["knownHosts"] = args.KnownHosts
	}
	input := pulumi.Sprintf("%s%s\n", args.Script.Input(), pulumi.JSONMarshal(secrets))
	return remote.NewCommand(ctx, name, &remote.CommandArgs{
		Connection:             access.connection(args.Target, dialLimit),
		Create:                 args.command(args.Create),
		Delete:                 args.command(args.Delete),
		Stdin:                  pulumi.ToSecret(input).(pulumi.StringOutput).ToStringPtrOutput(),
		AddPreviousOutputInEnv: pulumi.Bool(false), // sshd refuses the variables
		Logging:                remote.LoggingNone, // a long line stalls the plugin's log
		Triggers:               args.Triggers,
	}, append([]pulumi.ResourceOption{
		// The SDK's own triggers[*] lets the engine replace the machine before the old command's delete has run.
		pulumi.ReplaceOnChanges([]string{"triggers"}),
		pulumi.DeleteBeforeReplace(true),
	}, opts...)...)
}

// command renders a call of the script; nil for none.
func (a Args) command(call string) pulumi.StringPtrInput {
	if call == "" {
		return nil
	}
	return pulumi.String(a.Script.Command(call))
}
