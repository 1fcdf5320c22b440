package cmd

import (
	"context"
	"fmt"
	"path"

	"github.com/seed-3bc5c20b/azswarm/lab/azure"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// requireMachines fails where there is no lab, or one that has no machines.
func requireMachines(lab *session.Lab) error {
	if err := lab.Require(); err != nil {
		return err
	}
	record, err := lab.Record()
	if err == nil && record.NoMachines {
		err = fmt.Errorf("lab %s has no machines: it was brought up with --no-machines", lab.Name)
	}
	return err
}

// listPaper returns the machines in the model of a lab that has none but those.
func listPaper(_ context.Context, lab *session.Lab) ([]machine, error) {
	provider, err := azure.New(azure.Options{StateDir: lab.AzureDir(), Cloud: cloud.NewPaper()})
	if err != nil {
		return nil, err
	}
	var machines []machine
	for _, m := range provider.Machines() {
		machines = append(machines, machine{Name: m.ComputerName, VM: path.Base(m.ID), Container: "-", State: "on paper", Address: m.Address.String()})
	}
	return machines, nil
}
