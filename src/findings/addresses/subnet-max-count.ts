import { nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { remedy, shareText, subnetPlans } from "./subnet-plan.ts";

export const subnetMaxCount: Rule = {
  code: "AKS1001",
  title: "Subnet is too small for the node pools",
  severity: "error",
  explain: `Azure checks, when a pool is made or changed, that the subnet holds the nodes the pool may come to: max_count for a pool
with the autoscaler, node_count for others. With node subnet networking (network_plugin "azure" alone) every node takes 1 + max_pods
addresses at once; with overlay, kubenet and pod subnets it takes one. Azure keeps five addresses of each subnet.
What happens: the apply ends with InsufficientSubnetSize, or the autoscaler stops short of max_count and pods stay Pending.
Mend: a larger subnet (an existing one cannot grow while it is in use), a lower max_count, fewer pods a node, or overlay networking.
Source: "Plan IP addressing for AKS clusters"; support article "InsufficientSubnetSize (advanced networking)".`,
  *check(world) {
    for (const plan of subnetPlans(world)) {
      if (plan.atMax <= plan.usable) continue;
      const { subnet } = plan;
      const shares = plan.shares.map((share) => shareText(share, share.nodes)).join(", ");
      const others = plan.others === 0 ? "" : `, ${plan.others} for private endpoints and internal load balancers`;
      yield violation(subnetMaxCount, {
        subject: subnet.address,
        range: subnet.rangeAt("address_prefixes"),
        detail: `Subnet "${nameOf(subnet)}" is too small: at their highest counts its pools need ${plan.atMax} addresses (${shares}${others}), ${plan.usable} are usable. ${remedy(plan, plan.withSurge)}`,
        evidence: { neededAddresses: plan.atMax, usableAddresses: plan.usable, neededWithSurge: plan.withSurge },
        related: relatedTo(
          ...plan.shares.map(
            ({ pool, nodes }) =>
              [`pool "${nameOf(pool)}" may come to ${nodes} nodes`, pool.rangeAt("max_count") ?? pool.range] as const,
          ),
        ),
      });
    }
  },
};
