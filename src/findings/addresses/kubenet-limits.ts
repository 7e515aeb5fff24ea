import { familiesOf } from "../../azure/ip-families.ts";
import { maxClusterNodes, networkMode } from "../../azure/network-mode.ts";
import type { RouteTable } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { highestCount, managedClusters, nameOf, subnetOf, surgeOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const kubenetLimits: Rule = {
  code: "AKS1013",
  title: "kubenet's route table cannot carry the cluster",
  severity: "error",
  explain: `kubenet writes one route for each node into the route table of the subnet; a route table holds 400 of them, and one table serves one cluster. A node of a dual-stack
cluster takes two, so that 200 nodes are the most.
What happens: nodes past 400 get no route and their pods reach nothing; with a table shared by two clusters each overwrites the other's routes.
Mend: Azure CNI Overlay (kubenet retires on 2028-03-31), or a route table for each cluster.
Source: "Use kubenet networking with your own IP address ranges in AKS", limitations; "Use dual-stack kubenet networking in AKS".`,
  *check(world) {
    const owners = new Map<RouteTable, string>();
    for (const cluster of managedClusters(world)) {
      const pools = cluster.pools.filter((pool) => networkMode(cluster, pool) === "kubenet");
      if (pools.length === 0) continue;
      const counts = pools.map((pool) => ({ pool, nodes: highestCount(pool) ?? 0 }));
      const nodes = counts.reduce((sum, { pool, nodes: count }) => sum + count + surgeOf(cluster, pool, count), 0);
      const mostNodes = maxClusterNodes("kubenet", familiesOf(cluster).length);
      if (nodes > mostNodes) {
        yield violation(kubenetLimits, {
          subject: cluster.address,
          range: cluster.rangeAt("network_profile.network_plugin"),
          detail: `Cluster "${nameOf(cluster)}" uses kubenet and may come to ${nodes} nodes with surge; its route table carries ${mostNodes}${mostNodes < 400 ? ", since each takes a route for IPv4 and one for IPv6" : ""}. Lower max_count or use Azure CNI Overlay.`,
          evidence: { maxNodesWithSurge: nodes, routeLimit: mostNodes },
        });
      }
      const tables = pools.flatMap(
        (pool) => resolve(world.platform.routeTables, subnetOf(world, pool)?.routeTable) ?? [],
      );
      for (const table of new Set(tables)) {
        const owner = owners.get(table);
        if (owner !== undefined) {
          yield violation(kubenetLimits, {
            subject: cluster.address,
            range: cluster.range,
            summary: "Two kubenet clusters share a route table",
            detail: `Clusters "${owner}" and "${nameOf(cluster)}" both use kubenet with route table "${nameOf(table)}": each needs one of its own, or pods lose their routes.`,
            related: relatedTo([`route table "${nameOf(table)}"`, table.range]),
          });
        } else owners.set(table, nameOf(cluster));
      }
    }
  },
};
