import { ResourceValidationPolicy } from "@pulumi/policy";

import { isAzure } from "./azure";

/** Operators come from networks that the platform team knows. */
export const operators: ResourceValidationPolicy = {
    name: "operators-networks",
    description: "SSH is open to known networks alone.",
    enforcementLevel: "mandatory",
    configSchema: {
        properties: {
            networks: { type: "array", items: { type: "string" }, default: ["198.51.100.0/24"], description: "IPv4 networks that operators may connect from." },
        },
    },
    validateResource: (args, report) => {
        if (!isAzure(args, "network:NetworkSecurityGroup")) {
            return;
        }
        const networks = args.getConfig<{ networks: string[] }>().networks.map(parse);
        for (const rule of args.props.securityRules ?? []) {
            if (rule.direction !== "Inbound" || rule.access !== "Allow" || !opensSSH(rule)) {
                continue;
            }
            for (const source of sources(rule)) {
                const from = parse(source);
                if (!isPrivate(from) && !networks.some(network => contains(network, from))) {
                    report(`The rule ${rule.name} of ${args.name} opens SSH to ${source}.`);
                }
            }
        }
    },
};

interface Network {
    first: number;
    bits: number;
}

const everything: Network = { first: 0, bits: 0 };

/** A network from its CIDR; everything for "*", a service tag, and what can't be read. */
function parse(cidr: string): Network {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(cidr);
    if (!match) {
        return everything;
    }
    const [a, b, c, d, bits] = match.slice(1).map(Number);
    return { first: ((a * 256 + b) * 256 + c) * 256 + d, bits: match[5] === undefined ? 32 : bits };
}

function contains(outer: Network, inner: Network): boolean {
    const size = 2 ** (32 - outer.bits);
    return inner.bits >= outer.bits && Math.floor(outer.first / size) === Math.floor(inner.first / size);
}

/** Within the cluster, machines reach each other. */
function isPrivate(network: Network): boolean {
    return ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some(range => contains(parse(range), network));
}

function sources(rule: any): string[] {
    return [rule.sourceAddressPrefix, ...(rule.sourceAddressPrefixes ?? [])].filter(source => source);
}

function opensSSH(rule: any): boolean {
    return [rule.destinationPortRange, ...(rule.destinationPortRanges ?? [])].filter(range => range).some(range => {
        const [first, last] = range === "*" ? [0, 65535] : range.split("-").map(Number);
        return first <= 22 && 22 <= (last ?? first);
    });
}
