import { compileLabelSelector, type LabelMatcher } from "../../kubernetes/selectors.ts";
import type { PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import type { PodFacts } from "./pod-facts.ts";

interface Budget {
  readonly namespace: string;
  readonly matcher: LabelMatcher;
  allowed: number;
}

/** What the disruption budgets still allow within one loop. Source: cluster-autoscaler 1.33.0 `core/scaledown/pdb/basic.go`. */
export class DisruptionBudgets {
  readonly #budgets: Budget[];

  constructor(budgets: readonly PodDisruptionBudget[]) {
    this.#budgets = budgets.map(({ metadata, spec, status }) => ({
      namespace: metadata.namespace ?? "default",
      matcher: compileLabelSelector(spec.selector),
      allowed: Number(status?.["disruptionsAllowed"] ?? 0),
    }));
  }

  matching(pod: PodFacts): readonly { readonly allowed: number }[] {
    if (this.#budgets.length === 0) return [];
    return this.#budgets.filter((budget) => covers(budget, pod));
  }

  /** Whether the pods could all go at once. */
  allowTogether(pods: readonly PodFacts[]): boolean {
    return this.#budgets.every((budget) => {
      const covered = pods.filter((pod) => covers(budget, pod)).length;
      return covered === 0 || budget.allowed >= covered;
    });
  }

  take(pods: readonly PodFacts[]): void {
    for (const budget of this.#budgets) {
      for (const pod of pods) if (covers(budget, pod)) budget.allowed -= 1;
    }
  }
}

const covers = ({ namespace, matcher }: Budget, pod: PodFacts): boolean =>
  namespace === pod.namespace && matcher.matches(pod.pod.metadata.labels);
