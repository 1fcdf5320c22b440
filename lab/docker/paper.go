package docker

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/docker/docker/client"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/seed-3bc5c20b/azswarm/lab/stackstate"
)

// paperID begins the id of everything a provider on paper made: no Docker has such ids.
const paperID = "paper-"

// NewPaper returns a provider that has no Docker behind it: it checks configuration and properties, contacts nobody, and
// makes up ids.
func NewPaper() *Provider {
	p := New()
	p.paper = true
	return p
}

// check finds what is wrong with the configuration before anything is contacted.
func (s settings) check() error {
	if _, err := client.ParseHostURL(s.endpoint()); err != nil {
		return err
	}
	if s.ca == "" && s.cert == "" && s.key == "" {
		return nil
	}
	if s.ca == "" || s.cert == "" || s.key == "" {
		return errIncompleteMaterial
	}
	if strings.Contains(s.ca+s.cert+s.key, stackstate.Sealed) {
		return nil // of a provider that is only there to be deleted
	}
	_, err := s.tls()
	return err
}

// specified is implemented by resources whose properties can be wrong in ways their schema doesn't know.
type specified interface {
	checkSpec(planned object) error
}

func (service) checkSpec(planned object) error {
	if _, err := serviceSpec(planned); err != nil {
		return err
	}
	_, err := convergence(planned)
	return err
}

func (container) checkSpec(planned object) error {
	_, _, err := containerConfig(view(planned))
	return err
}

// draw checks the planned properties and returns the state they lead to. Without an id it makes one up.
func draw(kind resource, planned object, id string) (string, object, error) {
	if err := refuseUnsupported(kind.schema(), planned); err != nil {
		return "", nil, err
	}
	if s, ok := kind.(specified); ok {
		if err := s.checkSpec(planned); err != nil {
			return "", nil, err
		}
	}
	if id == "" {
		id = paperID + rand.Text()
	}
	state := withoutUnknowns(planned).(object)
	if _, isImage := kind.(remoteImage); isImage {
		sum := sha256.Sum256([]byte(view(planned).text("name")))
		state["imageId"] = paperID + "sha256:" + hex.EncodeToString(sum[:])
	}
	state["id"], state["__meta"] = id, kind.meta()
	return id, state, nil
}

// withoutUnknowns is the value with nothing in place of what only Docker could tell.
func withoutUnknowns(value any) any {
	switch v := value.(type) {
	case object:
		known := object{}
		for key, element := range v {
			known[key] = withoutUnknowns(element)
		}
		return known
	case []any:
		known := make([]any, len(v))
		for i, element := range v {
			known[i] = withoutUnknowns(element)
		}
		return known
	}
	if isUnknown(value) {
		return nil
	}
	return value
}

// createOnPaper is Create without Docker.
func createOnPaper(kind resource, planned object) (*pulumirpc.CreateResponse, error) {
	id, state, err := draw(kind, planned, "")
	if err != nil {
		return nil, failure(err)
	}
	properties, err := encode(state)
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

// updateOnPaper is Update without Docker.
func updateOnPaper(kind resource, id string, planned object) (*pulumirpc.UpdateResponse, error) {
	if _, isNetwork := kind.(network); isNetwork {
		return nil, failure(fmt.Errorf("network %s cannot be changed in place: every change replaces it", id))
	}
	_, state, err := draw(kind, planned, id)
	if err != nil {
		return nil, failure(err)
	}
	properties, err := encode(state)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}
