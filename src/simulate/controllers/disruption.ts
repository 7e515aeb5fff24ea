import { sameJson, withField } from "../../kubernetes/fields.ts";
import { intOrPercent } from "../../kubernetes/int-or-percent.ts";
import { controllerOf } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { millis } from "../../model/quantity.ts";
import { type Controller, type ControllerContext, keyOf, partsOf } from "./controller.ts";
import { isFinished, isReady } from "./pod-state.ts";

const component = "controllermanager";

/** Says how many pods a budget lets go now (pkg/controller/disruption, v1.35). */
export const disruptionController: Controller = {
  name: "disruption",
  watches: ["PodDisruptionBudget", "Pod"],
  latency: millis(2),
  keysOf: ({ object }, { store }) => {
    if (object.kind === "PodDisruptionBudget") return [keyOf(object)];
    return store
      .list<PodDisruptionBudget>("PodDisruptionBudget", object.metadata.namespace)
      .filter((budget) => compileLabelSelector(budget.spec.selector).matches(object.metadata.labels ?? {}))
      .map(keyOf);
  },
  reconcile: (key, context) => {
    const budget = context.store.get<PodDisruptionBudget>("PodDisruptionBudget", ...partsOf(key));
    if (budget !== undefined) writeStatus(budget, context);
    return "done";
  },
};

const writeStatus = (budget: PodDisruptionBudget, context: ControllerContext): void => {
  const matcher = compileLabelSelector(budget.spec.selector);
  const pods = context.store
    .list<Pod>("Pod", budget.metadata.namespace)
    .filter((pod) => matcher.matches(pod.metadata.labels ?? {}) && !isFinished(pod));
  if (pods.length === 0) {
    context.event({
      about: budget,
      type: "Normal",
      reason: "NoPods",
      message: "No matching pods found",
      from: component,
    });
  }
  const { expected, desired } = demand(budget, pods, context);
  const healthy = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined).length;
  const allowed = expected <= 0 || pods.length === 0 ? 0 : Math.max(0, healthy - desired);
  const generation = budget.metadata.generation ?? 0;
  const status = allowed > 0 ? "True" : "False";
  const before = ((budget.status?.["conditions"] ?? []) as readonly JsonObject[])[0];
  const condition = {
    type: "DisruptionAllowed",
    status,
    observedGeneration: generation,
    lastTransitionTime: before?.["status"] === status ? (before["lastTransitionTime"] ?? context.time) : context.time,
    reason: allowed > 0 ? "SufficientPods" : "InsufficientPods",
    message: "",
  };
  const next = {
    observedGeneration: generation,
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: [condition],
  };
  if (sameJson(next, budget.status as unknown as JsonObject)) return;
  context.api.updateStatus(withField(budget as unknown as JsonObject, ["status"], next));
};

/** Pods that there should be, and how many of them must be healthy. */
const demand = (
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  context: ControllerContext,
): { readonly expected: number; readonly desired: number } => {
  const { minAvailable, maxUnavailable } = budget.spec;
  if (maxUnavailable !== undefined) {
    const expected = expectedScale(pods, context);
    return { expected, desired: Math.max(0, expected - intOrPercent(maxUnavailable, expected, "up")) };
  }
  if (typeof minAvailable === "string") {
    const expected = expectedScale(pods, context);
    return { expected, desired: intOrPercent(minAvailable, expected, "up") };
  }
  return { expected: pods.length, desired: minAvailable ?? 0 };
};

/** The sizes of the workloads that the pods belong to, each counted once. */
const expectedScale = (pods: readonly Pod[], context: ControllerContext): number => {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    let owner = controllerOf(pod);
    let namespace = pod.metadata.namespace;
    while (owner !== undefined) {
      const object = context.store.get(owner.kind, namespace, owner.name);
      if (object === undefined) break;
      const above = controllerOf(object);
      if (above === undefined || object.kind !== "ReplicaSet") {
        const replicas = (object as unknown as { readonly spec?: { readonly replicas?: number } }).spec?.replicas;
        if (replicas !== undefined) scales.set(owner.uid, replicas);
        break;
      }
      owner = above;
      namespace = object.metadata.namespace;
    }
  }
  return [...scales.values()].reduce((sum, size) => sum + size, 0);
};
