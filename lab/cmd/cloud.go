package cmd

import (
	"fmt"
	"os"

	"github.com/seed-3bc5c20b/azswarm/lab/artifacts"
	"github.com/seed-3bc5c20b/azswarm/lab/containers"
	"github.com/seed-3bc5c20b/azswarm/lab/session"
)

// newCloud is the lab's real cloud, on this machine's Docker.
func newCloud(lab *session.Lab, record session.Record, set *artifacts.Set) (*containers.Cloud, error) {
	if err := installExecutable(lab); err != nil {
		return nil, err
	}
	return containers.New(containers.Options{
		Lab:             lab.Name,
		StateDir:        lab.CloudDir(),
		NodeImage:       set.NodeImage,
		Executable:      lab.Executable(),
		Public:          record.PublicAddresses,
		Operator:        record.Operator,
		RegistryStorage: set.Registry,
		RegistryCaches:  set.Upstream,
		Downloads:       set.Downloads,
	})
}

// oldCloud is a cloud that can do no more than be removed.
func oldCloud(lab *session.Lab) (*containers.Cloud, error) {
	record, err := lab.Record()
	if err != nil || !record.PublicAddresses.IsValid() {
		// Never remembered, or damaged: removing goes by the lab's name alone.
		record = session.Record{PublicAddresses: session.AnyPool()}
	}
	return newCloud(lab, record, &artifacts.Set{NodeImage: "none"})
}

// installExecutable keeps a copy of this program in the lab: routers run it for as long as the lab is up, while the
// program itself may be rebuilt or removed.
func installExecutable(lab *session.Lab) error {
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read this program: %w", err)
	}
	return lab.InstallExecutable(content)
}
