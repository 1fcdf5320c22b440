package session

import "fmt"

// choose settles, for the whole life of the lab, whether it has machines: from a model of Azure one can't tell whether its
// machines ever existed.
func (l *Lab) choose(noMachines bool) error {
	record, err := l.Record()
	if err != nil || record.NoMachines == noMachines {
		return err
	}
	if record.Operator.IsValid() { // it has run a program
		if record.NoMachines {
			return fmt.Errorf("lab %s has no machines, and never will: give --no-machines, or choose another lab with --name", l.Name)
		}
		return fmt.Errorf("lab %s has machines: --no-machines needs a lab of its own, chosen with --name", l.Name)
	}
	record.NoMachines = noMachines
	return l.Remember(record)
}
