import type { AksCluster } from "../../azure/platform.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { isWindows, lower, managedClusters, nameOf } from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";
import { familyProblems } from "./family-combination.ts";

export const networkCombination: Rule = {
  code: "AKS1014",
  title: "Network settings that do not go together",
  severity: "error",
  explain: `Some settings of network_profile exclude each other; azurerm or the service refuses the cluster.
- kubenet: no Windows pools, no network_policy "azure", no virtual nodes
- pod_cidr with network_plugin "azure" needs network_plugin_mode "overlay"
- service_cidr and dns_service_ip are given together or not at all
- network_data_plane "cilium" needs network_plugin "azure" and either overlay mode or a pod subnet, and Linux pools only
- network_policy "cilium" needs network_data_plane "cilium"; network_policy "azure" needs network_plugin "azure"
- ip_versions ["IPv4", "IPv6"] (dual stack) needs overlay mode or kubenet, two ranges in the order of ip_versions where pod_cidrs or service_cidrs are given, an IPv6 service range
  no larger than a /108, and goes with neither network_policy "azure" nor "calico", nor a NAT gateway, nor virtual nodes
Source: "Use dual-stack networking in AKS"; "Azure CNI Overlay networking", dual stack; "Use kubenet networking in AKS"; "Azure CNI Powered by Cilium"; azurerm kubernetes_cluster resource, validation.`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      for (const [path, problem] of [...problemsOf(cluster), ...familyProblems(cluster)]) {
        yield violation(networkCombination, {
          subject: cluster.address,
          range: cluster.rangeAt(path),
          detail: `Cluster "${nameOf(cluster)}": ${problem}`,
        });
      }
    }
  },
};

const problemsOf = (cluster: AksCluster): readonly (readonly [path: string, problem: string])[] => {
  const { network } = cluster;
  if ([network.plugin, network.pluginMode, network.dataPlane, network.policy].some(isUnknown)) return [];
  const plugin = lower(network.plugin);
  const mode = lower(network.pluginMode);
  const plane = lower(network.dataPlane);
  const policy = lower(network.policy);
  const windows = cluster.pools.find(isWindows);
  const problems: [string, string][] = [];
  const add = (path: string, problem: string): void => void problems.push([`network_profile.${path}`, problem]);
  if (plugin === "kubenet" && windows !== undefined) {
    add(
      "network_plugin",
      `kubenet takes no Windows pools, but pool "${nameOf(windows)}" is one. Use network_plugin "azure".`,
    );
  }
  if (plugin === "kubenet" && policy === "azure") {
    add("network_policy", 'network_policy "azure" needs network_plugin "azure"; with kubenet only "calico" works.');
  }
  if (plugin === "kubenet" && cluster.addons.virtualNode !== undefined) {
    add("network_plugin", 'virtual nodes (aci_connector_linux) need network_plugin "azure", not kubenet.');
  }
  if (plugin === "azure" && known(network.podCidr) !== undefined && mode !== "overlay") {
    add(
      "pod_cidr",
      'pod_cidr with network_plugin "azure" needs network_plugin_mode "overlay"; azurerm refuses the plan.',
    );
  }
  if (
    !isUnknown(network.serviceCidr) &&
    !isUnknown(network.dnsServiceIp) &&
    (network.serviceCidr === undefined && (network.serviceCidrs ?? undefined) === undefined) !==
      (network.dnsServiceIp === undefined)
  ) {
    add("dns_service_ip", "service_cidr and dns_service_ip must be given together; only one of them is.");
  }
  if (plane === "cilium") {
    const podSubnets = cluster.pools.some((pool) => pool.podSubnet !== undefined);
    if (plugin !== "azure" || (mode !== "overlay" && !podSubnets)) {
      add(
        "network_data_plane",
        'network_data_plane "cilium" needs network_plugin "azure" with network_plugin_mode "overlay" or a pod subnet.',
      );
    }
    if (windows !== undefined) {
      add(
        "network_data_plane",
        `the Cilium data plane takes Linux pools only, but pool "${nameOf(windows)}" is Windows.`,
      );
    }
  }
  if (policy === "cilium" && plane !== "cilium") {
    add("network_policy", 'network_policy "cilium" needs network_data_plane "cilium".');
  }
  if (plane === "cilium" && (policy === "azure" || policy === "calico")) {
    add("network_policy", `network_policy "${policy}" does not run on the Cilium data plane; use "cilium".`);
  }
  return problems;
};
