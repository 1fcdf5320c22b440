package session

import "fmt"

// Allows fails if the lab has machines and shall have none, or has none and shall have some. That is settled by the first
// program it runs, for its whole life: from a model of Azure one can't tell whether its machines ever existed.
func (l *Lab) Allows(noMachines bool) error {
	record, err := l.Record()
	switch {
	case err != nil || record.NoMachines == noMachines || !record.Operator.IsValid():
		return err
	case record.NoMachines:
		return fmt.Errorf("lab %s has no machines, and never will: give --no-machines, or choose another lab with --name", l.Name)
	}
	return fmt.Errorf("lab %s has machines: --no-machines needs a lab of its own, chosen with --name", l.Name)
}

// choose remembers whether the lab has machines.
func (l *Lab) choose(noMachines bool) error {
	if err := l.Allows(noMachines); err != nil {
		return err
	}
	record, err := l.Record()
	if err != nil || record.NoMachines == noMachines {
		return err
	}
	record.NoMachines = noMachines
	return l.Remember(record)
}
