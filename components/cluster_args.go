package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ClusterArgs are the arguments of [NewCluster]: what a stack's configuration says, under the same names.
type ClusterArgs struct {
	// AdminCIDRs are the networks operators connect from: they alone reach SSH on the bastion and the Swarm API.
	// Required; each /8 or narrower.
	AdminCIDRs []string `pulumi:"adminCidrs"`
	// Network is the address space of the virtual network: see [NetworkArgs.AddressSpace]. Default 10.20.0.0/16.
	Network string `pulumi:"network,optional"`
	// ResourceGroupName puts everything into a resource group that exists. Default: one of its own.
	ResourceGroupName pulumi.StringInput `pulumi:"resourceGroupName,optional"`
	// Orchestrator of the containers, which never changes in the life of a cluster. Default [SwarmMode].
	Orchestrator Orchestrator `pulumi:"orchestrator,optional"`
	// Engine that workers run. Required with [Classic]; refused with [SwarmMode].
	Engine EngineArchive `pulumi:"engine"`
	// Classic is for the orchestrator [Classic] only.
	Classic ClusterClassicArgs `pulumi:"classic"`
	// Spread says how Azure keeps the machines of a tier apart. Default [SpreadAvailabilitySet].
	Spread Spread `pulumi:"spread,optional"`
	// FaultDomains of every availability set, 2 or 3: see [NetworkArgs.FaultDomains]. Default 3.
	FaultDomains int `pulumi:"faultDomains,optional"`
	// Images says where container images come from.
	Images ClusterImagesArgs `pulumi:"images"`
	// Consul is the servers that coordinate the Swarm.
	Consul ClusterConsulArgs `pulumi:"consul"`
	// Managers of the Swarm.
	Managers ClusterManagersArgs `pulumi:"managers"`
	// Workers are the pools of workers.
	Workers []ClusterPoolArgs `pulumi:"workers,optional"`
	// Registrator registers the workers' containers in Consul.
	Registrator ClusterRegistratorArgs `pulumi:"registrator"`
	// InternalPorts are TCP ports of managers and workers that the workers' containers may connect to: see
	// [NetworkArgs.InternalPorts]. At most 100. Default none.
	InternalPorts []ClusterPortsArgs `pulumi:"internalPorts,optional"`
	// Tags are put on every Azure resource: see [NetworkArgs.Tags]. At most 50.
	Tags map[string]pulumi.StringInput `pulumi:"tags,optional"`
	// Rotate replaces a secret when its number is raised.
	Rotate ClusterRotateArgs `pulumi:"rotate"`
}

// ClusterConsulArgs are the Consul servers of a [Cluster].
type ClusterConsulArgs struct {
	// Servers is the number of servers: 3 or 5, of which 1 or 2 may fail. Default 3.
	Servers int `pulumi:"servers,optional"`
	// AllowSingleServer accepts Servers: 1, a cluster that is down while its server is and loses its data with it.
	AllowSingleServer bool `pulumi:"allowSingleServer,optional"`
	// VMSize of the servers: see [MachineArgs.VMSize]. Default Standard_B2als_v2.
	VMSize string `pulumi:"vmSize,optional"`
	// Image of the agents, with a tag: Consul 1.20 or newer. Default [DefaultConsulImage].
	Image pulumi.StringInput `pulumi:"image,optional"`
	// NodeServices run on every manager and worker, outside of containers.
	NodeServices []NodeService `pulumi:"nodeServices,optional"`
	// ReconnectTimeout is how long a failed manager or worker stays in the catalog, such as "90s" or "1h30m": 30s to 72h. Default 1h.
	ReconnectTimeout string `pulumi:"reconnectTimeout,optional"`
}

// ClusterManagersArgs are the managers of a [Cluster].
type ClusterManagersArgs struct {
	// Count of managers: odd, 1 to 7. Default 3.
	Count int `pulumi:"count,optional"`
	// VMSize of the managers: see [MachineArgs.VMSize]. Default Standard_B2als_v2.
	VMSize string `pulumi:"vmSize,optional"`
	// Autolock has the Swarm's data on a manager's disk locked whenever its engine stops: see [SwarmManagerSetArgs.Autolock].
	// Default false.
	Autolock bool `pulumi:"autolock,optional"`
}

// ClusterPoolArgs are one pool of workers of a [Cluster].
type ClusterPoolArgs struct {
	// Name of the pool, after which its machines are called: a DNS label of at most 20 characters that doesn't end in a hyphen
	// and a number. Required.
	Name string `pulumi:"name"`
	// Count of workers: 0 up to the addresses of the block.
	Count int `pulumi:"count"`
	// VMSize of the workers: see [MachineArgs.VMSize]. Default Standard_B2as_v2.
	VMSize string `pulumi:"vmSize,optional"`
	// Labels of the Swarm nodes: see [WorkerPoolArgs.Labels].
	Labels map[string]pulumi.StringInput `pulumi:"labels,optional"`
	// Block is the sixteenth of the workers' subnet that the pool has its addresses from, 0 to 15. Default its position in the list.
	Block *int `pulumi:"block,optional"`
	// Ports that the pool's load balancer takes from users. Without any there is no load balancer.
	Ports []ApplicationPort `pulumi:"ports,optional"`
}

// ClusterImagesArgs say where the container images of a [Cluster] come from.
type ClusterImagesArgs struct {
	// Registry takes Docker Hub's place for azswarm's own images: host and path, without a slash at the end. Default Docker Hub.
	Registry string `pulumi:"registry,optional"`
	// Cache is the image of a cache, on every manager, of what workers pull from Docker Hub: see [ImageCache.Image]. Default none.
	Cache pulumi.StringInput `pulumi:"cache,optional"`
	// Upstream is where the cache fetches from: see [ImageCache.Upstream]. Default Docker Hub.
	Upstream string `pulumi:"upstream,optional"`
}

// ClusterClassicArgs are what only a [Cluster] with [Classic] has.
type ClusterClassicArgs struct {
	// Image of the standalone Swarm, with a tag. Default [DefaultSwarmImage].
	Image pulumi.StringInput `pulumi:"image,optional"`
}

// ClusterRegistratorArgs are the service registration of a [Cluster].
type ClusterRegistratorArgs struct {
	// Image of Registrator, with a tag. Default [DefaultRegistratorImage].
	Image pulumi.StringInput `pulumi:"image,optional"`
}

// ClusterPortsArgs are a port, or several adjacent ones.
type ClusterPortsArgs struct {
	// Port is the first, 1 to 65535. Required.
	Port int `pulumi:"port"`
	// LastPort is the last. Default Port.
	LastPort int `pulumi:"lastPort,optional"`
}

// ClusterRotateArgs are the generations of the secrets of a [Cluster]: raising one replaces the secret.
type ClusterRotateArgs struct {
	// DockerCA is the authority of the Swarm API: see [SwarmManagerSetArgs.RotateCA].
	DockerCA int `pulumi:"dockerCa,optional"`
}
