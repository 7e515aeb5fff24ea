import type { Change } from "../cluster/store.ts";
import { listAt, objectsAt, sameJson, textAt, withField } from "../kubernetes/fields.ts";
import { kindKey } from "../kubernetes/kinds.ts";
import type { Node } from "../kubernetes/node.ts";
import type { Pod } from "../kubernetes/pod.ts";
import type { JsonObject } from "../model/json.ts";
import { millis } from "../model/quantity.ts";
import type { ControllerContext } from "./controllers/controller.ts";
import type { EventQueue } from "./event-queue.ts";
import { popFrom, pushOn } from "./heap.ts";
import type { Scheduler } from "./scheduler/api.ts";
import { otherKinds } from "./scheduler/cluster-input.ts";
import type { Decision } from "./scheduler/decision.ts";
import { comesBefore, type Ticket, type Waiting } from "./scheduling-line.ts";

const component = "default-scheduler";
const schedulingMs = millis(3);

/** Kinds of which a change may help a pod that waits. */
const helpful = new Set(["PersistentVolumeClaim", "PersistentVolume", "StorageClass", "CSINode"]);

/**
 * The scheduler's queue and its deeds in a running cluster: takes pods by priority and arrival, binds, preempts, writes the condition,
 * and looks at waiting pods again when something changed that may help (pkg/scheduler, v1.35).
 */
export const startScheduling = (scheduler: Scheduler, queue: EventQueue, context: ControllerContext): void => {
  const waiting = new Map<string, Waiting>();
  const ready: Ticket[] = [];
  let order = 0;
  let isBusy = false;

  /** Forgets tickets of pods that are gone, that wait for something, or that have a newer ticket. */
  const peek = (): Waiting | undefined => {
    for (let first = ready[0]; first !== undefined; first = ready[0]) {
      const { entry, state } = first;
      if (waiting.get(entry.key) === entry && entry.state === state) return entry;
      popFrom(ready, comesBefore);
    }
    return undefined;
  };

  const makeReady = (entry: Waiting, state: "active" | "backoff"): void => {
    entry.state = state;
    pushOn(ready, { entry, state }, comesBefore);
  };

  const wake = (): void => {
    if (isBusy) return;
    if (peek() === undefined) return;
    isBusy = true;
    queue.schedule(schedulingMs, 5, "schedule", next);
  };

  const podOf = (key: string): Pod | undefined => {
    const slash = key.indexOf("/");
    return context.store.get<Pod>("Pod", key.slice(0, slash), key.slice(slash + 1));
  };

  const next = (): void => {
    isBusy = false;
    const entry = peek();
    if (entry !== undefined) {
      popFrom(ready, comesBefore);
      const pod = podOf(entry.key);
      if (pod !== undefined) attempt(entry, pod);
    }
    wake();
  };

  const attempt = (entry: Waiting, pod: Pod): void => {
    entry.attempts++;
    const decision = scheduler.schedule(pod);
    if (decision.result === "scheduled" && decision.node !== undefined) {
      bind(pod, decision, decision.node);
      return;
    }
    entry.state = "unschedulable";
    if (decision.result === "gated" || decision.result === "ignored") return;
    const message = scheduler.message(decision);
    context.event({ about: pod, type: "Warning", reason: "FailedScheduling", message, from: component });
    const nominated = decision.preemption?.nominatedNode;
    writeCondition(pod, message, nominated, context);
    const current = podOf(entry.key);
    if (current !== undefined) scheduler.setPod(current);
    if (decision.preemption !== undefined) preempt(pod, decision);
  };

  const bind = (pod: Pod, decision: Decision, node: string): void => {
    const { namespace = "default", name } = pod.metadata;
    for (const volume of decision.volumes) bindVolume(volume.namespace, volume.claim, volume.volume, node, context);
    const provisions = decision.volumes.some((volume) => volume.volume === undefined);
    if (provisions) {
      // The binding waits for the provisioner; a claim that becomes bound brings the pod back.
      const entry = waiting.get(`${namespace}/${name}`);
      if (entry !== undefined) entry.state = "binding";
      const current = podOf(`${namespace}/${name}`) ?? pod;
      const nominated = withField(current as unknown as JsonObject, ["status", "nominatedNodeName"], node);
      context.api.updateStatus(nominated);
      return;
    }
    assign(pod, node);
  };

  const assign = (pod: Pod, node: string): void => {
    const { namespace = "default", name } = pod.metadata;
    waiting.delete(`${namespace}/${name}`);
    context.api.bind(namespace, name, node);
    context.event({
      about: pod,
      type: "Normal",
      reason: "Scheduled",
      message: `Successfully assigned ${namespace}/${name} to ${node}`,
      from: component,
    });
  };

  /** Pods whose volumes were made meanwhile go to the node that was chosen for them. */
  const bindWaiting = (): void => {
    for (const entry of waiting.values()) {
      const pod = entry.state === "binding" ? podOf(entry.key) : undefined;
      const node = pod?.status?.nominatedNodeName;
      if (pod === undefined || node === undefined || !hasBoundClaims(pod, context)) continue;
      assign(pod, node);
    }
  };

  const preempt = (pod: Pod, decision: Decision): void => {
    for (const victim of decision.preemption?.victims ?? []) {
      const found = podOf(victim);
      if (found === undefined) continue;
      const condition = {
        type: "DisruptionTarget",
        status: "True",
        reason: "PreemptionByScheduler",
        message: `${component}: preempting to accommodate a higher priority pod`,
        lastTransitionTime: context.time,
      };
      const conditions = listAt(found as unknown as JsonObject, "status", "conditions").filter(
        (known) => textAt(known, "type") !== "DisruptionTarget",
      );
      context.api.updateStatus(
        withField(found as unknown as JsonObject, ["status", "conditions"], [...conditions, condition]),
      );
      context.api.remove("Pod", found.metadata.namespace, found.metadata.name);
      const message = `Preempted by pod ${pod.metadata.uid ?? ""} on node ${decision.preemption?.nominatedNode ?? ""}`;
      context.event({ about: found, type: "Normal", reason: "Preempted", message, from: component });
    }
  };

  /** Pods that wait are looked at again: at once when nothing else is to do (SchedulerPopFromBackoffQ). */
  const retryAll = (): void => {
    for (const entry of waiting.values()) if (entry.state === "unschedulable") makeReady(entry, "backoff");
    wake();
  };

  const onPod = ({ type, object, previous }: Change<Pod>): void => {
    const { namespace = "default", name } = object.metadata;
    const key = `${namespace}/${name}`;
    const isOver = object.status?.phase === "Succeeded" || object.status?.phase === "Failed";
    if (type === "DELETED" || isOver) {
      const tookRoom = scheduler.nodeOf(namespace, name) !== undefined;
      scheduler.removePod(namespace, name);
      waiting.delete(key);
      if (tookRoom) retryAll();
      return;
    }
    scheduler.setPod(object);
    if ((object.spec.nodeName ?? "") !== "") {
      waiting.delete(key);
      return;
    }
    if ((object.spec.schedulerName ?? "default-scheduler") !== "default-scheduler") return;
    if (!waiting.has(key) && object.metadata.deletionTimestamp === undefined) {
      const priority = object.spec.priority ?? 0;
      const entry: Waiting = { key, priority, attempts: 0, order: order++, state: "active" };
      waiting.set(key, entry);
      makeReady(entry, "active");
    }
    const waits = waiting.get(key);
    // What the pod itself asks for now may be met: a gate is gone, a toleration came.
    if (waits?.state === "unschedulable" && previous !== undefined && isAskedAnew(object, previous)) {
      makeReady(waits, "backoff");
    }
    wake();
  };

  const onNode = ({ type, object, previous }: Change<Node>): void => {
    if (type === "DELETED") scheduler.removeNode(object.metadata.name);
    else {
      scheduler.setNode(object);
      if (previous === undefined || isHelpfulNodeChange(object, previous)) retryAll();
    }
  };

  const onOther = ({ type, object }: Change): void => {
    const kind = kindKey(object.apiVersion, object.kind);
    if (type === "DELETED") scheduler.removeObject(kind, object.metadata.namespace, object.metadata.name);
    else scheduler.setObject(object);
    if (helpful.has(kind)) {
      retryAll();
      bindWaiting();
    }
  };

  for (const kind of otherKinds) {
    for (const object of context.store.list(kind)) scheduler.setObject(object);
    context.store.subscribe(kind, onOther);
  }
  for (const node of context.store.list<Node>("Node")) scheduler.setNode(node);
  context.store.subscribe<Node>("Node", onNode);
  for (const pod of context.store.list<Pod>("Pod")) onPod({ type: "ADDED", object: pod, previous: undefined });
  context.store.subscribe<Pod>("Pod", onPod);
};

const hasBoundClaims = (pod: Pod, context: ControllerContext): boolean =>
  (pod.spec.volumes ?? []).every((volume) => {
    const name = volume.persistentVolumeClaim?.claimName;
    if (name === undefined) return true;
    const claim = context.store.get("PersistentVolumeClaim", pod.metadata.namespace, name) as unknown as
      | JsonObject
      | undefined;
    return textAt(claim, "status", "phase") === "Bound";
  });

const isAskedAnew = (pod: Pod, previous: Pod): boolean =>
  !sameJson(pod.spec as unknown as JsonObject, previous.spec as unknown as JsonObject) ||
  !sameJson((pod.metadata.labels ?? {}) as JsonObject, (previous.metadata.labels ?? {}) as JsonObject);

const isHelpfulNodeChange = (node: Node, previous: Node): boolean =>
  !sameJson(node.spec as unknown as JsonObject, previous.spec as unknown as JsonObject) ||
  !sameJson(node.metadata.labels as unknown as JsonObject, previous.metadata.labels as unknown as JsonObject) ||
  !sameJson(node.status?.allocatable as unknown as JsonObject, previous.status?.allocatable as unknown as JsonObject);

const writeCondition = (pod: Pod, message: string, nominated: string | undefined, context: ControllerContext): void => {
  const given = context.store.get("Pod", pod.metadata.namespace, pod.metadata.name) as unknown as
    | JsonObject
    | undefined;
  if (given === undefined) return;
  const before = objectsAt(given, "status", "conditions").find((known) => known["type"] === "PodScheduled");
  const condition = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message,
    observedGeneration: pod.metadata.generation ?? 1,
    lastTransitionTime: before?.["status"] === "False" ? (before["lastTransitionTime"] ?? context.time) : context.time,
  };
  const kept = listAt(given, "status", "conditions").filter((known) => textAt(known, "type") !== "PodScheduled");
  const conditioned = withField(given, ["status", "conditions"], [...kept, condition]);
  context.api.updateStatus(
    nominated === undefined ? conditioned : withField(conditioned, ["status", "nominatedNodeName"], nominated),
  );
};

/** What the VolumeBinding plugin writes: the volume's claim, or the node that the provisioner is to serve. */
const bindVolume = (
  namespace: string,
  claimName: string,
  volume: string | undefined,
  node: string,
  context: ControllerContext,
): void => {
  const claim = context.store.get("PersistentVolumeClaim", namespace, claimName) as unknown as JsonObject | undefined;
  if (claim === undefined) return;
  if (volume === undefined) {
    context.api.update(withField(claim, ["metadata", "annotations", "volume.kubernetes.io/selected-node"], node));
    return;
  }
  const found = context.store.get("PersistentVolume", undefined, volume) as unknown as JsonObject | undefined;
  if (found === undefined) return;
  const reference = {
    kind: "PersistentVolumeClaim",
    apiVersion: "v1",
    namespace,
    name: claimName,
    uid: textAt(claim, "metadata", "uid"),
  };
  const claimed = withField(found, ["spec", "claimRef"], reference);
  context.api.update(withField(claimed, ["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"], "yes"));
};
