import type { AksCluster, AlertRule } from "../../azure/platform.ts";
import { resolve } from "../../graph/resolve.ts";
import { known } from "../../model/unknown.ts";
import { hasUnseenObjects, lower, managedClusters, nameOf, quotedList } from "../cluster-facts.ts";
import { typoOf } from "../near-names.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";
import { type AlertName, alertNames } from "./alert-names.ts";
import { monitoringOf, refersTo } from "./references.ts";

export const alertOnNothing: Rule = {
  code: "AKS7112",
  title: "An alert on something that is not there",
  severity: "warning",
  explain: `An alert whose dimensions, query or cluster name are limited to a node pool, a namespace or a cluster that does not exist has no data to look at. A warning where the
pool is none of the cluster's, where this change takes the thing away, or where the name is a slip of one that is there; otherwise a note, since a workspace may hold data of other
clusters and manifests may come from elsewhere.
What happens: the alert never fires.
Mend: the name of what is there, or take the alert away with it.
Source: "Monitoring data reference for Azure Kubernetes Service"; "Azure Monitor managed service for Prometheus rule groups".`,
  *check(world) {
    const clusters = managedClusters(world);
    if (clusters.length === 0) return;
    for (const alert of monitoringOf(world.platform).alerts) {
      if (alert.isData || alert.enabled === false) continue;
      const scoped = clusters.filter((cluster) => alert.scopes.some((scope) => refersTo(scope, cluster) === "yes"));
      const lost = alertNames(alert).flatMap((name) => lostName(world, alert, scoped, name) ?? []);
      for (const severity of ["warning", "info"] as const) {
        const own = lost.filter((each) => each.severity === severity);
        const [first] = own;
        if (first === undefined) continue;
        yield violation(alertOnNothing, {
          subject: alert.address,
          range: alert.rangeAt(first.name.path),
          severity,
          detail: `Alert "${nameOf(alert)}" watches ${own.map(({ text }) => text).join("; and ")}. ${
            own.length === 1 ? "It" : "That part"
          } never fires. Write a name that is there, or take the alert away.`,
          evidence: { missing: own.map(({ name }) => name.value).join(", ") },
        });
      }
    }
  },
};

interface Lost {
  readonly name: AlertName;
  readonly severity: "warning" | "info";
  readonly text: string;
}

const lostName = (world: World, alert: AlertRule, scoped: readonly AksCluster[], name: AlertName): Lost | undefined => {
  switch (name.kind) {
    case "pool":
      return lostPool(world, scoped, name);
    case "namespace":
      return lostNamespace(world, name);
    case "cluster":
      return lostCluster(world, alert, name);
  }
};

const isNamed = (names: readonly string[], { value, isPrefix }: AlertName): boolean =>
  names.some((name) => {
    const own = name.toLowerCase();
    return isPrefix ? own.startsWith(value.toLowerCase()) : own === value.toLowerCase();
  });

/** `was` is what the name stood for before the change, where it did. */
const lostText = (noun: string, value: string, near: string | undefined, was: boolean, have: string): string =>
  `${noun} "${value}", which ${was ? "this change takes away" : `is not there${near === undefined ? have : ` ("${near}" is)`}`}`;

/** Pools that node auto-provisioning makes have names of their own: nothing is said where it may be on. */
const lostPool = (world: World, scoped: readonly AksCluster[], name: AlertName): Lost | undefined => {
  const clusters = scoped.length > 0 ? scoped : world.platform.clusters;
  const isOpen = (cluster: AksCluster): boolean =>
    cluster.isData ||
    cluster.pools.length === 0 ||
    lower(cluster.skuName) === "automatic" ||
    (cluster.nodeProvisioningMode !== undefined && lower(cluster.nodeProvisioningMode) !== "manual") ||
    cluster.pools.some((pool) => known(pool.name) === undefined);
  if (clusters.some(isOpen)) return undefined;
  const names = poolNames(clusters);
  if (isNamed(names, name)) return undefined;
  const before = world.base?.platform.clusters ?? [];
  const was = isNamed(poolNames(before), name);
  const near = typoOf(name.value, names);
  const isCertain = scoped.length > 0 || was || near !== undefined;
  return {
    name,
    severity: isCertain ? "warning" : "info",
    text: lostText("node pool", name.value, near, was, ` (pools: ${quotedList([...names].sort())})`),
  };
};

const poolNames = (clusters: readonly AksCluster[]): readonly string[] => [
  ...new Set(clusters.flatMap(({ pools }) => pools.flatMap((pool) => known(pool.name) ?? []))),
];

/** Namespaces that AKS makes for itself and its add-ons. */
const ownNamespaces =
  /^(default|kube-.*|gatekeeper-system|calico-.*|tigera-operator|app-routing-system|aks-.*|azure-.*|flux-system|dapr-system|gmp-.*|cert-manager|monitoring|ingress.*)$/;

const lostNamespace = (world: World, name: AlertName): Lost | undefined => {
  if (world.objects.length === 0 || ownNamespaces.test(name.value) || hasUnseenObjects(world)) return undefined;
  const names = namespaces(world);
  if (isNamed(names, name)) return undefined;
  const was = world.base !== undefined && isNamed(namespaces(world.base), name);
  const near = typoOf(name.value, names);
  return {
    name,
    severity: was || near !== undefined ? "warning" : "info",
    text: lostText("namespace", name.value, near, was, " in the manifests"),
  };
};

const namespaces = ({ objects }: Pick<World, "objects">): readonly string[] => [
  ...new Set(
    objects.flatMap(({ object }) => [
      ...(object.kind === "Namespace" ? [object.metadata.name] : []),
      ...(object.metadata.namespace === undefined ? [] : [object.metadata.namespace]),
    ]),
  ),
];

const lostCluster = (world: World, alert: AlertRule, name: AlertName): Lost | undefined => {
  const { clusters } = world.platform;
  const names = clusters.flatMap((cluster) => known(cluster.name) ?? []);
  if (names.length < clusters.length || isNamed(names, name)) return undefined;
  const before = (world.base?.platform.clusters ?? []).flatMap((cluster) => known(cluster.name) ?? []);
  const was = isNamed(before, name);
  const near = typoOf(name.value, names);
  const { metricWorkspaces } = monitoringOf(world.platform);
  // A workspace that is made here, and a group of rules for one cluster of it.
  const isOwn =
    name.path === "cluster_name" &&
    alert.scopes.some((scope) => resolve(metricWorkspaces, scope)?.isData === false || isCluster(world, scope));
  if (!was && near === undefined && !isOwn) return undefined;
  return {
    name,
    severity: was || near !== undefined ? "warning" : "info",
    text: lostText("cluster", name.value, near, was, ` (clusters: ${quotedList(names)})`),
  };
};

const isCluster = (world: World, scope: AlertRule["scopes"][number]): boolean =>
  resolve(world.platform.clusters, scope) !== undefined;
