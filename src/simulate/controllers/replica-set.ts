import { listAt, objectAt, withField } from "../../kubernetes/fields.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { controllerOf, uidOf } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import type { ReplicaSet } from "../../kubernetes/workloads.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { claimingKeys, claimObjects, withLabelSelector } from "./adoption.ts";
import { type Controller, type ControllerContext, keyOf, partsOf } from "./controller.ts";
import { podFromTemplate } from "./pod-from-template.ts";
import { availableAfter, isActive, isAvailable, isReady, isTerminating } from "./pod-state.ts";
import { inScaleDownOrder } from "./scale-down-order.ts";

const burstReplicas = 500;

/** The kinds that keep a number of equal pods; a ReplicationController's selector is a plain map. */
type ReplicaKind = "ReplicaSet" | "ReplicationController";

const components: Readonly<Record<ReplicaKind, string>> = {
  ReplicaSet: "replicaset-controller",
  ReplicationController: "replication-controller",
};

const kindOf = ({ kind }: KubeObject): ReplicaKind =>
  kind === "ReplicationController" ? "ReplicationController" : "ReplicaSet";

const createReplicaController = (kind: ReplicaKind, name: string): Controller => ({
  name,
  watches: [kind, "Pod"],
  keysOf: (change, context) =>
    change.object.kind === kind ? [keyOf(change.object)] : claimingKeys(change, kind, context),
  reconcile: (key, context) => {
    const stored = context.store.get<ReplicaSet>(kind, ...partsOf(key));
    if (stored === undefined) return "done";
    const set = withLabelSelector(stored);
    claimObjects(set, "Pod", context, { considers: (pod) => isActive(pod as Pod) });
    const all = context.store.ownedBy<Pod>("Pod", uidOf(set));
    const pods = all.filter(isActive);
    const failure = isTerminating(set as unknown as Pod) ? undefined : manageReplicas(set, pods, context);
    updateStatus(set, context, failure);
    if (failure !== undefined) return { retry: true };
    const wait = availableAfter(pods, set.spec.minReadySeconds ?? 0, context.time);
    return wait === undefined ? "done" : { requeueAfter: wait };
  },
});

/** Keeps the number of a ReplicaSet's pods (pkg/controller/replicaset/replica_set.go, v1.35). */
export const replicaSetController = createReplicaController("ReplicaSet", "replicaset");

/** The same for a ReplicationController (pkg/controller/replication, v1.35). */
export const replicationController = createReplicaController("ReplicationController", "replicationcontroller");

const manageReplicas = (set: ReplicaSet, pods: readonly Pod[], context: ControllerContext): string | undefined => {
  const wanted = set.spec.replicas ?? 1;
  if (pods.length < wanted) return createPods(set, Math.min(wanted - pods.length, burstReplicas), context);
  if (pods.length > wanted) deletePods(set, pods, pods.length - wanted, context);
  return undefined;
};

/** Pods are asked for in batches of 1, 2, 4 …; the first batch with a refusal is the last. */
const createPods = (set: ReplicaSet, count: number, context: ControllerContext): string | undefined => {
  const { template } = set.spec;
  if (template === undefined) return undefined;
  const generateName = `${set.metadata.name}-`;
  const pod = { ...podFromTemplate(template, set, { name: "", generateName }) };
  let left = count;
  for (let batch = 1; left > 0; batch *= 2) {
    const size = Math.min(batch, left);
    let failure: string | undefined;
    for (let index = 0; index < size; index++) {
      const answer = context.api.create(pod as unknown as JsonObject);
      if (answer.object !== undefined) {
        context.event({
          about: set,
          type: "Normal",
          reason: "SuccessfulCreate",
          message: `Created pod: ${answer.object.metadata.name}`,
          from: components[kindOf(set)],
        });
      } else {
        context.event({
          about: set,
          type: "Warning",
          reason: "FailedCreate",
          message: `Error creating: ${answer.error.message}`,
          from: components[kindOf(set)],
        });
        failure ??= answer.error.message;
      }
    }
    if (failure !== undefined) return failure;
    left -= size;
  }
  return undefined;
};

const deletePods = (set: ReplicaSet, pods: readonly Pod[], count: number, context: ControllerContext): void => {
  const related = relatedPods(set, context);
  for (const pod of inScaleDownOrder(pods, related, context.time).slice(0, count)) {
    context.api.remove("Pod", pod.metadata.namespace, pod.metadata.name);
    context.event({
      about: set,
      type: "Normal",
      reason: "SuccessfulDelete",
      message: `Deleted pod: ${pod.metadata.name}`,
      from: components[kindOf(set)],
    });
  }
};

/** The pods of all ReplicaSets with the same owner: doubled-up pods go first. */
const relatedPods = (set: ReplicaSet, context: ControllerContext): readonly Pod[] => {
  const owner = controllerOf(set);
  const sets = owner === undefined ? [set] : context.store.ownedBy<ReplicaSet>("ReplicaSet", owner.uid);
  return sets.flatMap((one) => context.store.ownedBy<Pod>("Pod", uidOf(one)));
};

const updateStatus = (set: ReplicaSet, context: ControllerContext, failure: string | undefined): void => {
  const latest = context.store.get<ReplicaSet>(kindOf(set), set.metadata.namespace, set.metadata.name);
  if (latest === undefined) return;
  const all = context.store.ownedBy<Pod>("Pod", uidOf(set));
  const pods = all.filter(isActive);
  const labels = compileLabelSelector({ matchLabels: set.spec.template?.metadata?.labels ?? {} });
  const minReady = set.spec.minReadySeconds ?? 0;
  const conditions = listAt(latest.status as JsonObject | undefined, "conditions").filter(
    (condition) => objectAt(condition)["type"] !== "ReplicaFailure",
  );
  const known = listAt(latest.status as JsonObject | undefined, "conditions").find(
    (condition) => objectAt(condition)["type"] === "ReplicaFailure",
  );
  if (failure !== undefined) {
    conditions.push(
      known ?? {
        type: "ReplicaFailure",
        status: "True",
        lastTransitionTime: context.time,
        reason: "FailedCreate",
        message: failure,
      },
    );
  }
  const status: Record<string, Json> = {
    replicas: pods.length,
    fullyLabeledReplicas: pods.filter((pod) => labels.matches(pod.metadata.labels ?? {})).length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: pods.filter((pod) => isAvailable(pod, minReady, context.time)).length,
    ...(kindOf(set) === "ReplicaSet" ? { terminatingReplicas: all.filter(isTerminating).length } : {}),
    observedGeneration: set.metadata.generation ?? 0,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  context.api.updateStatus(withField(latest as unknown as JsonObject, ["status"], status));
};
