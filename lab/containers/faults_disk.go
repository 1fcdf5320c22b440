package containers

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// diskScript runs in a machine, and says itself how it does its work.
//
//go:embed disk.sh
var diskScript string

// fill fills the disks of directories, and empties those that are to be full no more.
func (c *Cloud) fill(ctx context.Context, container string, was, is []string) error {
	for _, directory := range is {
		if slices.Contains(was, directory) {
			continue
		}
		if err := c.script(ctx, container, diskScript, "disk", "fill", directory); err != nil {
			return err
		}
	}
	for _, directory := range was {
		if slices.Contains(is, directory) {
			continue
		}
		if err := c.script(ctx, container, diskScript, "disk", "free", directory); err != nil {
			return err
		}
	}
	return nil
}

// script runs a bash script in a machine. Its last line of output is in the error.
func (c *Cloud) script(ctx context.Context, container, text, name string, args ...string) error {
	err := c.exec(ctx, container, append([]string{"bash", "-c", text, name}, args...)...)
	if err == nil {
		return nil
	}
	// exec repeats the whole script, which would hide what it says.
	output := strings.TrimSpace(err.Error())
	return fmt.Errorf("%s: %s", name, output[strings.LastIndex(output, "\n")+1:])
}
