import { hasDefaultNodePools } from "../../azure/node-provisioning.ts";
import { skuLabels } from "../../simulate/autoscaling/karpenter-labels.ts";
import { isNodeClass } from "../../simulate/autoscaling/karpenter-node-class.ts";
import type { KarpenterNodePool } from "../../simulate/autoscaling/karpenter-node-pool.ts";
import type { NodeProvisioningPrediction, ProvisionedPoolPrediction } from "../../simulate/prediction.ts";
import { counted, hasUnseenObjects, managedClusters } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";
import { provisionedNodePools } from "./node-pool-facts.ts";
import { nodePoolProblems } from "./node-pool-objects.ts";

/** Rules about NodePools of clusters with node auto-provisioning. */

export const nodeClassMissing: Rule = {
  code: "AKS6017",
  title: "NodePool refers to an AKSNodeClass that is not there",
  severity: "error",
  perCluster: true,
  explain: `A NodePool takes image, OS disk, subnet and kubelet settings from the AKSNodeClass that nodeClassRef names. AKS makes one called "default" unless default_node_pools is None.
What happens: the NodePool does not become ready, and no node is made from it; pods that need it stay Pending.
Mend: correct nodeClassRef.name, or add the AKSNodeClass.
Source: "Configure AKSNodeClass resources for node auto-provisioning"; Karpenter, "NodePools", spec.template.spec.nodeClassRef.`,
  *check(world) {
    const pools = provisionedNodePools(world);
    if (pools.length === 0) return;
    const there = new Set(world.objects.flatMap(({ object }) => (isNodeClass(object) ? [object.metadata.name] : [])));
    if (hasDefaultClass(world)) there.add("default");
    for (const { source, pool } of pools) {
      const { nodeClass } = pool;
      if (nodeClass !== undefined && (nodeClass.kind !== "AKSNodeClass" || there.has(nodeClass.name))) continue;
      const name = nodeClass === undefined ? "no class" : `AKSNodeClass "${nodeClass.name}"`;
      yield violation(nodeClassMissing, {
        subject: `NodePool/${pool.name}`,
        range: source.rangeAt(["spec", "template", "spec", "nodeClassRef"]),
        severity: hasUnseenObjects(world) ? "info" : "error",
        detail: `NodePool "${pool.name}" names ${name}${nodeClass === undefined ? "" : `, which is not among the manifests${there.size === 0 ? "" : ` (there ${there.size === 1 ? "is" : "are"} ${[...there].sort().join(", ")})`}`}: no node is made from it. ${nodeClass === undefined ? "Add nodeClassRef" : "Correct the name or add the AKSNodeClass"}.`,
      });
    }
  },
};

const nameLike: ReadonlySet<string> = new Set([
  "node.kubernetes.io/instance-type",
  skuLabels.name,
  skuLabels.series,
  skuLabels.version,
  skuLabels.gpuName,
]);

/** Labels whose values are the same for all sizes there will ever be. */
const fixedLabels: ReadonlySet<string> = new Set([
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "karpenter.sh/capacity-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "karpenter.azure.com/placement-scope",
  "kubernetes.azure.com/mode",
  "kubernetes.azure.com/os-sku",
  "kubernetes.azure.com/priority",
  "kubernetes.azure.com/scalesetpriority",
  "kubernetes.azure.com/fips_enabled",
]);

export const noSizeMeets: Rule = {
  code: "AKS6018",
  title: "NodePool's requirements leave no VM size",
  severity: "error",
  perCluster: true,
  explain: `All requirements of a NodePool must hold at once for a size: operating system linux, a zone of the cluster's own region (westeurope-1), a family or name that node
auto-provisioning takes. It never takes sizes with less than 2 vCPUs or 3.5 GiB, constrained vCPUs, confidential sizes (DC, EC) and GPUs outside its list.
What happens: NoCompatibleInstanceTypes; no node is ever made from the NodePool.
Mend: correct the value, or leave the requirement out. Where the table of sizes may lack the one that is meant, it is a note.
Source: "Configure node pools for node auto-provisioning"; Azure/karpenter-provider-azure pkg/providers/instancetype.`,
  *check(world) {
    for (const { source, pool } of provisionedNodePools(world)) {
      const predicted = predictedPool(world, pool);
      if (predicted === undefined || predicted.excludedBy.length === 0) continue;
      // Told by AKS6023: the object is not there at all.
      if (nodePoolProblems(source.object).length > 0) continue;
      const { excludedBy } = predicted;
      const isSure = excludedBy.every((key) => fixedLabels.has(key));
      const index = pool.requirements.findIndex(({ key }) => key === excludedBy[0]);
      yield violation(noSizeMeets, {
        subject: `NodePool/${pool.name}`,
        range: source.rangeAt(["spec", "template", "spec", "requirements", ...(index < 0 ? [] : [index])]),
        severity: isSure ? "error" : excludedBy.some((key) => nameLike.has(key)) ? "info" : "warning",
        detail: `No VM size ${isSure ? "" : "of the table "}meets ${excludedBy.length === 1 ? `the requirement on ${excludedBy[0]}` : `the requirements on ${excludedBy.join(", ")}`} of NodePool "${pool.name}": by a first model of node auto-provisioning no node is made from it. Correct the value or leave it out.`,
        evidence: { labels: excludedBy.join(", ") },
      });
    }
  },
};

export const limitsReached: Rule = {
  code: "AKS6019",
  title: "NodePool's limits end before its pods are served",
  severity: "error",
  perCluster: true,
  explain: `spec.limits of a NodePool bounds the capacity of all its nodes together, DaemonSets and what the kubelet keeps included. A node is made only where its whole capacity is
still within the limits, and until its size is known the largest that it may come to counts.
What happens: "all available instance types exceed limits for nodepool"; the pods stay Pending.
Mend: higher limits, or another NodePool for the rest.
Source: "Configure node pools for node auto-provisioning", node pool limits; Karpenter, "NodePools", spec.limits.`,
  *check(world) {
    for (const { source, pool } of provisionedNodePools(world)) {
      const waiting = provisioningOf(world).flatMap(({ unserved }) =>
        unserved.filter(({ certain, reasons }) => certain && reasons.some((reason) => isLimit(reason, pool.name))),
      );
      if (waiting.length === 0) continue;
      const pods = waiting.reduce((sum, each) => sum + each.pods, 0);
      const owners = [...new Set(waiting.map(({ owner }) => owner))];
      yield violation(limitsReached, {
        subject: `NodePool/${pool.name}`,
        range: source.rangeAt(["spec", "limits"]),
        detail: `${counted(pods, "pod")} of ${owners.slice(0, 4).join(", ")}${owners.length > 4 ? ` and ${owners.length - 4} more` : ""} stay Pending, because the limits of NodePool "${pool.name}" (${limitsText(pool)}) leave room for no node that fits, by a first model of node auto-provisioning. Raise the limits.`,
        evidence: { pendingPods: pods },
      });
    }
  },
};

export const limitsAllowNone: Rule = {
  code: "AKS6020",
  title: "NodePool's limits allow no node at all",
  severity: "warning",
  perCluster: true,
  explain: `A node is made only where its whole capacity is within spec.limits, so limits below the smallest size that meets the requirements leave none. A CPU limit of 0 is how a
NodePool is put out of use, and is not meant here. A figure such as 500m where cores are meant is the usual cause.
What happens: "all available instance types exceed limits for nodepool".
Mend: limits of at least one node of the smallest size.
Source: Karpenter, "NodePools", spec.limits; "Enable or disable node auto-provisioning" (cpu: 0).`,
  *check(world) {
    for (const { source, pool } of provisionedNodePools(world)) {
      const cpu = pool.limits.get("cpu");
      const memory = pool.limits.get("memory");
      const least = leastSize(pool);
      const problems = [
        ...(cpu !== undefined && cpu > 0 && cpu < least.cpu * 1000 ? [`cpu ${cpu / 1000}`] : []),
        ...(memory !== undefined && memory > 0 && memory < least.memory ? [`memory ${memory / 1024 ** 2} MiB`] : []),
      ];
      if (problems.length === 0) continue;
      yield violation(limitsAllowNone, {
        subject: `NodePool/${pool.name}`,
        range: source.rangeAt(["spec", "limits"]),
        detail: `NodePool "${pool.name}" has limits of ${problems.join(" and ")}, and no size that node auto-provisioning takes has less than ${least.cpu} vCPUs or 3.5 GiB: no node is ever made. Raise the limits.`,
      });
    }
  },
};

/** At least 2 vCPUs, and what a bound on them asks; 3.5 GiB less the allowance of 7.5 %. */
const leastSize = (pool: KarpenterNodePool): { readonly cpu: number; readonly memory: number } => {
  const bounds = pool.requirements.filter(({ key }) => key === skuLabels.cpu).map(({ least }) => least ?? 0);
  return { cpu: Math.max(2, ...bounds), memory: 3 * 0.925 * 1024 ** 3 };
};

const isLimit = (
  { cause, nodePool }: NodeProvisioningPrediction["unserved"][number]["reasons"][number],
  name: string,
): boolean => cause === "limits" && nodePool === name;

const limitsText = ({ limits }: KarpenterNodePool): string =>
  [...limits]
    .map(([name, amount]) =>
      name === "cpu"
        ? `cpu ${amount / 1000}`
        : name === "memory"
          ? `memory ${amount / 1024 ** 3} GiB`
          : `${name} ${amount}`,
    )
    .join(", ");

const provisioningOf = (world: World): readonly NodeProvisioningPrediction[] =>
  world.predictions.flatMap(({ nodeProvisioning }) => nodeProvisioning ?? []);

const predictedPool = (world: World, { name }: KarpenterNodePool): ProvisionedPoolPrediction | undefined =>
  provisioningOf(world)
    .flatMap(({ nodePools }) => nodePools)
    .find((each) => each.name === name);

const hasDefaultClass = (world: World): boolean => managedClusters(world).some(hasDefaultNodePools);
