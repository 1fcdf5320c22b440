import { ResourceValidationArgs } from "@pulumi/policy";

/** Whether a resource is of one of these types of azure-native, whatever version of Azure's API it is made with. */
export function isAzure(args: ResourceValidationArgs, ...types: string[]): boolean {
    const [pkg, module, type] = args.type.split(":");
    return pkg === "azure-native" && types.includes(`${module.split("/")[0]}:${type}`);
}
