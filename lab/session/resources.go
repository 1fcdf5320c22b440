package session

import (
	"fmt"
	"path/filepath"

	"github.com/seed-3bc5c20b/azswarm/tools/azswarm/stack"
)

// Resources reads the resources of the stack that the lab was used with last, as the last update left them; none where there was no
// update.
func (l *Lab) Resources() ([]stack.Resource, error) {
	record, err := l.Record()
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(l.path("backend", ".pulumi", "stacks", "*", record.Stack+".json"))
	if err != nil {
		return nil, err
	}
	var all []stack.Resource
	for _, file := range files { // one a project
		state, err := readState(file)
		if err != nil {
			return nil, fmt.Errorf("read the resources of stack %s: %w", record.Stack, err)
		}
		for _, resource := range state.Resources {
			all = append(all, resource.Resource)
		}
	}
	return all, nil
}
