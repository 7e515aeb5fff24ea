import { resolve } from "../../graph/resolve.ts";
import { managedClusters, podSubnetOf, poolsOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";
import { subnetPlans } from "./subnet-plan.ts";

export const subnetPredicted: Rule = {
  code: "AKS1003",
  title: "Subnet runs out of addresses at the predicted load",
  severity: "error",
  explain: `The prediction counts what takes addresses of a subnet: nodes, pods where they have addresses of it (node subnet: max_pods a
node, kept from the start; pod subnet: batches of 16 a node), internal frontends and private endpoints.
What happens: a new node or pod gets no address: FailedCreatePodSandBox "no IPs available", or the autoscaler backs off.
Mend: a larger subnet, fewer nodes or pods in it, or another subnet for the pools that grow.
Source: "Plan IP addressing for AKS clusters"; Azure/azure-container-networking docs/feature/ipammath.`,
  *check(world) {
    const planned = new Set(
      subnetPlans(world)
        .filter((plan) => plan.withSurge > plan.usable)
        .map((plan) => plan.subnet.address),
    );
    const podSubnets = new Set(poolsOf(world).map(({ pool }) => podSubnetOf(world, pool)?.address));
    // Every cluster in a subnet has the same figures for it; that of the API server is the matter of AKS1015.
    const apiServers = managedClusters(world).map((cluster) =>
      resolve(world.platform.subnets, cluster.apiServerSubnet),
    );
    const said = new Set(apiServers.map((subnet) => subnet?.address));
    for (const { subnets } of world.predictions) {
      for (const predicted of subnets) {
        const key = `${predicted.address} ${predicted.family ?? 4}`;
        if (said.has(predicted.address) || said.has(key)) continue;
        // Blocks of the pod CIDR are the matter of AKS1004.
        if (predicted.free >= 0 || planned.has(predicted.address) || predicted.name.startsWith("pod_cidr")) continue;
        said.add(key);
        const subnet = resolve(world.platform.subnets, { address: predicted.address, id: undefined });
        const now = predicted.used > predicted.usable;
        const what = podSubnets.has(predicted.address) ? "Pod subnet" : "Subnet";
        const parts = predicted.parts.map((part) => `${part.what} ${part.used + part.reserved}`).join(", ");
        yield violation(subnetPredicted, {
          subject: predicted.address,
          range: subnet?.rangeAt("address_prefixes"),
          severity: now ? "error" : "warning",
          detail: `${what} "${predicted.name}" (${predicted.prefix}) has ${predicted.usable} usable addresses; ${predicted.used} are taken at the predicted load${predicted.reserved === 0 ? "" : ` and ${predicted.reserved} more at max_count with surge`}, ${-predicted.free} too many${parts === "" ? "" : ` (${parts})`}. Enlarge the subnet${predicted.reserved === 0 ? "" : " or lower max_count"}.`,
          evidence: {
            usableAddresses: predicted.usable,
            usedAddresses: predicted.used,
            reservedAddresses: predicted.reserved,
            freeAddresses: predicted.free,
          },
        });
      }
    }
  },
};
