import { familiesOf, isDualStack } from "../../azure/ip-families.ts";
import { known, knownOr } from "../../model/unknown.ts";
import { serviceFamilies } from "../../simulate/cloud/service-families.ts";
import {
  counted,
  isWindows,
  lower,
  managedClusters,
  nameOf,
  networkOf,
  onlyCluster,
  rangesOf,
  subnetOf,
} from "../cluster-facts.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";
import { servicesOf } from "./services.ts";

export const subnetWithoutIpv6: Rule = {
  code: "AKS3032",
  title: "Subnet of a dual-stack cluster has no IPv6 range",
  severity: "error",
  explain: `The nodes of a dual-stack cluster have an address of each family from their subnet, so the subnet and its network need a range of each.
What happens: the cluster or pool is refused, or its nodes get no IPv6 address.
Mend: an IPv6 range in address_space of the network, and a /64 of it in address_prefixes of the subnet.
Source: "Use dual-stack networking in AKS"; "What is IPv6 for Azure Virtual Network?".`,
  *check(world) {
    for (const cluster of managedClusters(world)) {
      if (isDualStack(cluster) !== true) continue;
      const seen = new Set<string>();
      for (const pool of cluster.pools) {
        const subnet = subnetOf(world, pool);
        const prefixes = known(subnet?.addressPrefixes);
        if (subnet === undefined || prefixes === undefined || prefixes.length === 0 || seen.has(subnet.address))
          continue;
        seen.add(subnet.address);
        if (rangesOf(prefixes).some(({ family }) => family === 6)) continue;
        const network = networkOf(world, subnet);
        const space = network === undefined ? undefined : known(network.addressSpace);
        const bare = space !== undefined && !rangesOf(space).some(({ family }) => family === 6);
        yield violation(subnetWithoutIpv6, {
          subject: subnet.address,
          range: subnet.rangeAt("address_prefixes"),
          detail: `Cluster "${nameOf(cluster)}" has ip_versions IPv4 and IPv6, but subnet "${nameOf(subnet)}" (${prefixes.join(", ")}) of pool "${nameOf(pool)}" has no IPv6 range. Add a /64 to address_prefixes${bare ? ` and the range that it lies in to address_space of "${nameOf(network ?? subnet)}"` : ""}.`,
          evidence: { prefixes: prefixes.join(", ") },
          related: relatedTo(["ip_versions", cluster.rangeAt("network_profile.ip_versions")]),
        });
      }
    }
  },
};

export const serviceFamily: Rule = {
  code: "AKS3033",
  title: "The Service asks for an address family that the cluster does not have",
  severity: "error",
  perCluster: true,
  explain: `ipFamilies and ipFamilyPolicy RequireDualStack are checked against the cluster's service ranges; PreferDualStack takes what there is.
What happens: the API server refuses the Service: "this cluster is not configured for dual-stack services", or "not configured on this cluster".
Mend: ip_versions = ["IPv4", "IPv6"] on the cluster (which replaces it), or PreferDualStack, or no ipFamilies.
Source: Kubernetes, "IPv4/IPv6 dual-stack"; pkg/registry/core/service/storage/alloc.go, v1.35.`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || cluster.isData) return;
    for (const view of servicesOf(world)) {
      const { spec } = view.service;
      // Without a selector a headless Service may have what families it likes.
      if (spec === undefined || spec.type === "ExternalName") continue;
      if (spec.clusterIP === "None" && Object.keys(spec.selector ?? {}).length === 0) continue;
      const given = serviceFamilies(cluster, view.service);
      if (!("refused" in given)) continue;
      yield violation(serviceFamily, {
        subject: view.address,
        range: view.source.rangeAt(["spec", given.field]),
        detail: `${view.address} has ${spec.ipFamilyPolicy === undefined ? "" : `ipFamilyPolicy ${spec.ipFamilyPolicy}`}${spec.ipFamilyPolicy !== undefined && spec.ipFamilies !== undefined ? " and " : ""}${spec.ipFamilies === undefined ? "" : `ipFamilies ${spec.ipFamilies.join(", ")}`}; cluster "${nameOf(cluster)}" has ${familiesOf(
          cluster,
        )
          .map((family) => `IPv${family}`)
          .join(" and ")}: the API server refuses it (spec.${given.field}: ${given.refused}).`,
        evidence: { field: `spec.${given.field}` },
        related: relatedTo(["the cluster's network", cluster.rangeAt("network_profile")]),
      });
    }
  },
};

export const probeOverIpv6: Rule = {
  code: "AKS3034",
  title: "IPv6 Service that health probes do not reach",
  severity: "warning",
  perCluster: true,
  explain: `The load balancer probes IPv6 nodes from a link-local address. On Azure Linux nodes such a probe does not get on to a pod of another node, so a Service with IPv6 needs
externalTrafficPolicy Local, where kube-proxy answers the probe on the node itself.
What happens: no backend is healthy, and the IPv6 address of the Service does not answer.
Mend: externalTrafficPolicy: Local, or Ubuntu nodes.
Source: "Use dual-stack networking in AKS", limitations; "Azure CNI Overlay networking", IPv6 Services.`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || cluster.isData || isDualStack(cluster) !== true) return;
    const pools = cluster.pools.filter((pool) => !isWindows(pool));
    if (pools.length === 0 || !pools.every((pool) => /^(azurelinux|cblmariner|mariner)/.test(lower(pool.osSku) ?? "")))
      return;
    for (const view of servicesOf(world)) {
      const given = serviceFamilies(cluster, view.service);
      const hasIpv6 = "families" in given && given.families.includes("IPv6");
      if (!view.isLoadBalancer || !hasIpv6 || view.service.spec.externalTrafficPolicy === "Local") continue;
      yield violation(probeOverIpv6, {
        subject: view.address,
        range: view.source.rangeAt(["spec", "externalTrafficPolicy"]),
        detail: `${view.address} has an IPv6 address and externalTrafficPolicy Cluster, and ${counted(pools.length, "pool")} of cluster "${nameOf(cluster)}" ${pools.length === 1 ? "runs" : "all run"} ${knownOr(pools[0]?.osSku, "Azure Linux")}: the load balancer's IPv6 probes reach no pod. Set externalTrafficPolicy: Local.`,
        related: relatedTo(["the pool", pools[0]?.rangeAt("os_sku")]),
      });
    }
  },
};
