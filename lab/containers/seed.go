package containers

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// Files of a machine's directory, and where the machine finds them.
const (
	seedDir     = "seed"
	cloudFile   = "cloud.cfg"
	securityDir = "security"

	seedMount     = "/var/lib/cloud/seed/nocloud"
	cloudMount    = "/etc/cloud/cloud.cfg.d/91-azswarm-machine.cfg"
	securityMount = "/etc/azswarm-security"
)

// seed renders what cloud-init reads in m, by file name in the machine's directory. JSON is YAML, and leaves
// nothing to quote.
func seed(m cloud.Machine) (map[string][]byte, error) {
	metaData, err := json.MarshalIndent(map[string]any{
		"instance-id":    m.VMID, // a new VM of the same name is a new instance: everything runs again
		"local-hostname": m.ComputerName,
		"public-keys":    m.AuthorizedKeys,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("meta-data: %w", err)
	}
	// What Azure's data source makes of a VM's osProfile: an administrator whom user data need not know.
	system, err := json.MarshalIndent(map[string]any{
		"system_info": map[string]any{
			"default_user": map[string]any{
				"name":        m.AdminUser,
				"gecos":       m.AdminUser,
				"groups":      []string{"adm", "sudo"},
				"shell":       "/bin/bash",
				"sudo":        []string{"ALL=(ALL) NOPASSWD:ALL"},
				"lock_passwd": true,
			},
		},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("cloud.cfg: %w", err)
	}
	return map[string][]byte{
		filepath.Join(seedDir, "meta-data"): metaData,
		filepath.Join(seedDir, "user-data"): m.CustomData, // no seed without this file, so it is there even if empty
		cloudFile:                           system,
	}, nil
}

// writeSeed writes the machine's directory.
func (s store) writeSeed(m cloud.Machine) error {
	files, err := seed(m)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := writeFile(filepath.Join(s.machineDir(m.ID), name), content); err != nil {
			return err
		}
	}
	return nil
}
