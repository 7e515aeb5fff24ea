import { assumedKubernetesVersion } from "../../azure/kubernetes-version.ts";
import { maxPodsOf, type NetworkMode, networkMode, usesCilium } from "../../azure/network-mode.ts";
import { criticalAddonsTaint, spotTaint } from "../../azure/node-labels.ts";
import { type NodeResources, nodeResources, type OsDisk, osDisk } from "../../azure/node-resources.ts";
import type { AksCluster, NodePool } from "../../azure/platform.ts";
import { regionName } from "../../azure/regions.ts";
import { type VmSize, type VmSizeOverrides, vmSize, vmSizeNames } from "../../azure/vm-sizes.ts";
import type { Taint } from "../../kubernetes/node.ts";
import { type Diagnostic, diagnostic, type Outcome } from "../../model/diagnostic.ts";
import { known, knownOr } from "../../model/unknown.ts";
import { nodeResourceGroupName, scaleSetName } from "./names.ts";

/** Everything that the nodes of one pool have in common. */
export interface NodeTemplate {
  readonly pool: string;
  readonly size: VmSize;
  readonly vmSize: string;
  readonly resources: NodeResources;
  readonly osDisk: OsDisk;
  readonly maxPods: number;
  readonly network: NetworkMode;
  readonly cilium: boolean;
  readonly kubernetesVersion: string;
  readonly mode: string;
  readonly windows: boolean;
  readonly osSku: string;
  readonly spot: boolean;
  readonly location: string;
  /** Empty for a pool outside the zones. */
  readonly zones: readonly string[];
  readonly taints: readonly Taint[];
  readonly userLabels: Readonly<Record<string, string>>;
  readonly nodeResourceGroup: string;
  readonly scaleSet: string;
  readonly subscriptionId: string;
  /** What device plugins offer on a node, such as `nvidia.com/gpu`. */
  readonly devices?: Readonly<Record<string, number>>;
}

export interface NodeTemplateOptions {
  /** Sizes of the user's `az vm list-skus`. */
  readonly sizes?: VmSizeOverrides;
  /** Where the configuration gives no location that is known. */
  readonly location?: string;
  /** Size taken for a pool whose vm_size is left out or unknown. */
  readonly assumedVmSize?: string;
}

/**
 * The common form of a pool's nodes, or none with a diagnostic where the size is not known. An unknown attribute takes the default
 * that `nodeAssumptions` names.
 */
export const nodeTemplate = (
  cluster: AksCluster,
  pool: NodePool,
  options: NodeTemplateOptions = {},
): Outcome<NodeTemplate | undefined> => {
  const asked = known(pool.vmSize) ?? options.assumedVmSize ?? assumedVmSize;
  const size = vmSize(asked, options.sizes);
  if (size?.memoryGib === undefined) return { value: undefined, diagnostics: [unknownSize(pool, asked, size)] };
  const name = knownOr(pool.name, "nodepool");
  const kubernetesVersion =
    known(pool.orchestratorVersion) ?? known(cluster.kubernetesVersion) ?? assumedKubernetesVersion;
  const windows = knownOr(pool.osType, "Linux").toLowerCase() === "windows";
  const maxPods = maxPodsOf(cluster, pool);
  const disk = osDisk(size, { type: known(pool.osDiskType), sizeGib: known(pool.osDiskSizeGb) });
  const location = known(cluster.location) ?? options.location ?? "region";
  const group = known(cluster.resourceGroup) ?? "group";
  const clusterName = known(cluster.name) ?? "cluster";
  const spot = isSpot(pool);
  return {
    value: {
      pool: name,
      size,
      vmSize: asked,
      resources: nodeResources({
        vcpus: size.vcpus,
        memoryGib: size.memoryGib,
        maxPods,
        kubernetesVersion,
        osDiskGib: disk.sizeGib,
        windows,
      }),
      osDisk: disk,
      maxPods,
      network: networkMode(cluster, pool),
      cilium: usesCilium(cluster),
      kubernetesVersion,
      mode: pool.isDefault ? "system" : knownOr(pool.mode, "User").toLowerCase(),
      windows,
      osSku: known(pool.osSku) ?? (windows ? "Windows2022" : "Ubuntu"),
      spot,
      location: regionName(location),
      zones: [...knownOr(pool.zones, [])].sort(),
      taints: taintsOf(pool, spot),
      userLabels: pool.labels,
      nodeResourceGroup:
        known(cluster.nodeResourceGroup) ?? nodeResourceGroupName(group, clusterName, regionName(location)),
      scaleSet: scaleSetName(`${group}/${clusterName}`, name, windows),
      subscriptionId: "00000000-0000-0000-0000-000000000000",
    },
    diagnostics: [],
  };
};

/** The size AKS gave to pools without one until 2025-05; since then the service picks ("Quotas, SKUs and regions"). */
export const assumedVmSize = "Standard_DS2_v2";

export const isSpot = (pool: NodePool): boolean => knownOr(pool.priority, "Regular").toLowerCase() === "spot";

/** `key=value:Effect`, as Terraform writes a taint. */
export const parseTaint = (text: string): Taint | undefined => {
  const match = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|PreferNoSchedule|NoExecute)$/.exec(text.trim());
  if (match === null) return undefined;
  return { key: match[1] ?? "", ...(match[2] ? { value: match[2] } : {}), effect: match[3] ?? "" };
};

const taintsOf = (pool: NodePool, spot: boolean): readonly Taint[] => {
  const texts = new Set(pool.taints);
  if (knownOr(pool.onlyCriticalAddons, false)) texts.add(criticalAddonsTaint);
  if (spot) texts.add(spotTaint);
  return [...texts].flatMap((text) => parseTaint(text) ?? []);
};

const unknownSize = (pool: NodePool, asked: string, size: VmSize | undefined): Diagnostic => {
  const range = pool.rangeAt("vm_size") ?? pool.range;
  const near = size === undefined ? nearestSize(asked) : undefined;
  return diagnostic({
    code: "AKS9301",
    severity: "warning",
    summary: "VM size is not in the table",
    detail:
      size === undefined
        ? `Pool "${knownOr(pool.name, "?")}" asks for "${asked}", which is not in the table of VM sizes${near === undefined ? "" : `; did you mean "${near}"?`}${near === undefined ? "." : ""} Its nodes are left out of the prediction. Give the answer of "az vm list-skus -o json" as skus in aks-twin.yaml.`
        : `The table of VM sizes has no memory for "${asked}" of pool "${knownOr(pool.name, "?")}". Its nodes are left out of the prediction. Give the answer of "az vm list-skus -o json" as skus in aks-twin.yaml.`,
    subject: pool.address,
    ...(range === undefined ? {} : { range }),
    evidence: { vmSize: asked },
  });
};

/** A name of the table that differs by at most two characters. */
const nearestSize = (asked: string): string | undefined => {
  const wanted = asked.toLowerCase();
  let best: { name: string; distance: number } | undefined;
  for (const name of vmSizeNames()) {
    if (Math.abs(name.length - wanted.length) > 2) continue;
    const distance = editDistance(wanted, name.toLowerCase(), best?.distance ?? 3);
    if (distance < (best?.distance ?? 3)) best = { name, distance };
  }
  return best?.name;
};

const editDistance = (a: string, b: string, limit: number): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    if (Math.min(...next) >= limit) return limit;
    row = next;
  }
  return row[b.length] ?? limit;
};
