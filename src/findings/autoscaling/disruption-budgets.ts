import { type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import type { SourcedObject } from "../../kubernetes/object.ts";
import { addressOf } from "../../kubernetes/object.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { IntOrString, PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import { counted, scalerOf } from "../cluster-facts.ts";
import type { Rule, World } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const budgetForbidsAll: Rule = {
  code: "AKS6002",
  title: "Disruption budget allows no eviction ever",
  severity: "error",
  perCluster: true,
  explain: `A PodDisruptionBudget with maxUnavailable 0 lets no pod be evicted. AKS looks for such budgets before an upgrade and refuses it.
What happens: "UnsatisfiablePDB: PDB … has maxUnavailable == 0 can't proceed with put operation"; drains, node image updates and the autoscaler's scale-down stop too.
Mend: maxUnavailable 1, with at least two replicas.
Source: support article "UnsatisfiablePDB error".`,
  *check(world) {
    for (const { source, budget } of budgets(world)) {
      const { maxUnavailable } = budget.spec ?? {};
      if (maxUnavailable === undefined || Number.parseInt(String(maxUnavailable), 10) !== 0) continue;
      yield violation(budgetForbidsAll, {
        subject: addressOf(budget),
        range: source.rangeAt(["spec", "maxUnavailable"]),
        detail: `${addressOf(budget)} has maxUnavailable ${maxUnavailable}: no pod may ever be evicted, and AKS refuses every upgrade of the cluster. Set maxUnavailable to 1.`,
      });
    }
  },
};

export const budgetBlocks: Rule = {
  code: "AKS6003",
  title: "Disruption budget leaves no pod to evict",
  severity: "error",
  perCluster: true,
  explain: `A node is drained by evicting its pods, each only while its budget allows a disruption. With minAvailable equal to the number of replicas (or a share that rounds up to
it, or one replica with minAvailable 1) none is allowed, however long one waits. A pod that two budgets select cannot be evicted at all.
What happens: upgrades and node image updates stop after the drain timeout (30 minutes where nothing is given): "Drain node … failed when evicting pod … Cannot evict pod
as it would violate the pod's disruption budget"; the autoscaler keeps the node.
Mend: minAvailable one less than the replicas, or maxUnavailable 1, or one replica more.
Source: support article "UpgradeFailed … PodDrainFailure"; Kubernetes, "Specifying a Disruption Budget for your Application".`,
  *check(world) {
    const guards = new Map<Workload, SourcedObject[]>();
    for (const { source, budget } of budgets(world)) {
      const matcher = compileLabelSelector(budget.spec?.selector);
      const namespace = budget.metadata.namespace ?? "default";
      const guarded = workloadsOf(world.objects).filter(
        (workload) =>
          workload.namespace === namespace &&
          workload.kind !== "DaemonSet" &&
          workload.kind !== "CronJob" &&
          matcher.matches(workload.labels),
      );
      for (const workload of guarded) guards.set(workload, [...(guards.get(workload) ?? []), source]);
      const { minAvailable } = budget.spec ?? {};
      const pods = guarded.reduce((sum, workload) => sum + fewestPods(world, workload), 0);
      if (minAvailable === undefined || pods === 0) continue;
      const needed = scaled(minAvailable, pods);
      if (needed === undefined || needed < pods) continue;
      yield violation(budgetBlocks, {
        subject: addressOf(budget),
        range: source.rangeAt(["spec", "minAvailable"]),
        detail: `${addressOf(budget)} wants ${typeof minAvailable === "number" ? minAvailable : `${minAvailable} = ${needed}`} of ${counted(pods, "pod")} of ${guarded.map(({ address }) => address).join(", ")} available: none may be evicted, so drains for upgrades and scale-down are blocked. ${pods === 1 ? "Run at least 2 replicas" : `Set minAvailable to ${pods - 1}`} or use maxUnavailable 1.`,
        evidence: { minAvailable: needed, pods },
        related: relatedTo(
          ...guarded.map((workload) => [workload.address, workload.source.rangeAt(["spec", "replicas"])] as const),
        ),
      });
    }
    for (const [workload, sources] of guards) {
      const [first, second] = sources;
      if (first === undefined || second === undefined) continue;
      yield violation(budgetBlocks, {
        subject: addressOf(second.object),
        range: second.rangeAt(["spec", "selector"]),
        summary: "Two disruption budgets select the same pods",
        detail: `${addressOf(first.object)} and ${addressOf(second.object)} both select the pods of ${workload.address}: a pod under two budgets cannot be evicted, so drains are blocked. Narrow one of the selectors.`,
        related: relatedTo(["the first budget", first.range]),
      });
    }
  },
};

const budgets = (world: World): readonly { readonly source: SourcedObject; readonly budget: PodDisruptionBudget }[] =>
  world.objects.flatMap((source) =>
    source.object.kind === "PodDisruptionBudget" ? [{ source, budget: source.object as PodDisruptionBudget }] : [],
  );

/** Pods at the lowest load: the autoscaler's minimum where there is one. */
const fewestPods = (world: World, workload: Workload): number => {
  const scaler = scalerOf(world, workload);
  return scaler === undefined ? (workload.replicas ?? 0) : (scaler.spec.minReplicas ?? 1);
};

/** A share of the pods is rounded up (disruption controller). */
const scaled = (value: IntOrString, pods: number): number | undefined => {
  if (typeof value === "number") return value;
  const share = /^(\d+)%$/.exec(value)?.[1];
  return share === undefined ? undefined : Math.ceil((Number(share) * pods) / 100);
};
