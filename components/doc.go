// Package components builds a Docker Swarm on Azure as Pulumi component resources: a Consul cluster, Swarm managers,
// pools of workers with Registrator and overlay networks between them.
//
// The components are used in that order, each handed to the next:
//
//	network, err := components.NewNetwork(ctx, "prod", &components.NetworkArgs{…})
//	consul, err := components.NewConsulCluster(ctx, "consul", &components.ConsulClusterArgs{Network: network, …})
//	managers, err := components.NewSwarmManagerSet(ctx, "managers", &components.SwarmManagerSetArgs{Network: network, Consul: consul, …})
//	workers, err := components.NewWorkerPool(ctx, "web", &components.WorkerPoolArgs{Network: network, Consul: consul, Managers: managers, …})
//	overlay, err := components.NewOverlayNetwork(ctx, "front", &components.OverlayNetworkArgs{Managers: managers, Workers: []*components.WorkerPool{workers}})
//
// What decides the shape of the graph (counts, addresses, sizes) is a plain Go value and is checked before the first
// resource is registered; every mistake in a component's arguments is reported in one error.
package components
