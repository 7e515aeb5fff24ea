import { sameJson, withField } from "../../kubernetes/fields.ts";
import type { Deployment, ReplicaSet } from "../../kubernetes/workloads.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Millis } from "../../model/quantity.ts";
import type { ControllerContext, ReconcileResult } from "./controller.ts";
import { type ReplicaSets, rolloutBounds } from "./deployment-replica-sets.ts";
import { secondsBetween } from "./pod-state.ts";

type Condition = JsonObject;

/** Writes the Deployment's counters and conditions (pkg/controller/deployment/progress.go and sync.go, v1.35). */
export const syncStatus = (sets: ReplicaSets, given: Deployment, context: ControllerContext): ReconcileResult => {
  const deployment =
    context.store.get<Deployment>("Deployment", given.metadata.namespace, given.metadata.name) ?? given;
  const before = (deployment.status ?? {}) as JsonObject;
  const counted = countersOf(sets, deployment);
  let conditions = (before["conditions"] ?? []) as readonly Condition[];
  conditions = setCondition(conditions, availability(counted, deployment, context.time));
  if (deployment.spec.progressDeadlineSeconds === undefined)
    conditions = conditions.filter(({ type }) => type !== "Progressing");
  else conditions = withProgress(conditions, before, counted, sets, deployment, context);
  conditions = withReplicaFailure(conditions, sets);
  const status: Record<string, Json> = { ...counted, ...(conditions.length === 0 ? {} : { conditions }) };
  if (before["collisionCount"] !== undefined) status["collisionCount"] = before["collisionCount"];
  if (!sameJson(withoutZeros(status), withoutZeros(before))) {
    context.api.updateStatus(withField(deployment as unknown as JsonObject, ["status"], status));
  }
  return untilDeadline(conditions, deployment, context);
};

type Counters = Readonly<Record<string, number>>;

const countersOf = ({ fresh, old }: ReplicaSets, deployment: Deployment): Counters => {
  const all = [...old, ...(fresh === undefined ? [] : [fresh])];
  const total = (field: string): number => all.reduce((sum, set) => sum + Number(set.status?.[field] ?? 0), 0);
  const wanted = all.reduce((sum, set) => sum + (set.spec.replicas ?? 1), 0);
  const available = total("availableReplicas");
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: total("replicas"),
    updatedReplicas: Number(fresh?.status?.["replicas"] ?? 0),
    readyReplicas: total("readyReplicas"),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wanted - available),
    terminatingReplicas: total("terminatingReplicas"),
  };
};

const count = (status: JsonObject, field: string): number => Number(status[field] ?? 0);

const availability = (status: Counters, deployment: Deployment, time: string): Condition => {
  const least = (deployment.spec.replicas ?? 1) - rolloutBounds(deployment).maxUnavailable;
  return count(status, "availableReplicas") >= least
    ? condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", time)
    : condition(
        "Available",
        "False",
        "MinimumReplicasUnavailable",
        "Deployment does not have minimum availability.",
        time,
      );
};

const condition = (type: string, status: string, reason: string, message: string, time: string): Condition => ({
  type,
  status,
  lastUpdateTime: time,
  lastTransitionTime: time,
  reason,
  message,
});

/** A condition of the same status and reason stays; another takes its place at the end of the list. */
const setCondition = (conditions: readonly Condition[], next: Condition): readonly Condition[] => {
  const current = conditions.find(({ type }) => type === next["type"]);
  if (current !== undefined && current["status"] === next["status"] && current["reason"] === next["reason"])
    return conditions;
  const kept =
    current !== undefined && current["status"] === next["status"]
      ? { ...next, lastTransitionTime: current["lastTransitionTime"] ?? null }
      : next;
  return [...conditions.filter(({ type }) => type !== next["type"]), kept];
};

const withProgress = (
  conditions: readonly Condition[],
  before: JsonObject,
  counted: Counters,
  { fresh }: ReplicaSets,
  deployment: Deployment,
  context: ControllerContext,
): readonly Condition[] => {
  const current = conditions.find(({ type }) => type === "Progressing");
  const isDone =
    counted["replicas"] === counted["updatedReplicas"] &&
    current !== undefined &&
    current["reason"] === "NewReplicaSetAvailable";
  if (isDone) return conditions;
  const who = fresh === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${fresh.metadata.name}"`;
  const wanted = deployment.spec.replicas ?? 1;
  const isComplete =
    counted["updatedReplicas"] === wanted && counted["replicas"] === wanted && counted["availableReplicas"] === wanted;
  if (isComplete) {
    return setCondition(
      conditions,
      condition("Progressing", "True", "NewReplicaSetAvailable", `${who} has successfully progressed.`, context.time),
    );
  }
  const isProgressing =
    count(counted, "updatedReplicas") > count(before, "updatedReplicas") ||
    count(counted, "replicas") - count(counted, "updatedReplicas") <
      count(before, "replicas") - count(before, "updatedReplicas") ||
    count(counted, "readyReplicas") > count(before, "readyReplicas") ||
    count(counted, "availableReplicas") > count(before, "availableReplicas");
  if (isProgressing) {
    const next = condition("Progressing", "True", "ReplicaSetUpdated", `${who} is progressing.`, context.time);
    const kept =
      current?.["status"] === "True" ? { ...next, lastTransitionTime: current["lastTransitionTime"] ?? null } : next;
    return [...conditions.filter(({ type }) => type !== "Progressing"), kept];
  }
  if (isTimedOut(current, deployment, context.time)) {
    return setCondition(
      conditions,
      condition("Progressing", "False", "ProgressDeadlineExceeded", `${who} has timed out progressing.`, context.time),
    );
  }
  return conditions;
};

const isTimedOut = (current: Condition | undefined, deployment: Deployment, time: string): boolean => {
  if (current === undefined || current["reason"] === "NewReplicaSetAvailable") return false;
  if (current["reason"] === "ProgressDeadlineExceeded") return true;
  const since = String(current["lastUpdateTime"] ?? time);
  return secondsBetween(since, time) > (deployment.spec.progressDeadlineSeconds ?? 600);
};

const untilDeadline = (
  conditions: readonly Condition[],
  deployment: Deployment,
  context: ControllerContext,
): ReconcileResult => {
  const current = conditions.find(({ type }) => type === "Progressing");
  const deadline = deployment.spec.progressDeadlineSeconds;
  if (current === undefined || deadline === undefined || deadline === 2147483647) return "done";
  if (current["reason"] === "NewReplicaSetAvailable" || current["reason"] === "ProgressDeadlineExceeded") return "done";
  const passed = secondsBetween(String(current["lastUpdateTime"] ?? context.time), context.time);
  return { requeueAfter: (1000 * Math.max(1, deadline - passed + 1)) as Millis };
};

/** A refusal to create pods shows as ReplicaFailure; the current ReplicaSet's counts before that of old ones. */
const withReplicaFailure = (conditions: readonly Condition[], { fresh, old }: ReplicaSets): readonly Condition[] => {
  const failureOf = (set: ReplicaSet | undefined): Condition | undefined =>
    ((set?.status?.["conditions"] ?? []) as readonly Condition[]).find(({ type }) => type === "ReplicaFailure");
  const failure = failureOf(fresh) ?? old.map(failureOf).find((found) => found !== undefined);
  if (failure === undefined) return conditions.filter(({ type }) => type !== "ReplicaFailure");
  return setCondition(conditions, {
    type: "ReplicaFailure",
    status: failure["status"] ?? "True",
    lastUpdateTime: failure["lastTransitionTime"] ?? null,
    lastTransitionTime: failure["lastTransitionTime"] ?? null,
    reason: failure["reason"] ?? "",
    message: failure["message"] ?? "",
  });
};

const withoutZeros = (status: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== 0 && value !== null));
