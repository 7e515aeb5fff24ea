import { containsIp, parseCidr, parseIp } from "../../azure/cidr.ts";
import { clusterLimits } from "../../azure/service-limits.ts";
import { resolve } from "../../graph/resolve.ts";
import { known } from "../../model/unknown.ts";
import { lower, managedClusters, nameOf, subnetOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const authorizedRanges: Rule = {
  code: "AKS3007",
  title: "API server's authorised ranges leave the nodes out",
  severity: "error",
  explain: `With authorised IP ranges the API server answers only these. For outbound_type "loadBalancer" AKS adds the cluster's own outbound address;
for a NAT gateway or user-defined routing nobody does, and the nodes come from that address. At most 200 ranges; not for private clusters.
What happens: nodes cannot reach the API server and stay NotReady: K8SAPIServerConnFailVMExtensionError.
Mend: add the address of the NAT gateway or firewall to authorized_ip_ranges.
Source: "Secure access to the API server using authorized IP address ranges in AKS".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      const texts = known(cluster.authorizedIpRanges) ?? [];
      if (texts.length === 0) continue;
      const at = cluster.rangeAt("api_server_access_profile.authorized_ip_ranges");
      const outbound = lower(cluster.network.outboundType) ?? "loadbalancer";
      if (known(cluster.privateCluster) === true) {
        yield violation(authorizedRanges, {
          subject: cluster.address,
          range: at,
          severity: "error",
          summary: "Authorised ranges on a private cluster",
          detail: `Cluster "${nameOf(cluster)}" is private: authorised IP ranges cannot be set on it. Take authorized_ip_ranges away.`,
        });
        continue;
      }
      if (texts.length > clusterLimits.authorizedRanges) {
        yield violation(authorizedRanges, {
          subject: cluster.address,
          range: at,
          summary: "Too many authorised ranges",
          detail: `${texts.length} authorised ranges are given, ${clusterLimits.authorizedRanges} are allowed. Merge neighbouring ranges.`,
          evidence: { ranges: texts.length, limit: clusterLimits.authorizedRanges },
        });
      }
      if (outbound !== "userassignednatgateway") continue;
      const gateways = cluster.pools.flatMap(
        (pool) => resolve(world.platform.natGateways, subnetOf(world, pool)?.natGateway) ?? [],
      );
      const ranges = texts.flatMap((text) => parseCidr(text.includes("/") ? text : `${text}/32`) ?? []);
      for (const gateway of new Set(gateways)) {
        const missing = gateway.publicIps.flatMap((reference) => {
          const address = known(resolve(world.platform.publicIps, reference)?.ipAddress);
          const parsed = address === undefined ? undefined : parseIp(address);
          return parsed !== undefined && !ranges.some((range) => containsIp(range, parsed)) ? [address ?? ""] : [];
        });
        if (missing.length === 0) continue;
        yield violation(authorizedRanges, {
          subject: cluster.address,
          range: at,
          detail: `Nodes of cluster "${nameOf(cluster)}" leave through NAT gateway "${nameOf(gateway)}" (${missing.join(", ")}), which authorized_ip_ranges does not hold: they cannot reach the API server. Add ${missing.map((ip) => `${ip}/32`).join(", ")}.`,
          evidence: { missingAddresses: missing.join(", ") },
        });
      }
    }
  },
};
