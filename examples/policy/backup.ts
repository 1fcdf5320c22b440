import { ResourceValidationPolicy } from "@pulumi/policy";

import { isAzure } from "./azure";

/**
 * Servers of Consul and managers of the Swarm keep what can't be made anew. Azure's built-in policy "Configure backup on virtual
 * machines with a given tag" protects the machines that have one.
 */
export const backup: ResourceValidationPolicy = {
    name: "backup",
    description: "Machines with the data of Consul and of the Swarm have the tag that Azure Backup looks for.",
    enforcementLevel: "advisory",
    configSchema: {
        properties: {
            tag: { type: "string", default: "backup", description: "Key of the tag." },
            tiers: { type: "array", items: { type: "string" }, default: ["consul", "managers"], description: "Sets of machines that keep data." },
        },
    },
    validateResource: (args, report) => {
        const { tag, tiers } = args.getConfig<{ tag: string; tiers: string[] }>();
        const keeps = tiers.some(tier => new RegExp(`^${tier}-\\d+$`).test(args.name));
        if (isAzure(args, "compute:VirtualMachine") && keeps && !args.props.tags?.[tag]) {
            report(`The machine ${args.name} has no tag ${tag}, so nothing backs it up.`);
        }
    },
};
