package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/access"
	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

// options are the flags that all commands share.
type options struct {
	stack stack.Stack
	saved bool
}

// cluster is a stack, and how to reach it.
type cluster struct {
	name    string // of the stack, or what it was saved under
	outputs access.Outputs
	values  stack.Values // all of the stack's outputs; nil for what was saved
}

// cluster reads the stack's outputs.
func (o *options) cluster(ctx context.Context) (*cluster, error) {
	if o.saved {
		return o.loadSaved()
	}
	var c cluster
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		c.name, err = o.stack.ShortName(ctx)
		return err
	})
	both.Go(func() (err error) {
		c.values, err = o.stack.Outputs(ctx)
		return err
	})
	err := both.Wait()
	if err == nil {
		c.outputs, err = access.Parse(c.values)
	}
	if err == nil && len(c.outputs.Nodes) == 0 {
		err = fmt.Errorf("%s has no cluster: its outputs name no machines (has its first update finished? is it a stack of azswarm?)", o.stack)
	}
	return &c, err
}

// connect reads the stack's outputs and connects to the bastion.
func (o *options) connect(ctx context.Context) (*cluster, *access.Client, error) {
	cluster, err := o.cluster(ctx)
	if err != nil {
		return nil, nil, err
	}
	client, err := access.Dial(ctx, cluster.outputs)
	return cluster, client, err
}

// loadSaved takes what `azswarm access` saved last.
func (o *options) loadSaved() (*cluster, error) {
	name := o.stack.Name
	if name == "" {
		names, err := savedNames()
		if err != nil {
			return nil, err
		}
		switch len(names) {
		case 0:
			return nil, errors.New("no stack is saved: `azswarm access` does that")
		case 1:
			name = names[0]
		default:
			return nil, fmt.Errorf("%d stacks are saved: choose one of %s with --stack", len(names), strings.Join(names, ", "))
		}
	}
	dir, err := accessDir(name)
	if err != nil {
		return nil, err
	}
	outputs, err := access.Load(dir)
	if err == nil && len(outputs.Nodes) == 0 {
		err = fmt.Errorf("stack %s is not saved: `azswarm access %s` does that", name, o.stack.Name)
	}
	return &cluster{
		name:    name,
		outputs: outputs,
	}, err
}

// home is where `azswarm access` saves stacks.
func home() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "azswarm"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the directory for keys and certificates (set HOME or XDG_STATE_HOME): %w", err)
	}
	return filepath.Join(home, ".local", "state", "azswarm"), nil
}

// namePattern is what Pulumi allows in the name of a stack, and a file system as the name of a directory.
var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// accessDir is where a stack of this name is saved.
func accessDir(name string) (string, error) {
	if !namePattern.MatchString(name) {
		return "", fmt.Errorf("name %q: allowed are letters, digits, \".\", \"_\" and \"-\", not beginning with \".\"", name)
	}
	dir, err := home()
	return filepath.Join(dir, name), err
}

// savedNames lists the stacks that are saved.
func savedNames() ([]string, error) {
	dir, err := home()
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", access.ConfigFile))
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(filepath.Dir(path)))
	}
	return names, err
}
