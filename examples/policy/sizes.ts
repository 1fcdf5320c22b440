import { ResourceValidationPolicy } from "@pulumi/policy";

import { isAzure } from "./azure";

/** Machines have sizes that somebody has budgeted for. */
export const sizes: ResourceValidationPolicy = {
    name: "machine-sizes",
    description: "Machines have one of the sizes of the list.",
    enforcementLevel: "mandatory",
    configSchema: {
        properties: {
            allowed: {
                type: "array",
                items: { type: "string" },
                default: ["Standard_B2ats_v2", "Standard_B2als_v2", "Standard_B2as_v2", "Standard_D2as_v5", "Standard_D4as_v5"],
                description: "Sizes of Azure, such as Standard_D2as_v5.",
            },
        },
    },
    validateResource: (args, report) => {
        if (!isAzure(args, "compute:VirtualMachine")) {
            return;
        }
        const size = args.props.hardwareProfile?.vmSize;
        const allowed = args.getConfig<{ allowed: string[] }>().allowed;
        if (!allowed.includes(size)) {
            report(`The machine ${args.name} is a ${size}; allowed are ${allowed.join(", ")}.`);
        }
    },
};
