import { containsCidr, formatCidr, parseCidr } from "../../azure/cidr.ts";
import type { AksCluster, SecurityGroup, SecurityRule } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { nameOf, onlyCluster, podRanges, subnetOf } from "../cluster-facts.ts";
import { instanceAt, valueAt } from "../instance-values.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { loadBalancersOf } from "./services.ts";

export const subnetGroupBlocks: Rule = {
  code: "AKS3015",
  title: "Security group of the node subnet shuts the Service out",
  severity: "error",
  perCluster: true,
  explain: `AKS opens the ports of public Services in the security group that it makes itself, never in one that you put on the subnet. There, what no rule allows from the Internet
is denied by the last default rule. The rule is for the Service's port, not the node port.
What happens: the Service has an address but connections time out.
Mend: an inbound allow rule for the Service's port from Internet (or your clients) in the subnet's security group.
Source: "AKS CNI networking overview", network security groups; "Control traffic with network security groups in AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined) return;
    for (const group of groupsOf(world, cluster)) {
      const closed = (port: number, protocol: string): boolean => isOpen(group, port, protocol) === false;
      for (const view of loadBalancersOf(world)) {
        if (view.internal) continue;
        const ports = (view.service.spec?.ports ?? []).filter(({ port, protocol }) => closed(port, protocol ?? "TCP"));
        const [first] = ports;
        if (first === undefined) continue;
        yield violation(subnetGroupBlocks, {
          subject: view.address,
          range: view.source.rangeAt(["spec", "ports"]),
          detail: `Security group "${nameOf(group)}" on the node subnet has no inbound rule from the Internet for port ${ports.map(({ port }) => port).join(", ")} of ${view.address}: connections time out. Add an allow rule for it.`,
          evidence: { port: first.port },
          related: relatedTo(["the security group", group.range]),
        });
      }
      const routing = cluster.addons.webAppRouting;
      const controller = known(routing?.defaultNginxController)?.toLowerCase();
      const isPublic = routing !== undefined && controller !== "internal" && controller !== "none";
      const ingress = world.objects.find(
        ({ object }) => object.kind === "Ingress" && /webapprouting/.test(JSON.stringify(object)),
      );
      if (isPublic && ingress !== undefined && closed(80, "TCP") && closed(443, "TCP")) {
        yield violation(subnetGroupBlocks, {
          subject: group.address,
          range: group.range,
          summary: "Security group of the node subnet shuts the ingress out",
          detail: `Security group "${nameOf(group)}" on the node subnet has no inbound rule from the Internet for port 80 or 443, at which application routing serves the Ingresses: connections time out. Add allow rules.`,
          related: relatedTo(["an Ingress", ingress.range]),
        });
      }
    }
  },
};

export const podRangeBlocked: Rule = {
  code: "AKS3006",
  title: "Security group denies traffic between pods",
  severity: "error",
  perCluster: true,
  explain: `With overlay networking pods keep their own addresses on the way between nodes. A security group on the node subnet must let the pod CIDR through, from and to.
What happens: pods on different nodes do not reach each other, and name lookups fail where CoreDNS is on another node.
Mend: allow rules for the pod CIDR in both directions before any deny rule.
Source: "Azure CNI Overlay networking", network security groups.`,
  *check(world) {
    const cluster = onlyCluster(world) ?? world.platform.clusters[0];
    if (cluster === undefined || known(cluster.network.pluginMode)?.toLowerCase() !== "overlay") return;
    const range = podRanges(cluster).find(({ family }) => family === 4);
    if (range === undefined) return;
    for (const group of groupsOf(world, cluster)) {
      const rules = ordered(group);
      if (rules === undefined) continue;
      for (const direction of ["inbound", "outbound"]) {
        const deciding = rules.find(
          (rule) =>
            rule.direction.toLowerCase() === direction &&
            rule.sourcePrefixes.some((prefix) => coversRange(prefix)) &&
            rule.destinationPrefixes.some((prefix) => coversRange(prefix)) &&
            coversAllPorts(rule),
        );
        const hasOwnRule = rules.some(
          (rule) =>
            rule.direction.toLowerCase() === direction &&
            rule.access.toLowerCase() === "allow" &&
            [...rule.sourcePrefixes, ...rule.destinationPrefixes].some((prefix) => {
              const given = parseCidr(prefix);
              return given !== undefined && given.length > 0 && containsCidr(given, range);
            }),
        );
        if (deciding === undefined || deciding.access.toLowerCase() !== "deny" || hasOwnRule) continue;
        yield violation(podRangeBlocked, {
          subject: group.address,
          range: deciding.range ?? group.range,
          detail: `Rule "${deciding.name}" of security group "${nameOf(group)}" denies all ${direction} traffic on the node subnet, the pod CIDR ${formatCidr(range)} too: pods on different nodes do not reach each other. Add an allow rule for ${formatCidr(range)} before it.`,
          evidence: { podCidr: formatCidr(range) },
        });
        break;
      }
    }
  },
};

export const outboundBlocked: Rule = {
  code: "AKS3061",
  title: "Security group keeps the nodes from what they need",
  severity: "error",
  perCluster: true,
  explain: `A node that starts up talks to the API server (443; 1194 and 9000 for older ways), to mcr.microsoft.com and to the package sources, by their public addresses. A security group on the node
subnet that denies all of that outbound, without an allow rule before it, cuts it off. A private cluster reaches its API server inside the network, the rest not.
What happens: OutboundConnFailVMExtensionError or K8SAPIServerConnFailVMExtensionError, and the cluster fails to come up.
Mend: allow TCP 443 to Internet, or to AzureCloud and MicrosoftContainerRegistry, before the deny rule.
Source: "Outbound network and FQDN rules for AKS clusters"; support article "OutboundConnFailVMExtensionError".`,
  *check(world) {
    for (const cluster of world.platform.clusters.filter(({ isData }) => !isData)) {
      const outbound = known(cluster.network.outboundType)?.toLowerCase();
      // With routes of their own, or none at all, requests may go through a proxy inside the network.
      if (outbound === "none" || outbound === "block" || outbound === "userdefinedrouting") continue;
      const proxy = valueAt(instanceAt(world, cluster.address)?.values, ["http_proxy_config", 0]);
      if (proxy !== undefined && proxy.kind !== "null") continue;
      for (const group of groupsOf(world, cluster)) {
        const deciding = ordered(group)?.find(
          (rule) =>
            rule.direction.toLowerCase() === "outbound" &&
            /^(\*|any|tcp)$/i.test(rule.protocol) &&
            coversPort(rule, 443) &&
            (rule.destinationPrefixes.some(isAnywhere) ||
              (rule.access.toLowerCase() === "allow" && rule.destinationPrefixes.some(isOutside))),
        );
        if (deciding === undefined || deciding.access.toLowerCase() !== "deny") continue;
        yield violation(outboundBlocked, {
          subject: group.address,
          range: deciding.range ?? group.range,
          detail: `Rule "${deciding.name}" of security group "${nameOf(group)}" denies the nodes of cluster "${nameOf(cluster)}" port 443 to the Internet: they reach neither mcr.microsoft.com nor a public API server, and the cluster ends with OutboundConnFailVMExtensionError. Allow TCP 443 before it.`,
        });
      }
    }
  },
};

/** Public addresses and service tags; private ranges and VirtualNetwork are inside. */
const isOutside = (prefix: string): boolean =>
  !/^(virtualnetwork|azureloadbalancer|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|fd)/i.test(
    prefix,
  );

const groupsOf = (world: World, cluster: AksCluster): readonly SecurityGroup[] => [
  ...new Set(
    cluster.pools
      .flatMap((pool) => resolve(world.platform.securityGroups, subnetOf(world, pool)?.securityGroup) ?? [])
      .filter((group) => !group.isData),
  ),
];

/** `undefined` where some part of a rule is not known before apply. */
const ordered = (group: SecurityGroup): readonly SecurityRule[] | undefined =>
  group.rules.some(
    (rule) =>
      isUnknown(rule.priority) ||
      [rule.direction, rule.access, rule.protocol].includes("") ||
      [rule.destinationPorts, rule.sourcePrefixes, rule.destinationPrefixes].some((list) => list.length === 0),
  )
    ? undefined
    : [...group.rules].sort((a, b) => (known(a.priority) ?? 0) - (known(b.priority) ?? 0));

/** Whether some client of the Internet gets through; `undefined` where the rules are not all known. */
const isOpen = (group: SecurityGroup, port: number, protocol: string): boolean | undefined => {
  const rules = ordered(group);
  if (rules === undefined) return undefined;
  for (const rule of rules) {
    if (rule.direction.toLowerCase() !== "inbound" || !coversPort(rule, port)) continue;
    if (!["*", "any", protocol.toLowerCase()].includes(rule.protocol.toLowerCase())) continue;
    const fromOutside = rule.sourcePrefixes.some((prefix) => !/^(virtualnetwork|azureloadbalancer)$/i.test(prefix));
    if (rule.access.toLowerCase() === "allow" && fromOutside) return true;
    if (rule.access.toLowerCase() === "deny" && rule.sourcePrefixes.some(isAnywhere)) return false;
  }
  return false;
};

const isAnywhere = (prefix: string): boolean => /^(\*|any|internet|0\.0\.0\.0\/0|0\.0\.0\.0)$/i.test(prefix);

/** Prefixes that hold a private range whatever it is; `VirtualNetwork` does not hold the pod CIDR. */
const coversRange = (prefix: string): boolean => /^(\*|any|0\.0\.0\.0\/0)$/i.test(prefix);

const coversAllPorts = (rule: SecurityRule): boolean =>
  rule.destinationPorts.some((ports) => ports === "*" || ports === "0-65535");

const coversPort = (rule: SecurityRule, port: number): boolean =>
  rule.destinationPorts.some((ports) => {
    if (ports === "*") return true;
    const [from = Number.NaN, to = from] = ports.split("-").map(Number);
    return port >= from && port <= to;
  });
