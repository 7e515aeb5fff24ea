import { containsIp, parseCidr, parseIp } from "../../azure/cidr.ts";
import type { AksCluster } from "../../azure/platform.ts";
import { clusterLimits } from "../../azure/service-limits.ts";
import { resolve, withoutKey } from "../../graph/resolve.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { SourceRange } from "../../model/source-range.ts";
import { known } from "../../model/unknown.ts";
import { lower, managedClusters, nameOf, subnetOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

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
      if (outbound === "userassignednatgateway") yield* natGateways(world, cluster, texts, at);
      if (outbound === "userdefinedrouting") yield* firewalls(world, cluster, at);
    }
  },
};

/** Every range is written out, so an address that Azure is yet to give cannot be among them. */
function* natGateways(
  world: World,
  cluster: AksCluster,
  texts: readonly string[],
  at: SourceRange | undefined,
): Iterable<Diagnostic> {
  const gateways = cluster.pools.flatMap(
    (pool) => resolve(world.platform.natGateways, subnetOf(world, pool)?.natGateway) ?? [],
  );
  const ranges = texts.flatMap((text) => parseCidr(text.includes("/") ? text : `${text}/32`) ?? []);
  for (const gateway of new Set(gateways)) {
    const missing = gateway.publicIps.flatMap((reference) => {
      const ip = resolve(world.platform.publicIps, reference);
      if (ip === undefined) return [];
      const address = known(ip.ipAddress);
      const parsed = address === undefined ? undefined : parseIp(address);
      if (parsed !== undefined && ranges.some((range) => containsIp(range, parsed))) return [];
      return ip.isData && parsed === undefined ? [] : [address ?? `the address of ${ip.address}`];
    });
    if (missing.length === 0) continue;
    yield violation(authorizedRanges, {
      subject: cluster.address,
      range: at,
      detail: `Nodes of cluster "${nameOf(cluster)}" leave through NAT gateway "${nameOf(gateway)}" (${missing.join(", ")}), which authorized_ip_ranges does not hold: they cannot reach the API server. Add \`\${azurerm_public_ip.….ip_address}/32\` of the gateway.`,
      evidence: { missingAddresses: missing.join(", ") },
      related: relatedTo(["the NAT gateway", gateway.range]),
    });
  }
}

function* firewalls(world: World, cluster: AksCluster, at: SourceRange | undefined): Iterable<Diagnostic> {
  const firewall = world.platform.others.find(({ type, isData }) => type === "azurerm_firewall" && !isData);
  if (firewall === undefined) return;
  const ips = world.platform.publicIps.filter((ip) => firewall.dependsOn.includes(withoutKey(ip.address)));
  if (ips.length === 0 || ips.some((ip) => known(ip.ipAddress) !== undefined)) return;
  yield violation(authorizedRanges, {
    subject: cluster.address,
    range: at,
    severity: "warning",
    detail: `Nodes of cluster "${nameOf(cluster)}" leave through firewall "${nameOf(firewall)}", whose public address is made with this configuration and so is not among authorized_ip_ranges: they cannot reach the API server. Add \`\${${ips[0]?.address}.ip_address}/32\`.`,
    related: relatedTo(["the firewall", firewall.range]),
  });
}
