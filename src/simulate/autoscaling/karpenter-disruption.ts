import type { Pod } from "../../kubernetes/pod.ts";
import type { KarpenterBudget, KarpenterNodePool } from "./karpenter-node-pool.ts";

/** Why consolidation takes a node away, as budgets name it. */
export type DisruptionReason = "Empty" | "Underutilized";

/** How many more of a NodePool's nodes may go now. */
export interface DisruptionCount {
  readonly nodes: number;
  /** Nodes that are not ready, or on their way out already. */
  readonly disrupting: number;
}

/**
 * What the budgets of a NodePool allow for a reason: the least of those that are active and name it, shares rounded up, less what is
 * disrupted already. A budget that cannot be read allows nothing. Source: kubernetes-sigs/karpenter v1.14.0 `pkg/apis/v1/nodepool.go`
 * (GetAllowedDisruptions) and `pkg/controllers/disruption/helpers.go` (BuildDisruptionBudgetMapping).
 */
export const allowedDisruptions = (
  { disruption }: KarpenterNodePool,
  reason: DisruptionReason,
  { nodes, disrupting }: DisruptionCount,
  nextTime: (schedule: string, after: number) => number | undefined,
  now: number,
): number => {
  let allowed = Number.POSITIVE_INFINITY;
  for (const budget of disruption.budgets) {
    if (budget.reasons !== undefined && !budget.reasons.includes(reason)) continue;
    const active = isActive(budget, nextTime, now);
    if (active === undefined) return 0;
    if (active) allowed = Math.min(allowed, scaled(budget.nodes, nodes));
  }
  return Math.max(0, allowed - disrupting);
};

/** A schedule begins at each of its times and lasts for the duration; without a schedule a budget always counts; undefined where it cannot be read. */
const isActive = (
  { schedule, duration = 0 }: KarpenterBudget,
  nextTime: (schedule: string, after: number) => number | undefined,
  now: number,
): boolean | undefined => {
  if (schedule === undefined) return true;
  const next = nextTime(schedule, now - duration);
  return next === undefined ? undefined : next <= now;
};

const scaled = (nodes: string, total: number): number => {
  const share = /^(\d+)%$/.exec(nodes)?.[1];
  if (share !== undefined) return Math.ceil((Number(share) * total) / 100);
  return /^\d+$/.test(nodes) ? Number(nodes) : 0;
};

/** What it costs to evict a pod: 1, more or less by its deletion cost and priority. Source: v1.14.0 `pkg/utils/disruption`. */
const evictionCost = ({ metadata, spec }: Pod): number => {
  const deletion = Number(metadata.annotations?.["controller.kubernetes.io/pod-deletion-cost"] ?? 0);
  const cost = 1 + (Number.isFinite(deletion) ? deletion : 0) / 2 ** 27 + (spec.priority ?? 0) / 2 ** 25;
  return Math.min(10, Math.max(-10, cost));
};

/** What a node costs for each unit of disruption: the highest goes first. Source: v1.14.0 `pkg/controllers/disruption/types.go`. */
export const savingsRatio = (price: number, pods: readonly Pod[]): number =>
  price / pods.reduce((sum, pod) => sum + Math.max(0, evictionCost(pod)), 1);

/** The annotation that keeps a pod, and with it the node, where it is. */
export const isNotToBeDisrupted = ({ metadata }: Pod): boolean =>
  metadata.annotations?.["karpenter.sh/do-not-disrupt"] === "true";
