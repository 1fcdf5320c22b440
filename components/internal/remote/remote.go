// Package remote owns how commands run on machines: the connection, its keys and retries, and what may appear where.
package remote

import (
	"maps"
	"slices"

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
	// Values are more parameters, which other resources may decide. They show as the script's own do.
	Values pulumi.StringMap
	// Peers lets a script on the bastion reach other machines: the host keys of these, as known_hosts has them. Nil for none.
	Peers pulumi.StringInput
	// Create, Update and Delete are what to call of the script; "" for nothing. Where there is no Update, changes call Create.
	Create, Update, Delete string
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
	script := args.render()
	input := pulumi.Sprintf("%s%s\n", script.input, pulumi.JSONMarshal(secrets))
	if t := args.Target; t != nil {
		relay := bootstrap.Relay(access.admin(), bootstrap.Parameter{Name: "NODE", Value: t.Name}, bootstrap.Parameter{Name: "ADDRESS", Value: t.Address})
		input = pulumi.Sprintf("%s%s\n%s", relay, pulumi.JSONMarshal(access.peers(t.KnownHosts)), input)
	}
	return remote.NewCommand(ctx, name, &remote.CommandArgs{
		Connection:             access.connection(dialLimit),
		Create:                 script.create,
		Update:                 script.update,
		Delete:                 script.delete,
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

// rendered is a script as its command and its machine get it.
type rendered struct {
	input                  pulumi.StringInput
	create, update, delete pulumi.StringPtrInput
}

// render puts the parameters together: at once where all values are plain, so that previews and tests see what they would see of a
// script without any.
func (a Args) render() rendered {
	names := slices.Sorted(maps.Keys(a.Values))
	var plain []bootstrap.Parameter
	values := pulumi.StringArray{}
	for _, name := range names {
		values = append(values, a.Values[name])
		if text, ok := a.Values[name].(pulumi.String); ok {
			plain = append(plain, bootstrap.Parameter{Name: name, Value: string(text)})
		}
	}
	if len(plain) == len(names) {
		script := a.with(plain)
		return rendered{pulumi.String(script.Input()), call(script, a.Create), call(script, a.Update), call(script, a.Delete)}
	}
	scripts := values.ToStringArrayOutput().ApplyT(func(texts []string) any {
		var parameters []bootstrap.Parameter
		for i, text := range texts {
			parameters = append(parameters, bootstrap.Parameter{Name: names[i], Value: text})
		}
		return a.with(parameters)
	}).(pulumi.AnyOutput)
	later := func(text string) pulumi.StringPtrInput {
		if text == "" {
			return nil
		}
		return scripts.ApplyT(func(script any) *string {
			command := script.(bootstrap.Script).Command(text)
			return &command
		}).(pulumi.StringPtrOutput)
	}
	input := scripts.ApplyT(func(script any) string { return script.(bootstrap.Script).Input() }).(pulumi.StringOutput)
	return rendered{input, later(a.Create), later(a.Update), later(a.Delete)}
}

// with is the script with more parameters.
func (a Args) with(parameters []bootstrap.Parameter) bootstrap.Script {
	return bootstrap.Script{Parameters: slices.Concat(a.Script.Parameters, parameters), Files: a.Script.Files}
}

// call renders a call of a script; nil for none.
func call(script bootstrap.Script, text string) pulumi.StringPtrInput {
	if text == "" {
		return nil
	}
	return pulumi.String(script.Command(text))
}
