import { formatCidr, parseCidr } from "../../azure/cidr.ts";
import { isDualStack } from "../../azure/ip-families.ts";
import { networkMode } from "../../azure/network-mode.ts";
import type { AksCluster } from "../../azure/platform.ts";
import { type Fact, isUnknown, known } from "../../model/unknown.ts";
import { lower } from "../cluster-facts.ts";

type Problem = readonly [path: string, problem: string];

/**
 * What azurerm or the service refuses of a cluster's address families ("Use dual-stack networking in AKS"; "Azure CNI Overlay networking",
 * dual stack; azurerm kubernetes_cluster resource, validation).
 */
export const familyProblems = (cluster: AksCluster): readonly Problem[] => {
  const dual = isDualStack(cluster);
  if (dual === undefined) return [];
  const { ipVersions } = cluster.network;
  const versions = known(ipVersions) ?? [];
  if (versions.length === 1 && dual)
    return [["network_profile.ip_versions", 'ip_versions must hold "IPv4": IPv6 alone is not supported.']];
  const problems = dual ? [...settingProblems(cluster), ...rangeProblems(cluster, versions)] : singleProblems(cluster);
  return problems.map(([path, problem]): Problem => [`network_profile.${path}`, problem]);
};

/** Two ranges for one family. */
const singleProblems = ({ network }: AksCluster): readonly Problem[] => {
  const problems: Problem[] = [];
  for (const [name, ranges] of [
    ["pod_cidrs", network.podCidrs],
    ["service_cidrs", network.serviceCidrs],
  ] as const) {
    if ((known(ranges) ?? []).length > 1)
      problems.push([
        name,
        `${name} has ${(known(ranges) ?? []).length} ranges, which needs ip_versions = ["IPv4", "IPv6"]; azurerm refuses the plan.`,
      ]);
  }
  if ((known(network.loadBalancer.managedOutboundIpv6) ?? 0) > 0)
    problems.push([
      "load_balancer_profile.managed_outbound_ipv6_count",
      'managed_outbound_ipv6_count needs ip_versions = ["IPv4", "IPv6"].',
    ]);
  return problems;
};

const settingProblems = (cluster: AksCluster): readonly Problem[] => {
  const { network } = cluster;
  const problems: Problem[] = [];
  const [pool] = cluster.pools;
  const mode =
    pool === undefined || isUnknown(network.plugin) || isUnknown(network.pluginMode)
      ? undefined
      : networkMode(cluster, pool);
  if (mode === "nodeSubnet" || mode === "podSubnet" || mode === "podSubnetStatic")
    problems.push([
      "ip_versions",
      `dual stack needs network_plugin_mode "overlay" (or kubenet); with a ${mode === "nodeSubnet" ? "node" : "pod"} subnet pods have IPv4 addresses only and the cluster is refused.`,
    ]);
  const policy = lower(network.policy);
  if (policy === "azure" || policy === "calico")
    problems.push([
      "network_policy",
      `network_policy "${policy}" does not go with dual stack. Use network_data_plane and network_policy "cilium", or none.`,
    ]);
  const outbound = lower(network.outboundType);
  if (outbound === "managednatgateway" || outbound === "userassignednatgateway")
    problems.push([
      "outbound_type",
      `outbound_type "${known(network.outboundType)}" does not go with dual stack. Use "loadBalancer" or "userDefinedRouting".`,
    ]);
  if (cluster.addons.virtualNode !== undefined)
    problems.push(["ip_versions", "virtual nodes (aci_connector_linux) do not go with dual stack."]);
  const least = lower(network.dataPlane) === "cilium" ? 29 : 26;
  const minor = Number(/^1\.(\d+)/.exec(known(cluster.kubernetesVersion) ?? "")?.[1] ?? Number.NaN);
  if (mode === "overlay" && minor < least)
    problems.push(["ip_versions", `dual stack with overlay needs Kubernetes 1.${least} or later.`]);
  return problems;
};

/** Ranges stand in the order of ip_versions, one for each. */
const rangeProblems = ({ network }: AksCluster, versions: readonly string[]): readonly Problem[] => {
  const problems: Problem[] = [];
  const check = (name: string, given: Fact<readonly string[]>): void => {
    const texts = known(given);
    if (texts === undefined || texts.length === 0) return;
    const families = texts.map((text) => `IPv${parseCidr(text)?.family ?? "?"}`);
    if (families.join().toLowerCase() === versions.join().toLowerCase()) return;
    problems.push([
      name,
      `${name} ${texts.join(", ")} must hold one range for each of ip_versions, in their order (${versions.join(", ")}).`,
    ]);
  };
  check("pod_cidrs", network.podCidrs);
  check("service_cidrs", network.serviceCidrs);
  for (const text of known(network.serviceCidrs) ?? []) {
    const range = parseCidr(text);
    if (range?.family === 6 && range.length < 108)
      problems.push([
        "service_cidrs",
        `IPv6 service range ${formatCidr(range)} is larger than a /108, which Kubernetes does not take. Use ${formatCidr(range).replace(/\/\d+$/, "/108")}.`,
      ]);
  }
  return problems;
};
