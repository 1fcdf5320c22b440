package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
)

// Record is what a lab remembers between commands.
type Record struct {
	// Project is the absolute path of the Pulumi project the lab was last brought up from.
	Project string `json:"project,omitempty"`
	// Stack is the stack the lab was last brought up with.
	Stack string `json:"stack,omitempty"`
	// NoMachines says that the lab is a model alone: no machine, network or address of it exists.
	NoMachines bool `json:"noMachines,omitempty"`
	// PublicAddresses is the range the lab's public addresses come from.
	PublicAddresses netip.Prefix `json:"publicAddresses"`
	// Operator is the address the lab plays the operator from.
	Operator netip.Addr `json:"operator"`
}

// Record reads what the lab remembers; an empty Record if it is new.
func (l *Lab) Record() (Record, error) {
	var record Record
	content, err := os.ReadFile(l.path("lab.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return record, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &record)
	}
	if err != nil {
		return Record{}, fmt.Errorf("read the state of lab %s: %w", l.Name, err)
	}
	return record, nil
}

// Remember keeps the record for later commands.
func (l *Lab) Remember(record Record) error {
	content, err := json.MarshalIndent(record, "", "  ")
	if err == nil {
		err = writeFile(l.path("lab.json"), append(content, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the state of lab %s: %w", l.Name, err)
	}
	return nil
}
