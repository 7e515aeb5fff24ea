import { listAt, objectAt, objectsAt, sameJson, textAt, withField } from "../../kubernetes/fields.ts";
import type { Node, Taint } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { type Millis, millis } from "../../model/quantity.ts";
import { type Controller, type ControllerContext, keyOf, partsOf } from "./controller.ts";
import { tolerates } from "./daemon-nodes.ts";
import { secondsBetween } from "./pod-state.ts";

const byCondition: readonly (readonly [type: string, status: string, taint: string])[] = [
  ["Ready", "False", "node.kubernetes.io/not-ready"],
  ["Ready", "Unknown", "node.kubernetes.io/unreachable"],
  ["MemoryPressure", "True", "node.kubernetes.io/memory-pressure"],
  ["DiskPressure", "True", "node.kubernetes.io/disk-pressure"],
  ["PIDPressure", "True", "node.kubernetes.io/pid-pressure"],
  ["NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"],
];
const owned = new Set([...byCondition.map(([, , taint]) => taint), "node.kubernetes.io/unschedulable"]);

/** Taints nodes by their conditions and by cordon (pkg/controller/nodelifecycle, v1.35). */
export const nodeLifecycleController: Controller = {
  name: "nodelifecycle",
  watches: ["Node"],
  keysOf: ({ object }) => [object.metadata.name],
  reconcile: (name, context) => {
    const node = context.store.get<Node>("Node", undefined, name);
    if (node === undefined) {
      context.event({
        about: { apiVersion: "v1", kind: "Node", metadata: { name } },
        type: "Normal",
        reason: "RemovingNode",
        message: `Node ${name} event: Removing Node ${name} from Controller`,
        from: "node-controller",
      });
      return "done";
    }
    const taints = (node.spec?.taints ?? []) as readonly Taint[];
    const wanted = wantedTaints(node);
    const kept = taints.filter(
      (taint) => !owned.has(taint.key) || wanted.some((one) => one.key === taint.key && one.effect === taint.effect),
    );
    const added = wanted
      .filter((one) => !taints.some((taint) => taint.key === one.key && taint.effect === one.effect))
      .map((one) => ({ ...one, timeAdded: context.time }));
    const next = [...added, ...kept];
    if (sameJson(next as unknown as Json, taints as unknown as Json)) return "done";
    context.api.update(
      withField(
        node as unknown as JsonObject,
        ["spec", "taints"],
        next.length === 0 ? undefined : (next as unknown as Json),
      ),
    );
    return "done";
  },
};

const wantedTaints = (node: Node): readonly Taint[] => {
  const conditions = objectsAt(node as unknown as JsonObject, "status", "conditions");
  const held = byCondition.filter(([type, status]) =>
    conditions.some((condition) => condition["type"] === type && condition["status"] === status),
  );
  const taints: Taint[] = held.map(([, , key]) => ({ key, effect: "NoSchedule" }));
  for (const [type, , key] of held) if (type === "Ready") taints.push({ key, effect: "NoExecute" });
  if (node.spec?.unschedulable === true) taints.push({ key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" });
  return taints;
};

/** A node's address is fixed with the first kubelet report; here nodes come ready, with the ttl that small clusters have. */
export const nodeTtlController: Controller = {
  name: "ttl",
  watches: ["Node"],
  keysOf: ({ object }) => [object.metadata.name],
  reconcile: (name, context) => {
    const node = context.store.get<Node>("Node", undefined, name) as unknown as JsonObject | undefined;
    if (node === undefined || textAt(node, "metadata", "annotations", "node.alpha.kubernetes.io/ttl") !== "")
      return "done";
    context.api.update(withField(node, ["metadata", "annotations", "node.alpha.kubernetes.io/ttl"], "0"));
    return "done";
  },
};

/** Ends pods that do not tolerate a NoExecute taint of their node, or no longer (pkg/controller/tainteviction, v1.35). */
export const createTaintEvictionController = (): Controller => {
  /** Pods that are to go later, and since when. */
  const scheduled = new Map<string, string>();
  const cancel = (key: string, context: ControllerContext): void => {
    if (!scheduled.delete(key)) return;
    const [namespace, name] = partsOf(key);
    context.event({
      about: { apiVersion: "v1", kind: "Pod", metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
      type: "Normal",
      reason: "TaintManagerEviction",
      message: `Cancelling deletion of Pod ${key}`,
      from: "taint-eviction-controller",
    });
  };
  return {
    name: "taint-eviction",
    watches: ["Node", "Pod"],
    keysOf: ({ object, previous, type }, { store }) => {
      if (object.kind === "Pod") return ((object as Pod).spec.nodeName ?? "") === "" ? [] : [keyOf(object)];
      if (type === "DELETED") return [];
      if (!hasNoExecute(object as Node) && (previous === undefined || !hasNoExecute(previous as Node))) return [];
      return store
        .list<Pod>("Pod")
        .filter((pod) => pod.spec.nodeName === object.metadata.name)
        .map(keyOf);
    },
    reconcile: (key, context) => {
      const pod = context.store.get<Pod>("Pod", ...partsOf(key));
      if (pod !== undefined && pod.metadata.deletionTimestamp !== undefined) return "done";
      const node = context.store.get<Node>("Node", undefined, pod?.spec.nodeName ?? "");
      if (pod === undefined || node === undefined || !hasNoExecute(node)) {
        cancel(key, context);
        return "done";
      }
      const since = scheduled.get(key) ?? context.time;
      const wait = toleratedFor(node, pod, since, context.time);
      if (wait === undefined) {
        cancel(key, context);
        return "done";
      }
      if (wait > 0) {
        scheduled.set(key, since);
        return { requeueAfter: wait };
      }
      scheduled.delete(key);
      evict(pod, context);
      return "done";
    },
  };
};

const hasNoExecute = (node: Node): boolean => (node.spec?.taints ?? []).some((taint) => taint.effect === "NoExecute");

/** How long the pod may stay: nothing for ever, else milliseconds. */
const toleratedFor = (node: Node, pod: Pod, since: string, now: string): Millis | undefined => {
  let least: number | undefined;
  for (const taint of node.spec?.taints ?? []) {
    if (taint.effect !== "NoExecute") continue;
    const tolerations = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (tolerations.length === 0) return millis(0);
    for (const { tolerationSeconds } of tolerations) {
      if (tolerationSeconds === undefined) continue;
      const left = 1000 * (Math.max(0, tolerationSeconds) - secondsBetween(since, now));
      least = least === undefined ? left : Math.min(least, left);
    }
  }
  return least === undefined ? undefined : millis(Math.max(0, least));
};

const evict = (pod: Pod, context: ControllerContext): void => {
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    message: "Taint manager: deleting due to NoExecute taint",
    lastTransitionTime: context.time,
  };
  const given = pod as unknown as JsonObject;
  const kept = listAt(given, "status", "conditions").filter((known) => textAt(known, "type") !== "DisruptionTarget");
  context.api.updateStatus(
    withField(given, ["status"], { ...objectAt(given, "status"), conditions: [...kept, condition] }),
  );
  context.event({
    about: pod,
    type: "Normal",
    reason: "TaintManagerEviction",
    message: `Marking for deletion Pod ${keyOf(pod)}`,
    from: "taint-eviction-controller",
  });
  context.api.remove("Pod", pod.metadata.namespace, pod.metadata.name);
};
