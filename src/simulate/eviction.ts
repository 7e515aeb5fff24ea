import { listAt, objectAt, textAt, withField } from "../kubernetes/fields.ts";
import type { Pod } from "../kubernetes/pod.ts";
import { compileLabelSelector } from "../kubernetes/selectors.ts";
import type { PodDisruptionBudget } from "../kubernetes/workloads.ts";
import type { JsonObject } from "../model/json.ts";
import type { Engine } from "./engine.ts";

/**
 * Asks for a pod's eviction; false when a disruption budget does not allow it now
 * (pkg/registry/core/pod/storage/eviction.go, v1.35).
 */
export const evictPod = (engine: Engine, given: Pod): boolean => {
  const { store } = engine.api;
  const { namespace, name, uid } = given.metadata;
  const pod = store.get<Pod>("Pod", namespace, name);
  if (pod === undefined || pod.metadata.uid !== uid) return true;
  const isFree =
    pod.status?.phase === "Succeeded" ||
    pod.status?.phase === "Failed" ||
    pod.status?.phase === "Pending" ||
    pod.metadata.deletionTimestamp !== undefined;
  if (!isFree) {
    const budgets = store
      .list<PodDisruptionBudget>("PodDisruptionBudget", namespace)
      .filter((budget) => compileLabelSelector(budget.spec.selector).matches(pod.metadata.labels ?? {}));
    if (budgets.length > 1) return false;
    const [budget] = budgets;
    if (budget !== undefined && !takeDisruption(engine, budget, pod)) return false;
  }
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastTransitionTime: engine.context.time,
  };
  const current = (store.get("Pod", namespace, name) ?? pod) as unknown as JsonObject;
  const kept = listAt(current, "status", "conditions").filter((known) => textAt(known, "type") !== "DisruptionTarget");
  engine.api.updateStatus(withField(current, ["status", "conditions"], [...kept, condition]));
  engine.api.remove("Pod", namespace, name);
  return true;
};

/** Books one disruption with the budget, or says that none is left. */
const takeDisruption = (engine: Engine, budget: PodDisruptionBudget, pod: Pod): boolean => {
  const given = budget as unknown as JsonObject;
  const status = objectAt(given, "status");
  const isReady =
    pod.status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") === true;
  const healthy = Number(status["currentHealthy"] ?? 0);
  const desired = Number(status["desiredHealthy"] ?? 0);
  // An unready pod may go when the others suffice, or always where the budget says so.
  const mayGoUnready = budget.spec.unhealthyPodEvictionPolicy === "AlwaysAllow" || (healthy >= desired && desired > 0);
  if (!isReady && mayGoUnready) return true;
  if (Number(status["observedGeneration"] ?? 0) < (budget.metadata.generation ?? 0)) return false;
  const allowed = Number(status["disruptionsAllowed"] ?? 0);
  if (allowed <= 0) return false;
  engine.api.updateStatus(withField(given, ["status"], { ...status, disruptionsAllowed: allowed - 1 }));
  return true;
};
