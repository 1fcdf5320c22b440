import { ResourceValidationPolicy } from "@pulumi/policy";

import { isAzure } from "./azure";

/** What costs money says whose it is. */
export const tags: ResourceValidationPolicy = {
    name: "tags",
    description: "Resource groups, machines, disks and addresses have the tags of the list.",
    enforcementLevel: "mandatory",
    configSchema: {
        properties: {
            required: { type: "array", items: { type: "string" }, default: ["environment"], description: "Keys of tags." },
        },
    },
    validateResource: (args, report) => {
        if (!isAzure(args, "resources:ResourceGroup", "compute:VirtualMachine", "compute:Disk", "network:PublicIPAddress")) {
            return;
        }
        const missing = args.getConfig<{ required: string[] }>().required.filter(tag => !args.props.tags?.[tag]);
        if (missing.length > 0) {
            report(`${args.name} has no tag ${missing.join(", ")}: set azswarm:tags.`);
        }
    },
};
