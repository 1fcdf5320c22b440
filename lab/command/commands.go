package command

import (
	"context"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/local"
	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/output"
	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/props"
	"github.com/seed-3bc5c20b/azswarm/lab/command/internal/remote"
)

// commandOutputs are what a command resource has beyond its inputs.
var commandOutputs = []resource.PropertyKey{"stdout", "stderr", "assets", "archive"}

// command is a resource that runs commands: remote and local ones differ only in how.
type command struct {
	newInputs func() any
	// run runs text with the inputs in state and returns the outputs.
	run func(ctx context.Context, state resource.PropertyMap, text string, previous output.Result, log output.Log) (resource.PropertyMap, error)
}

func remoteCommand(p *Provider) command {
	return command{
		newInputs: func() any { return &remote.CommandInputs{} },
		run: func(ctx context.Context, state resource.PropertyMap, text string, previous output.Result, log output.Log) (resource.PropertyMap, error) {
			var in remote.CommandInputs
			if err := props.MustFit(props.Only(state, &in), &in); err != nil {
				return nil, err
			}
			if p.paper {
				result, err := pretend(in.Connection)
				return streams(result), err
			}
			result, err := p.dialer.Run(ctx, &in, text, previous, log)
			if err != nil {
				return nil, err
			}
			return streams(result), nil
		},
	}
}

func localCommand(p *Provider) command {
	return command{
		newInputs: func() any { return &local.CommandInputs{} },
		run: func(ctx context.Context, state resource.PropertyMap, text string, previous output.Result, log output.Log) (resource.PropertyMap, error) {
			var in local.CommandInputs
			if err := props.MustFit(props.Only(state, &in), &in); err != nil {
				return nil, err
			}
			if p.paper {
				return streams(output.Result{Stdout: NotRun}), nil
			}
			project, err := p.dir()
			if err != nil {
				return nil, err
			}
			dir := in.WorkingDirectory(project)
			result, err := local.Run(ctx, &in, text, dir, previous, log)
			if err != nil {
				return nil, err
			}
			outputs, err := local.Assets(&in, dir)
			if err != nil {
				return nil, err
			}
			maps.Copy(outputs, streams(result))
			return outputs, nil
		},
	}
}

func (c command) inputs() any { return c.newInputs() }

func (command) validate(resource.PropertyMap) []props.Failure { return nil }

func (command) id(name string, _ bool) string { return name + randomID() }

func (c command) preview(olds, news resource.PropertyMap) resource.PropertyMap {
	state := maps.Clone(news)
	if olds != nil && !changesExisting(c, olds, news) {
		keepOutputs(state, olds)
		return state
	}
	state["stdout"], state["stderr"] = props.Unknown, props.Unknown
	return state
}

func (c command) create(ctx context.Context, news resource.PropertyMap, log output.Log) (resource.PropertyMap, error) {
	state := maps.Clone(news)
	maps.Copy(state, streams(output.Result{}))
	return c.runFirst(ctx, state, output.Result{}, log, "create")
}

func (c command) update(ctx context.Context, olds, news resource.PropertyMap, log output.Log) (resource.PropertyMap, error) {
	state := maps.Clone(news)
	keepOutputs(state, olds)
	return c.runFirst(ctx, state, previous(olds), log, "update", "create")
}

func (c command) delete(ctx context.Context, olds resource.PropertyMap, log output.Log) error {
	_, err := c.runFirst(ctx, maps.Clone(olds), previous(olds), log, "delete")
	return err
}

// runFirst runs the first of the named commands that state has and puts its outputs into state. If it has none of
// them, nothing happens.
func (c command) runFirst(ctx context.Context, state resource.PropertyMap, previous output.Result, log output.Log, names ...resource.PropertyKey) (resource.PropertyMap, error) {
	for _, name := range names {
		if text := props.Open(state[name]); text.IsString() {
			outputs, err := c.run(ctx, state, text.StringValue(), previous, log)
			maps.Copy(state, outputs)
			return state, err
		}
	}
	return state, nil
}

// streams are the outputs every command has.
func streams(result output.Result) resource.PropertyMap {
	return resource.PropertyMap{
		"stdout": resource.NewProperty(result.Stdout),
		"stderr": resource.NewProperty(result.Stderr),
	}
}

// previous is what the last command of a state wrote.
func previous(state resource.PropertyMap) output.Result {
	var result output.Result
	if stdout := props.Open(state["stdout"]); stdout.IsString() {
		result.Stdout = stdout.StringValue()
	}
	if stderr := props.Open(state["stderr"]); stderr.IsString() {
		result.Stderr = stderr.StringValue()
	}
	return result
}

// keepOutputs copies the outputs of an old state.
func keepOutputs(state, olds resource.PropertyMap) {
	for _, key := range commandOutputs {
		if value, ok := olds[key]; ok {
			state[key] = value
		}
	}
}
