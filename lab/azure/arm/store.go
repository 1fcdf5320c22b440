package arm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// record is one ARM resource as kept on disk. Subnets and security rules live in the body of their parent.
type record struct {
	ID     string `json:"id"`
	Body   Object `json:"body"`             // what a GET answers, less what is derived from other resources
	Hidden Object `json:"hidden,omitempty"` // what a PUT said and no GET answers (custom data), and the lab's own notes

	kind *Type
	live bool // the cloud has made it real, and nobody is deleting it
}

// disk keeps records as JSON files below a directory, one per resource. Custom data holds private keys, so nobody else may read them.
type disk struct{ dir string }

func (d disk) path(id string) (string, error) {
	parsed, err := ParseID(id)
	if err != nil {
		return "", err
	}
	kind := strings.ReplaceAll(parsed.ResourceType(), "/", "_")
	return filepath.Join(d.dir, strings.ToLower(parsed.Subscription), strings.ToLower(parsed.Group),
		strings.ToLower(kind), strings.ToLower(parsed.Name())+".json"), nil
}

func (d disk) save(r *record) error {
	path, err := d.path(r.ID)
	if err != nil {
		return err
	}
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("save %s: %w", r.ID, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("save %s: %w", r.ID, err)
	}
	// A rename, so that a crash leaves the old file or the new one, never half of one.
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("save %s: %w", r.ID, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("save %s: %w", r.ID, err)
	}
	return nil
}

func (d disk) remove(id string) error {
	path, err := d.path(id)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", id, err)
	}
	return nil
}

func (d disk) load() ([]*record, error) {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, fmt.Errorf("model directory: %w", err)
	}
	var records []*record
	err := filepath.WalkDir(d.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r := &record{live: true}
		if err := json.Unmarshal(data, r); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		id, err := ParseID(r.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if r.kind, err = typeOf(id); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		records = append(records, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load the model: %w", err)
	}
	return records, nil
}
