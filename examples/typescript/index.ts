import * as pulumi from "@pulumi/pulumi";
import * as azswarm from "@seed-3bc5c20b/azswarm";

const config = new pulumi.Config();

// A small Swarm: one Consul server and one manager survive nothing, but cost little.
const cluster = new azswarm.Cluster("imported", {
    adminCidrs: config.requireObject<string[]>("adminCidrs"),
    network: "10.40.0.0/16",
    consul: {
        servers: 1,
        allowSingleServer: true,
    },
    managers: {
        count: 1,
    },
    workers: [
        {
            name: "web",
            count: 1,
            labels: { tier: "web" },
            ports: [{ port: 80 }],
        },
        {
            name: "batch",
            count: 1,
            labels: { tier: "batch" },
        },
    ],
});

// What `azswarm status`, `azswarm ssh` and the others need.
export const {
    resourceGroup, adminUser, bastion, nodes, sshPrivateKey, knownHosts, consul, swarmEndpoint, swarmClient, orchestrator,
} = cluster;

export const webAddress = cluster.poolAddresses.apply(addresses => addresses["web"]);
