// Package components builds a Docker Swarm on Azure as Pulumi component resources: a Consul cluster, Swarm managers,
// pools of workers with Registrator and overlay networks between them.
//
// [NewCluster] makes all of it from what a stack's configuration says:
//
//	cluster, err := components.NewCluster(ctx, "prod", &components.ClusterArgs{AdminCIDRs: operators, Workers: pools})
//
// Its parts can be put together by hand as well, each handed to the next, which takes from it all that it knows:
//
//	network, err := components.NewNetwork(ctx, "prod", &components.NetworkArgs{…})
//	servers, err := components.NewConsulCluster(ctx, "consul", &components.ConsulClusterArgs{Network: network, …})
//	managers, err := components.NewSwarmManagerSet(ctx, "managers", &components.SwarmManagerSetArgs{Consul: servers, …})
//	workers, err := components.NewWorkerPool(ctx, "web", &components.WorkerPoolArgs{Managers: managers, …})
//	overlay, err := components.NewOverlayNetwork(ctx, "front", &components.OverlayNetworkArgs{Managers: managers, Workers: []*components.WorkerPool{workers}})
//
// What decides the shape of the graph (counts, addresses, sizes, names) is a plain Go value. It is checked before the component is
// registered, by the same rules as a stack's configuration; every mistake is reported in one error, by the path of its property.
// What merely flows through to machines (tags' and labels' values, the names of images) is an input, which other resources may decide: it is
// checked then if it is plain, and else as soon as it is known.
//
// Components are registered with their arguments, defaults included, so that policies and tests see what was asked for.
package components
