package rules

import (
	"time"

	"github.com/seed-3bc5c20b/azswarm/internal/vmsize"
)

// What a cluster is made of where nothing else is said.
const (
	DefaultNetwork          = "10.20.0.0/16"
	DefaultOrchestrator     = Swarm
	DefaultSpread           = AvailabilitySet
	DefaultFaultDomains     = MaxFaultDomains
	DefaultServers          = 3
	DefaultManagers         = 3
	DefaultReconnectTimeout = time.Hour
	DefaultProtocol         = "tcp"
	DefaultSource           = "0.0.0.0/0"

	DefaultConsulImage      = "hashicorp/consul:1.22"
	DefaultRegistratorImage = "gliderlabs/registrator:v7"
	DefaultSwarmImage       = "swarm:1.2.9" // of the standalone Swarm: the last release
	DefaultUpstream         = "https://registry-1.docker.io"

	DefaultBastionVMSize = vmsize.DefaultBastion
	DefaultControlVMSize = vmsize.DefaultControl
	DefaultWorkerVMSize  = vmsize.DefaultWorker
	DefaultBastionDisk   = 30 // GiB
	DefaultDisk          = 64 // GiB
	DefaultDiskType      = "StandardSSD_LRS"
)

// DefaultMaxUnavailable is the number of machines of a pool that may change at the same time: a tenth, at least one.
func DefaultMaxUnavailable(count int) int { return max(1, count/10) }
