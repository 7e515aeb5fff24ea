import { counted, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { remedy, shareText, subnetPlans } from "./subnet-plan.ts";

export const subnetSurge: Rule = {
  code: "AKS1002",
  title: "Subnet has no room for upgrade surge nodes",
  severity: "warning",
  explain: `An upgrade adds surge nodes to each pool before it drains the old ones (max_surge, 10 % where nothing is given), and
each of them takes the addresses of a whole node. Pools may be upgraded at the same time, and surge nodes come on top of max_count.
What happens: the upgrade stops with SubnetIsFull, "doesn't have enough capacity for IP addresses".
Mend: a larger subnet, a lower max_surge or max_count, or upgrade pools one after the other while they are small.
Source: support article "SubnetIsFull during upgrade"; "Upgrade options for AKS clusters".`,
  *check(world) {
    for (const plan of subnetPlans(world)) {
      if (plan.atMax > plan.usable || plan.withSurge <= plan.usable) continue;
      const { subnet } = plan;
      const always = plan.lowestWithSurge > plan.usable;
      const surge = plan.shares.filter((share) => share.surge > 0);
      yield violation(subnetSurge, {
        subject: subnet.address,
        range: subnet.rangeAt("address_prefixes"),
        severity: always ? "error" : "warning",
        detail: `Subnet "${nameOf(subnet)}" holds its pools at their highest counts (${plan.atMax} of ${plan.usable} addresses) but not an upgrade: ${counted(
          surge.reduce((sum, share) => sum + share.surge, 0),
          "surge node",
        )} (${surge.map((share) => shareText(share, share.surge)).join(", ")}) bring it to ${plan.withSurge}. ${always ? "That is so at the lowest counts already. " : ""}${remedy(plan, plan.withSurge)}`,
        evidence: { neededWithSurge: plan.withSurge, neededAtMax: plan.atMax, usableAddresses: plan.usable },
        related: relatedTo(
          ...surge.map(
            (share) =>
              [
                `pool "${nameOf(share.pool)}" surges by ${share.surge}`,
                share.pool.rangeAt("upgrade_settings.max_surge"),
              ] as const,
          ),
        ),
      });
    }
  },
};
