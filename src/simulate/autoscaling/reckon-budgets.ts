import type { Pod } from "../../kubernetes/pod.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { IntOrString, PodDisruptionBudget } from "../../kubernetes/workloads.ts";

/**
 * Budgets with what they allow while all placed pods are healthy; a budget that has a status keeps it. Source: Kubernetes 1.35
 * `pkg/controller/disruption`, which rounds both percentages up.
 */
export const reckonBudgets = (
  budgets: readonly PodDisruptionBudget[],
  placed: Iterable<{ readonly pod: Pod }>,
  pending: Iterable<Pod>,
): readonly PodDisruptionBudget[] => {
  if (budgets.every(hasStatus)) return budgets;
  const healthy = new LabelledCounts();
  for (const { pod } of placed) healthy.add(pod);
  const waiting = new LabelledCounts();
  for (const pod of pending) waiting.add(pod);
  return budgets.map((budget) => {
    if (hasStatus(budget)) return budget;
    const { matches } = compileLabelSelector(budget.spec.selector);
    const { namespace = "default" } = budget.metadata;
    const current = healthy.count(namespace, matches);
    const expected = current + waiting.count(namespace, matches);
    const disruptionsAllowed = Math.max(0, current - desiredHealthy(budget, expected));
    return { ...budget, status: { ...budget.status, disruptionsAllowed } };
  });
};

const hasStatus = ({ status }: PodDisruptionBudget): boolean => status?.["disruptionsAllowed"] !== undefined;

type PodLabels = Pod["metadata"]["labels"];

/** How many pods there are by namespace and labels, which the pods of one template share. */
class LabelledCounts {
  readonly #byNamespace = new Map<string, Map<PodLabels, number>>();

  add({ metadata: { namespace = "default", labels } }: Pod): void {
    let counts = this.#byNamespace.get(namespace);
    if (counts === undefined) {
      counts = new Map();
      this.#byNamespace.set(namespace, counts);
    }
    counts.set(labels, (counts.get(labels) ?? 0) + 1);
  }

  count(namespace: string, matches: (labels: PodLabels) => boolean): number {
    let sum = 0;
    for (const [labels, count] of this.#byNamespace.get(namespace) ?? []) if (matches(labels)) sum += count;
    return sum;
  }
}

const desiredHealthy = ({ spec }: PodDisruptionBudget, expected: number): number => {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable !== undefined) return Math.max(0, expected - share(maxUnavailable, expected));
  return minAvailable === undefined ? 0 : share(minAvailable, expected);
};

const share = (value: IntOrString, of: number): number => {
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value) : null;
  return percent === null ? Number(value) || 0 : Math.ceil((Number(percent[1]) * of) / 100);
};
