package containers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
)

// store is the Cloud's state directory:
//
//	edge.json                  what Route was last told
//	networks/<key>/network.json
//	networks/<key>/fabric/     mounted into the fabric: config.json
//	machines/<key>/            mounted into the machine: seed/, cloud.cfg and security/
//	faults.json                what is broken on purpose; see package fault
//	registry/                  mounted into fabrics and machines: CA and certificate of the registry and the downloads
type store struct {
	dir string
}

func (s store) init() error {
	return os.MkdirAll(s.dir, 0o700)
}

func (s store) path(elements ...string) string {
	return filepath.Join(append([]string{s.dir}, elements...)...)
}

func (s store) networkDir(id string) string { return s.path("networks", key(id)) }
func (s store) fabricDir(id string) string  { return filepath.Join(s.networkDir(id), "fabric") }
func (s store) machineDir(id string) string { return s.path("machines", key(id)) }
func (s store) registryDir() string         { return s.path("registry") }

func (s store) saveNetwork(n cloud.Network) error {
	return writeJSON(filepath.Join(s.networkDir(n.ID), "network.json"), n)
}

// networks returns the networks that exist.
func (s store) networks() ([]cloud.Network, error) {
	files, err := filepath.Glob(s.path("networks", "*", "network.json"))
	if err != nil {
		return nil, err
	}
	var all []cloud.Network
	for _, file := range files {
		var n cloud.Network
		if err := readJSON(file, &n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// network returns the network with this ARM id.
func (s store) network(id string) (cloud.Network, error) {
	var n cloud.Network
	err := readJSON(filepath.Join(s.networkDir(id), "network.json"), &n)
	if errors.Is(err, fs.ErrNotExist) {
		return n, fmt.Errorf("virtual network %s does not exist", id)
	}
	return n, err
}

func (s store) saveEdge(e cloud.Edge) error {
	return writeJSON(s.path("edge.json"), e)
}

// edge returns what was last saved, or an empty Edge.
func (s store) edge() (cloud.Edge, error) {
	var e cloud.Edge
	err := readJSON(s.path("edge.json"), &e)
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	return e, err
}

// clear removes everything the Cloud keeps.
func (s store) clear() error {
	var failed []error
	for _, name := range []string{"edge.json", "faults.json", "faults.json.lock", "networks", "machines", "registry"} {
		failed = append(failed, os.RemoveAll(s.path(name)))
	}
	return errors.Join(failed...)
}

func readJSON(file string, value any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func writeJSON(file string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return writeFile(file, append(text, '\n'))
}

// writeFile replaces a private file as a whole, so that no reader, and no crash, sees half of it.
func writeFile(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	partial, err := os.CreateTemp(filepath.Dir(file), ".partial-") // 0600
	if err != nil {
		return err
	}
	_, err = partial.Write(content)
	if err = errors.Join(err, partial.Close()); err == nil {
		err = os.Rename(partial.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(partial.Name()))
	}
	return nil
}
