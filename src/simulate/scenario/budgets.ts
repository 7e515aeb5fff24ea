import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import type { WorldPod, WorldWorkload } from "./world-state.ts";
import { podsOf } from "./world-workloads.ts";

/** One budget with the workloads that it covers. */
export interface WorldBudget {
  readonly name: string;
  readonly object: PodDisruptionBudget;
  readonly covered: readonly WorldWorkload[];
}

/** How an eviction ends: a budget's name where it refuses. */
export type EvictionVerdict = { readonly allowed: true } | { readonly allowed: false; readonly budget: string };

/** The disruption budgets over simulated time. Source: Kubernetes 1.35 `pkg/controller/disruption` and the eviction subresource. */
export class WorldBudgets {
  readonly #budgets: readonly WorldBudget[];
  #list: readonly PodDisruptionBudget[] = [];
  #version = -1;

  constructor(objects: readonly PodDisruptionBudget[], workloads: readonly WorldWorkload[]) {
    this.#budgets = objects.map((object) => {
      const { namespace = "default", name } = object.metadata;
      const matcher = compileLabelSelector(object.spec.selector);
      return {
        name: `${namespace}/${name}`,
        object,
        covered: workloads.filter(
          (workload) => workload.namespace === namespace && matcher.matches(workload.revisions.at(-1)?.labels),
        ),
      };
    });
  }

  get all(): readonly WorldBudget[] {
    return this.#budgets;
  }

  /** With what each allows now; the same list while no covered workload has changed. */
  list(): readonly PodDisruptionBudget[] {
    let version = 0;
    for (const { covered } of this.#budgets) for (const workload of covered) version += workload.version;
    if (version === this.#version) return this.#list;
    this.#version = version;
    this.#list = this.#budgets.map((budget) => ({
      ...budget.object,
      status: { ...budget.object.status, disruptionsAllowed: Math.max(0, healthyOf(budget) - desiredOf(budget)) },
    }));
    return this.#list;
  }

  /** What the eviction subresource answers. Pods that are not ready may go while the budget is met (IfHealthyBudget). */
  ask(pod: WorldPod): EvictionVerdict {
    const { workload } = pod;
    if (workload === undefined || pod.phase === "pending") return { allowed: true };
    for (const budget of this.#budgets) {
      if (!budget.covered.includes(workload)) continue;
      const healthy = healthyOf(budget);
      const desired = desiredOf(budget);
      const always = budget.object.spec.unhealthyPodEvictionPolicy === "AlwaysAllow";
      const isFree = pod.phase !== "ready" && (always || (healthy >= desired && desired > 0));
      if (!isFree && healthy - 1 < desired) return { allowed: false, budget: budget.name };
    }
    return { allowed: true };
  }
}

/** Ready pods under a budget. */
export const healthyOf = ({ covered }: WorldBudget): number => {
  let healthy = 0;
  for (const { ready } of covered) healthy += ready;
  return healthy;
};

/** Ready pods that a budget insists on; both percentages are rounded up. */
export const desiredOf = ({ covered, object }: WorldBudget): number => {
  let expected = 0;
  for (const { wanted } of covered) expected += wanted;
  const { minAvailable, maxUnavailable } = object.spec;
  if (maxUnavailable !== undefined) return Math.max(0, expected - podsOf(maxUnavailable, expected, Math.ceil));
  return minAvailable === undefined ? 0 : podsOf(minAvailable, expected, Math.ceil);
};
