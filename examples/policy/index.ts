import { PolicyPack } from "@pulumi/policy";

import { backup } from "./backup";
import { operators } from "./operators";
import { publicAddresses } from "./public-addresses";
import { sizes } from "./sizes";
import { tags } from "./tags";

new PolicyPack("azswarm", {
    policies: [publicAddresses, operators, sizes, tags, backup],
});
