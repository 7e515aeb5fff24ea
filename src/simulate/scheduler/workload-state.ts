import type { KubeObject, LabelSelector } from "../../kubernetes/object.ts";
import { compileLabelMap, compileLabelSelector, type LabelMatcher, type Labels } from "../../kubernetes/selectors.ts";
import type { PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import { indexLabel } from "./affinity-term.ts";
import type { PodClass } from "./pod-class.ts";

export interface Budget {
  readonly namespace: string;
  readonly matcher: LabelMatcher;
  readonly allowed: number;
  readonly disrupted: Readonly<Record<string, unknown>>;
}

/** The selector by which a pod without constraints of its own is spread. */
export interface DefaultSelector {
  readonly matcher: LabelMatcher;
  /** The key of the query for the pods that it chooses in the pod's namespace. */
  readonly queryKey: string;
  readonly label: string | undefined;
}

/** Services, controllers and budgets, as the scheduler looks at them. */
export class WorkloadState {
  /** Counts changes of budgets. */
  budgetVersion = 0;
  private readonly objects = new Map<string, KubeObject>();
  private readonly services = new Map<string, Map<string, Labels>>();
  private budgetList: readonly Budget[] | undefined;
  private readonly selectors = new Map<PodClass, DefaultSelector | "none">();

  /** Stores or (without an object) removes; false when the kind is none of these. */
  change(kind: string, namespace: string, name: string, object: KubeObject | undefined): boolean {
    if (!kinds.has(kind)) return false;
    const key = `${kind}/${namespace}/${name}`;
    const isSame = sameForScheduling(this.objects.get(key), object);
    if (object === undefined) this.objects.delete(key);
    else this.objects.set(key, object);
    if (isSame) return true;
    if (kind === "Service") this.changeService(namespace, name, object);
    if (kind === "PodDisruptionBudget") {
      this.budgetList = undefined;
      this.budgetVersion++;
    } else this.selectors.clear();
    return true;
  }

  private changeService(namespace: string, name: string, object: KubeObject | undefined): void {
    const selector = (object as { readonly spec?: { readonly selector?: Labels } } | undefined)?.spec?.selector;
    const services = this.services.get(namespace) ?? new Map<string, Labels>();
    this.services.set(namespace, services);
    if (selector === undefined || selector === null) services.delete(name);
    else services.set(name, selector);
  }

  /** Budgets in order of namespace and name. */
  budgets(): readonly Budget[] {
    this.budgetList ??= [...this.objects.values()]
      .filter((object) => object.kind === "PodDisruptionBudget")
      .map((object) => {
        const budget = object as PodDisruptionBudget;
        const status = budget.status as
          | { readonly disruptionsAllowed?: number; readonly disruptedPods?: Readonly<Record<string, unknown>> }
          | undefined;
        return {
          namespace: budget.metadata.namespace ?? "default",
          matcher: compileLabelSelector(budget.spec?.selector),
          allowed: status?.disruptionsAllowed ?? 0,
          disrupted: status?.disruptedPods ?? {},
        };
      });
    return this.budgetList;
  }

  /**
   * What the pod's Services and its controller select, together; undefined when nothing selects it.
   * Source: `plugins/helper/spread.go`, v1.35.4 (DefaultSelector).
   */
  defaultSelector(podClass: PodClass): DefaultSelector | undefined {
    let known = this.selectors.get(podClass);
    if (known === undefined) {
      known = this.buildSelector(podClass);
      this.selectors.set(podClass, known);
    }
    return known === "none" ? undefined : known;
  }

  private buildSelector({ namespace, labels, owner }: PodClass): DefaultSelector | "none" {
    let merged: Labels = {};
    for (const selector of this.services.get(namespace)?.values() ?? []) {
      if (compileLabelMap(selector).matches(labels)) merged = { ...merged, ...selector };
    }
    let more: LabelSelector | undefined;
    if (owner !== undefined) {
      const spec = this.objects.get(`${owner.kind}/${namespace}/${owner.name}`) as
        | { readonly spec?: { readonly selector?: unknown } }
        | undefined;
      const selector = spec?.spec?.selector;
      if (owner.kind === "ReplicationController" && owner.apiVersion === "v1") {
        merged = { ...merged, ...((selector ?? {}) as Labels) };
      } else if ((owner.kind === "ReplicaSet" || owner.kind === "StatefulSet") && owner.apiVersion === "apps/v1") {
        const candidate = selector as LabelSelector | undefined;
        if (compileLabelSelector(candidate).problem === undefined) more = candidate;
      }
    }
    const whole: LabelSelector = {
      matchLabels: merged,
      matchExpressions: [
        ...Object.entries(more?.matchLabels ?? {}).map(([key, value]) => ({ key, operator: "In", values: [value] })),
        ...(more?.matchExpressions ?? []),
      ],
    };
    const matcher = compileLabelSelector(whole);
    if (matcher.everything) return "none";
    return { matcher, queryKey: `spread ${namespace} ${JSON.stringify(whole)}`, label: indexLabel(whole) };
  }
}

const kinds: ReadonlySet<string> = new Set([
  "Service",
  "ReplicationController",
  "ReplicaSet",
  "StatefulSet",
  "PodDisruptionBudget",
]);

/** Whether two versions are the same to the scheduler: their selectors, and what a budget still allows. */
const sameForScheduling = (a: KubeObject | undefined, b: KubeObject | undefined): boolean => {
  if (a === undefined || b === undefined) return a === b;
  const matter = (object: KubeObject) => {
    const { spec, status } = object as unknown as Readonly<
      Record<string, Readonly<Record<string, unknown>> | undefined>
    >;
    return [spec?.["selector"], status?.["disruptionsAllowed"], status?.["disruptedPods"]];
  };
  return JSON.stringify(matter(a)) === JSON.stringify(matter(b));
};
