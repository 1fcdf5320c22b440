// Package containers is the lab's real cloud, on this machine's Docker.
//
// A virtual network is a Docker bridge network and a router container, the fabric (see package fabric); a VM is a
// container of the node image with systemd, cloud-init, sshd and a Docker engine of its own. Public addresses
// live on one more bridge network, which stands for the internet and where this machine is a neighbour: it
// reaches them directly, with no change to its own addresses or firewall rules. A last one leads out to the
// real internet.
package containers

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"sync"

	"github.com/docker/docker/client"
	"github.com/seed-3bc5c20b/azswarm/lab/cloud"
	"github.com/seed-3bc5c20b/azswarm/lab/fault"
)

// Options configure a Cloud.
type Options struct {
	// Lab names the lab: every Docker object is named azswarm-<lab>-… and labelled azswarm.lab=<lab>.
	Lab string
	// StateDir is a directory of the Cloud's own, for what has to survive this process. It holds user data, so only
	// its owner may read it; Docker must see it under the same path.
	StateDir string
	// NodeImage is the image machines run (see package node for its recipe).
	NodeImage string
	// Executable is a statically linked program that runs fabric.Run as "fabric" and fabric.Apply as "fabric apply".
	Executable string
	// Public is the network that stands for the internet, /24 or so. While the lab is up, this machine reaches nothing
	// real there, so take a range that nobody uses, such as one of 198.18.0.0/15 (RFC 2544). PublicRange says which of its addresses the
	// model may hand out; the rest belongs to this machine, the fabrics and the way to the real internet.
	Public netip.Prefix
	// Operator is where machines see traffic from this machine come from, so that security rules for operators'
	// addresses can be tried; invalid means this machine's address in Public.
	Operator netip.Addr
	// RegistryStorage is the storage directory of an image registry that machines take for Docker Hub; "" means none.
	RegistryStorage string
	// RegistryCaches says that the registry fetches from Docker Hub what is not in its storage yet, and keeps it there.
	// Otherwise the storage is all there is, and is not written to.
	RegistryCaches bool
	// Downloads is a directory whose files machines can download from https://DownloadsHost/; "" means none. Files that come
	// later are served as well.
	Downloads string
}

// Docker object labels.
const (
	labelLab  = "azswarm.lab"
	labelKind = "azswarm.kind" // machine, fabric, network, internet or uplink
	labelID   = "azswarm.id"   // ARM id
	labelVMID = "azswarm.vmid" // Azure's vmId, for machines
	labelSpec = "azswarm.spec" // hash of what a fabric was created from

	// Where a machine is, so that what fails there takes it along.
	labelSet    = "azswarm.set"    // ARM id of the availability set
	labelDomain = "azswarm.domain" // fault domain in that set
	labelZone   = "azswarm.zone"
)

// Cloud is a [cloud.Cloud] on this machine's Docker.
type Cloud struct {
	options Options
	docker  *client.Client
	store   store
	faults  fault.Store

	machines keyedMutex
	// edge guards networks, fabrics and what the edge says: each change of one is seen by the others.
	edge sync.Mutex
}

var _ cloud.Cloud = (*Cloud)(nil)

var labName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,30}$`)

// New returns a Cloud on the Docker engine that the usual environment (DOCKER_HOST and so on) names, which must run on
// this machine. It starts nothing; New after a crash finds everything again.
func New(options Options) (*Cloud, error) {
	if err := options.validate(); err != nil {
		return nil, err
	}
	docker, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, fmt.Errorf("lab %s: Docker client: %w", options.Lab, err)
	}
	c := &Cloud{options: options, docker: docker, store: store{options.StateDir}}
	c.faults = fault.Store{Path: FaultsFile(options.StateDir)}
	if err := c.store.init(); err != nil {
		return nil, fmt.Errorf("lab %s: %w", options.Lab, err)
	}
	return c, nil
}

func (o Options) validate() error {
	var wrong []error
	if !labName.MatchString(o.Lab) {
		wrong = append(wrong, fmt.Errorf("option Lab %q: want 1 to 31 lower-case letters, digits and hyphens, the first no hyphen", o.Lab))
	}
	if o.StateDir == "" {
		wrong = append(wrong, errors.New("option StateDir is empty: want a directory"))
	}
	if o.NodeImage == "" {
		wrong = append(wrong, errors.New("option NodeImage is empty: want an image reference"))
	}
	if info, err := os.Stat(o.Executable); err != nil {
		wrong = append(wrong, fmt.Errorf("option Executable: %w", err))
	} else if !info.Mode().IsRegular() {
		wrong = append(wrong, fmt.Errorf("option Executable %s is no file", o.Executable))
	}
	if !o.Public.IsValid() || !o.Public.Addr().Is4() || o.Public.Bits() > 26 || o.Public.Masked() != o.Public {
		wrong = append(wrong, fmt.Errorf("option Public %s: want an IPv4 network of /26 or more addresses, such as 198.18.0.0/24", o.Public))
	} else if o.Operator.IsValid() && (!o.Operator.Is4() || o.Public.Contains(o.Operator)) {
		wrong = append(wrong, fmt.Errorf("option Operator %s: want an IPv4 address outside Public %s", o.Operator, o.Public))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("lab cloud: %w", errors.Join(wrong...))
	}
	return nil
}

// Close releases the connection to Docker. Everything goes on running.
func (c *Cloud) Close() error {
	return c.docker.Close()
}

// Machines lists the ARM ids of the machines that exist, running or not.
func (c *Cloud) Machines(ctx context.Context) ([]string, error) {
	found, err := c.containers(ctx, kindMachine)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, container := range found {
		ids = append(ids, container.Labels[labelID])
	}
	return ids, nil
}

// keyedMutex is one mutex per key.
type keyedMutex struct {
	all sync.Map
}

// lock locks the key's mutex and returns what unlocks it.
func (k *keyedMutex) lock(key string) func() {
	mutex, _ := k.all.LoadOrStore(key, &sync.Mutex{})
	mutex.(*sync.Mutex).Lock()
	return mutex.(*sync.Mutex).Unlock
}
