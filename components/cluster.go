package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/seed-3bc5c20b/azswarm/components/internal/consul"
	"github.com/seed-3bc5c20b/azswarm/components/internal/inputs"
)

// Cluster is a whole Docker Swarm with everything it stands on: a [Network], a [ConsulCluster] "consul", a [SwarmManagerSet]
// "managers", and a [WorkerPool] for each pool. What is given to it as an option (a provider, Protect, transformations,
// aliases) reaches everything in it.
//
// Machines are named after their tier or pool, so a stack has room for one cluster.
type Cluster struct {
	pulumi.ResourceState

	// ResourceGroup is the name of the resource group with everything in it.
	ResourceGroup pulumi.StringOutput `pulumi:"resourceGroup"`
	// AdminUser is the login name on every machine.
	AdminUser pulumi.StringOutput `pulumi:"adminUser"`
	// Bastion is where operators log in: "host", a public IP address, and "user".
	Bastion pulumi.StringMapOutput `pulumi:"bastion"`
	// SSHPrivateKey is the operator's key for every machine, OpenSSH PEM. Secret.
	SSHPrivateKey pulumi.StringOutput `pulumi:"sshPrivateKey" provider:"secret"`
	// KnownHosts is an OpenSSH known_hosts file of all machines.
	KnownHosts pulumi.StringOutput `pulumi:"knownHosts"`
	// SSHCommand connects to the bastion, with SSHPrivateKey in azswarm.key and KnownHosts in azswarm.known_hosts.
	SSHCommand pulumi.StringOutput `pulumi:"sshCommand"`
	// Nodes are the machines, the bastion first: "name", "tier" and the private "address" of each.
	Nodes pulumi.StringMapArrayOutput `pulumi:"nodes"`
	// Consul is how to use Consul: "addresses", "datacenter", "agentUrl", and the secrets "managementToken" and "applicationToken".
	Consul pulumi.MapOutput `pulumi:"consul"`
	// SwarmEndpoint is the Swarm API, "tcp://<address>:2376".
	SwarmEndpoint pulumi.StringOutput `pulumi:"swarmEndpoint"`
	// SwarmClient is what a client of the Swarm API needs: "ca", "cert" and "key", PEM. Secret.
	SwarmClient pulumi.StringMapOutput `pulumi:"swarmClient" provider:"secret"`
	// DockerCommand lists the nodes, with SwarmClient in azswarm.ca.pem, azswarm.cert.pem and azswarm.key.pem.
	DockerCommand pulumi.StringOutput `pulumi:"dockerCommand"`
	// PoolAddresses are the public addresses of the pools' load balancers, by pool; empty for a pool without.
	PoolAddresses pulumi.StringMapOutput `pulumi:"poolAddresses"`
	// Orchestrator of the containers.
	Orchestrator pulumi.StringOutput `pulumi:"orchestrator"`

	outputs  pulumi.Map
	network  *Network
	managers *SwarmManagerSet
	pools    []*WorkerPool
}

// NewCluster registers a [Cluster]. It fails before anything is registered if an argument is not allowed.
func NewCluster(ctx *pulumi.Context, name string, args *ClusterArgs, opts ...pulumi.ResourceOption) (*Cluster, error) {
	if args == nil {
		args = &ClusterArgs{}
	}
	a := *args
	if err := a.validate(name); err != nil {
		return nil, err
	}
	c := &Cluster{}
	if err := inputs.Register(ctx, "Cluster", name, a, c, opts); err != nil {
		return nil, err
	}
	child := pulumi.Parent(c)
	var err error
	if c.network, err = NewNetwork(ctx, name, a.network(), child); err != nil {
		return nil, err
	}
	servers, err := NewConsulCluster(ctx, "consul", a.consul(c.network), child)
	if err != nil {
		return nil, err
	}
	if c.managers, err = NewSwarmManagerSet(ctx, "managers", a.managers(servers), child); err != nil {
		return nil, err
	}
	for _, pool := range a.Workers {
		workers, err := NewWorkerPool(ctx, pool.Name, a.pool(pool, c.managers), child)
		if err != nil {
			return nil, err
		}
		c.pools = append(c.pools, workers)
	}
	c.setOutputs(&a, servers)
	return c, ctx.RegisterResourceOutputs(c, c.outputs)
}

// setOutputs gathers what an operator needs: how to get in, where things are, and the credentials, as secrets.
func (c *Cluster) setOutputs(args *ClusterArgs, servers *ConsulCluster) {
	n, m := c.network, c.managers
	bastion := pulumi.StringMap{"host": n.BastionAddress, "user": n.AdminUser}
	nodes := pulumi.StringMapArray{}
	for _, node := range n.Nodes() {
		nodes = append(nodes, pulumi.StringMap{
			"name":    pulumi.String(node.Name),
			"tier":    pulumi.String(node.Tier),
			"address": pulumi.String(node.Address.String()),
		})
	}
	catalog := pulumi.Map{
		"addresses":        servers.Addresses,
		"datacenter":       pulumi.String(consul.Datacenter),
		"agentUrl":         servers.AgentURL,
		"managementToken":  pulumi.ToSecret(servers.ManagementToken),
		"applicationToken": pulumi.ToSecret(servers.ApplicationToken),
	}
	client := pulumi.StringMap{"ca": m.ClientCA, "cert": m.ClientCertificate, "key": m.ClientKey}
	addresses := pulumi.StringMap{}
	for i, pool := range c.pools {
		addresses[args.Workers[i].Name] = pool.PublicAddress
	}
	c.ResourceGroup, c.AdminUser = n.ResourceGroupName, n.AdminUser
	c.Bastion, c.Nodes = bastion.ToStringMapOutput(), nodes.ToStringMapArrayOutput()
	c.SSHPrivateKey = pulumi.ToSecret(n.SSHPrivateKey).(pulumi.StringOutput)
	c.KnownHosts = n.KnownHosts()
	c.SSHCommand = pulumi.Sprintf(
		"ssh -i azswarm.key -o UserKnownHostsFile=azswarm.known_hosts -o StrictHostKeyChecking=yes %s@%s", n.AdminUser, n.BastionAddress)
	c.Consul = catalog.ToMapOutput()
	c.SwarmEndpoint = m.Endpoint
	c.SwarmClient = pulumi.ToSecret(client.ToStringMapOutput()).(pulumi.StringMapOutput)
	c.DockerCommand = pulumi.Sprintf(
		"docker --host %s --tlsverify --tlscacert azswarm.ca.pem --tlscert azswarm.cert.pem --tlskey azswarm.key.pem %s", m.Endpoint, n.orchestrator.ListNodes())
	c.PoolAddresses = addresses.ToStringMapOutput()
	c.Orchestrator = pulumi.String(n.args.Orchestrator).ToStringOutput()
	c.outputs = pulumi.Map{
		"resourceGroup": c.ResourceGroup,
		"adminUser":     c.AdminUser,
		"bastion":       bastion,
		"sshPrivateKey": c.SSHPrivateKey,
		"knownHosts":    c.KnownHosts,
		"sshCommand":    c.SSHCommand,
		"nodes":         nodes,
		"consul":        catalog, // as it is: of its map as one output, all would be secret
		"swarmEndpoint": c.SwarmEndpoint,
		"swarmClient":   c.SwarmClient,
		"dockerCommand": c.DockerCommand,
		"poolAddresses": addresses,
		"orchestrator":  c.Orchestrator,
	}
}

// Outputs are the cluster's outputs by their names, for a program to export. Each part is secret or not by itself.
func (c *Cluster) Outputs() pulumi.Map { return c.outputs }

// Network is the cluster's network, for a program that puts something beside the cluster.
func (c *Cluster) Network() *Network { return c.network }

// Managers are the cluster's managers, for a program that deploys to its Swarm.
func (c *Cluster) Managers() *SwarmManagerSet { return c.managers }

// Pools are the cluster's worker pools, in the order of the arguments.
func (c *Cluster) Pools() []*WorkerPool { return c.pools }
