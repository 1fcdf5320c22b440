import { ResourceValidationPolicy } from "@pulumi/policy";

import { isAzure } from "./azure";

/** Machines have private addresses alone: in comes who passes the bastion or a load balancer. */
export const publicAddresses: ResourceValidationPolicy = {
    name: "no-public-address-on-nodes",
    description: "No machine but the bastion has a public address.",
    enforcementLevel: "mandatory",
    configSchema: {
        properties: {
            except: { type: "array", items: { type: "string" }, default: ["-bastion"], description: "Ends of names of interfaces that may have one." },
        },
    },
    validateResource: (args, report) => {
        const except = args.getConfig<{ except: string[] }>().except;
        if (!isAzure(args, "network:NetworkInterface") || except.some(end => args.name.endsWith(end))) {
            return;
        }
        for (const configuration of args.props.ipConfigurations ?? []) {
            if (configuration.publicIPAddress) {
                report(`The interface ${args.name} has a public address; only ${except.join(", ") || "none"} may.`);
            }
        }
    },
};
