import { lower, managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const basicLoadBalancer: Rule = {
  code: "AKS3018",
  title: "Basic load balancer is retired",
  severity: "error",
  explain: `The Basic load balancer was retired on 2025-09-30. load_balancer_sku cannot be changed later: azurerm replaces the cluster.
What happens: a new cluster is refused.
Mend: load_balancer_sku "standard".
Source: "Basic Load Balancer retirement in AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (lower(cluster.network.loadBalancerSku) !== "basic") continue;
      yield violation(basicLoadBalancer, {
        subject: cluster.address,
        range: cluster.rangeAt("network_profile.load_balancer_sku"),
        detail: `Cluster "${nameOf(cluster)}" asks for load_balancer_sku "basic", which was retired on 2025-09-30: it is refused. Use "standard".`,
      });
    }
  },
};
