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
  const healthy = [...placed].map(({ pod }) => pod);
  const waiting = [...pending];
  return budgets.map((budget) => {
    if (hasStatus(budget)) return budget;
    const covers = coverage(budget);
    const current = healthy.filter(covers).length;
    const expected = current + waiting.filter(covers).length;
    const disruptionsAllowed = Math.max(0, current - desiredHealthy(budget, expected));
    return { ...budget, status: { ...budget.status, disruptionsAllowed } };
  });
};

const hasStatus = ({ status }: PodDisruptionBudget): boolean => status?.["disruptionsAllowed"] !== undefined;

const coverage = ({ metadata, spec }: PodDisruptionBudget): ((pod: Pod) => boolean) => {
  const matcher = compileLabelSelector(spec.selector);
  const { namespace = "default" } = metadata;
  return (pod) => (pod.metadata.namespace ?? "default") === namespace && matcher.matches(pod.metadata.labels);
};

const desiredHealthy = ({ spec }: PodDisruptionBudget, expected: number): number => {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable !== undefined) return Math.max(0, expected - share(maxUnavailable, expected));
  return minAvailable === undefined ? 0 : share(minAvailable, expected);
};

const share = (value: IntOrString, of: number): number => {
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value) : null;
  return percent === null ? Number(value) || 0 : Math.ceil((Number(percent[1]) * of) / 100);
};
