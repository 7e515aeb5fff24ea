import type { NodePool, ResourceRef } from "../azure/platform.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Fact } from "../model/unknown.ts";
import type { Value } from "../model/value.ts";
import { boolFact, knownTextMap, knownTexts, numberFact, scalarFact, textFact, textsFact } from "./azure-facts.ts";
import { azureResource, type Mapping, orNothing } from "./azure-resource.ts";
import { partAt, type ResourceView, settingAt } from "./azure-view.ts";

/** Where a pool's settings lie: a resource of its own, or a block of the cluster. */
interface PoolSource {
  readonly view: ResourceView;
  /** `""`, or the block's name with a dot. */
  readonly prefix: string;
  readonly part: (path: string) => Value | undefined;
  readonly refAt: (path: string) => ResourceRef | undefined;
}

/** The pools that are blocks of the cluster; azapi may have several, of which the first system pool is the default one. */
export const blockPools = (mapping: Mapping, cluster: ResourceView, others: readonly Value[]): readonly NodePool[] => {
  const reference: ResourceRef = { address: cluster.instance.address, id: undefined };
  const own: PoolSource = {
    view: cluster,
    prefix: "default_node_pool.",
    part: (path) => settingAt(cluster, `default_node_pool.${path}`),
    refAt: (path) => mapping.resolver.at(cluster, `default_node_pool.${path}`),
  };
  const hasOwn = settingAt(cluster, "default_node_pool") !== undefined;
  const resource = azureResource(cluster);
  const named = (source: PoolSource, address: string, isDefault: boolean): NodePool => ({
    ...resource,
    ...poolSettings(source),
    address,
    name: textFact(source.part("name")),
    tags: knownTextMap(source.part("tags")),
    range: source.view.rangeAt(source.prefix.slice(0, -1)) ?? resource.range,
    cluster: reference,
    isDefault,
    mode: isDefault ? (textFact(source.part("mode")) ?? "System") : textFact(source.part("mode")),
  });
  return [
    ...(hasOwn ? [named(own, `${cluster.instance.address}.default_node_pool`, true)] : []),
    ...others.map((block, at) => {
      const part = (path: string) => partAt(block, path);
      const source = {
        view: cluster,
        prefix: "other_node_pools.",
        part,
        refAt: (path: string) => mapping.resolver.refOf(part(path)),
      };
      return named(source, `${cluster.instance.address}.agentPoolProfiles[${at + 1}]`, false);
    }),
  ];
};

/** A pool that is a resource of its own. */
export const resourcePool = (mapping: Mapping, view: ResourceView): NodePool => ({
  ...azureResource(view),
  ...poolSettings({
    view,
    prefix: "",
    part: (path) => settingAt(view, path),
    refAt: (path) => mapping.resolver.at(view, path),
  }),
  cluster: orNothing(mapping.resolver.at(view, "kubernetes_cluster_id")),
  isDefault: false,
});

type PoolSettings = Omit<
  NodePool,
  | "address"
  | "type"
  | "name"
  | "resourceGroup"
  | "location"
  | "tags"
  | "range"
  | "isData"
  | "dependsOn"
  | "cluster"
  | "isDefault"
>;

const poolSettings = (source: PoolSource): PoolSettings => {
  const { part, refAt } = source;
  return {
    rangeAt: rangeIn(source),
    mode: textFact(part("mode")),
    vmSize: textFact(part("vm_size")),
    osType: textFact(part("os_type")),
    osSku: textFact(part("os_sku")),
    osDiskSizeGb: numberFact(part("os_disk_size_gb")),
    osDiskType: textFact(part("os_disk_type")),
    kubeletDiskType: textFact(part("kubelet_disk_type")),
    orchestratorVersion: textFact(part("orchestrator_version")),
    zones: textsFact(part("zones")),
    nodeCount: numberFact(part("node_count")),
    autoscaling: boolFact(part("auto_scaling_enabled")),
    minCount: numberFact(part("min_count")),
    maxCount: numberFact(part("max_count")),
    maxPods: numberFact(part("max_pods")),
    subnet: refAt("vnet_subnet_id"),
    podSubnet: refAt("pod_subnet_id"),
    podIpAllocationMode: textFact(part("pod_ip_allocation_mode")),
    labels: knownTextMap(part("node_labels")),
    taints: knownTexts(part("node_taints")),
    priority: textFact(part("priority")),
    evictionPolicy: textFact(part("eviction_policy")),
    spotMaxPrice: numberFact(part("spot_max_price")),
    scaleDownMode: textFact(part("scale_down_mode")),
    upgrade: {
      maxSurge: textFact(part("upgrade_settings.max_surge")),
      maxUnavailable: textFact(part("upgrade_settings.max_unavailable")),
      drainTimeoutMinutes: numberFact(part("upgrade_settings.drain_timeout_in_minutes")),
      soakMinutes: numberFact(part("upgrade_settings.node_soak_duration_in_minutes")),
    },
    temporaryNameForRotation: textFact(part("temporary_name_for_rotation")),
    publicIpPerNode: boolFact(part("node_public_ip_enabled")),
    onlyCriticalAddons: boolFact(part("only_critical_addons_enabled")),
    kubeletConfig: scalarsOf(part("kubelet_config")),
    ultraSsd: boolFact(part("ultra_ssd_enabled")),
    ignoresNodeCount: ignoresNodeCount(source),
  };
};

/** Rules ask for `vm_size`, whether or not the pool is a block of the cluster. */
const rangeIn =
  ({ view, prefix }: PoolSource) =>
  (path: string): SourceRange | undefined =>
    view.rangeAt(path.startsWith(prefix) ? path : `${prefix}${path}`);

/** The scalars of a block; a block of the first element of a list is that element. */
export const scalarsOf = (value: Value | undefined): Readonly<Record<string, Fact<string | number | boolean>>> => {
  const block = value !== undefined && "items" in value ? value.items[0] : value;
  if (block?.kind !== "object" && block?.kind !== "map") return {};
  const entries: [string, Fact<string | number | boolean>][] = [];
  for (const [name, item] of block.fields) {
    const isOwnChoice = item.kind === "unknown" && item.origin?.path.at(-1) === name;
    const fact = isOwnChoice ? undefined : scalarFact(item);
    if (fact !== undefined) entries.push([name, fact]);
  }
  return Object.fromEntries(entries);
};

const ignoresNodeCount = ({ view, prefix }: PoolSource): boolean => {
  const { ignoreChanges, isLifecycleKnown } = view.instance;
  if (ignoreChanges === "all" || isLifecycleKnown === false) return true;
  const wanted = new Set([
    `${prefix}node_count`,
    prefix.slice(0, -1),
    "body",
    "body.properties",
    "body.properties.count",
    "body.properties.agentPoolProfiles",
    "body.properties.agentPoolProfiles.count",
  ]);
  return ignoreChanges.some((path) => wanted.has(path.replaceAll(/\[[^\]]*\]/g, "")));
};
