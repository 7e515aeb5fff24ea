import { listAt, objectsAt, textAt, textsAt, withField } from "../../kubernetes/fields.ts";
import type { Node } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { millis } from "../../model/quantity.ts";
import { type Controller, type ControllerContext, keyOf, partsOf } from "./controller.ts";

/** Gives pods their addresses and says how long a pod takes to run; replaced where a cluster's own network and images are simulated. */
export interface FakeKubeletOptions {
  readonly podIp?: (pod: Pod, node: Node | undefined) => string;
  readonly hostIp?: (node: Node | undefined) => string;
}

/**
 * A kubelet that runs what it is given at once. The annotation `oracle/mode` of a pod changes that: `unready` never gets ready, `crash`
 * fails to start, `fail` ends a Job's pod with an error, `running` keeps a Job's pod from ending.
 */
export const createFakeKubelet = (options: FakeKubeletOptions = {}): Controller => {
  let addresses = 0;
  const podIp = options.podIp ?? (() => `10.244.${Math.floor(addresses / 250)}.${(addresses++ % 250) + 2}`);
  const hostIp = options.hostIp ?? (() => "127.0.0.1");
  return {
    name: "kubelet",
    watches: ["Pod"],
    latency: millis(58),
    spacing: millis(10),
    keysOf: ({ object, type }) =>
      type !== "DELETED" && ((object as Pod).spec.nodeName ?? "") !== "" ? [keyOf(object)] : [],
    reconcile: (key, context) => {
      const pod = context.store.get<Pod>("Pod", ...partsOf(key));
      if (pod === undefined) return "done";
      if (pod.metadata.deletionTimestamp !== undefined) return end(pod, context);
      const phase = pod.status?.phase ?? "Pending";
      if (phase === "Pending" && pod.status?.podIP === undefined) {
        const node = context.store.get<Node>("Node", undefined, pod.spec.nodeName ?? "");
        if (node === undefined) return "done";
        start(pod, hostIp(node), pod.spec.hostNetwork === true ? hostIp(node) : podIp(pod, node), context);
        return isShortLived(pod) ? { requeueAfter: millis(40) } : "done";
      }
      if (phase === "Running" && isShortLived(pod)) finish(pod, context);
      return "done";
    },
  };
};

const modeOf = (pod: Pod): string =>
  textsAt(pod as unknown as JsonObject, "metadata", "annotations")["oracle/mode"] ?? "";

const isShortLived = (pod: Pod): boolean =>
  (pod.metadata.ownerReferences ?? []).some((owner) => owner.kind === "Job") &&
  !["running", "unready", "crash"].includes(modeOf(pod));

/** Nothing keeps a pod that is to end: its finalizers and itself go. */
const end = (pod: Pod, context: ControllerContext): "done" => {
  const { namespace, name } = pod.metadata;
  if ((pod.metadata.finalizers ?? []).length > 0) {
    context.api.update(withField(pod as unknown as JsonObject, ["metadata", "finalizers"], undefined));
  }
  context.api.remove("Pod", namespace, name, 0);
  context.store.remove("Pod", namespace, name);
  return "done";
};

const start = (pod: Pod, host: string, address: string, context: ControllerContext): void => {
  const mode = modeOf(pod);
  const time = context.time;
  const ready = mode === "unready" || mode === "crash" ? "False" : "True";
  const given = pod as unknown as JsonObject;
  const conditions: JsonObject[] = [
    condition("PodReadyToStartContainers", "True", time),
    condition("Initialized", "True", time),
    condition("Ready", ready, time),
    condition("ContainersReady", ready, time),
    ...objectsAt(given, "spec", "readinessGates").map((gate) => condition(textAt(gate, "conditionType"), "True", time)),
  ];
  const initial = objectsAt(given, "spec", "initContainers").map((container) => initStatus(container, time));
  setStatus(pod, context, conditions, {
    phase: "Running",
    startTime: time,
    hostIP: host,
    hostIPs: [{ ip: host }],
    podIP: address,
    podIPs: [{ ip: address }],
    ...(initial.length === 0 ? {} : { initContainerStatuses: initial }),
    containerStatuses: objectsAt(given, "spec", "containers").map((container) =>
      mode === "crash" ? crashStatus(container, time) : runningStatus(container, ready === "True", time),
    ),
  });
};

const finish = (pod: Pod, context: ControllerContext): void => {
  const isFailed = modeOf(pod) === "fail";
  const time = context.time;
  const reason = "PodCompleted";
  const state = {
    terminated: {
      exitCode: isFailed ? 1 : 0,
      reason: isFailed ? "Error" : "Completed",
      startedAt: time,
      finishedAt: time,
    },
  };
  setStatus(
    pod,
    context,
    [
      condition("PodReadyToStartContainers", "False", time),
      { ...condition("Initialized", "True", time), reason },
      { ...condition("Ready", "False", time), reason },
      { ...condition("ContainersReady", "False", time), reason },
    ],
    {
      phase: isFailed ? "Failed" : "Succeeded",
      containerStatuses: objectsAt(pod as unknown as JsonObject, "spec", "containers").map((container) => ({
        ...named(container),
        ready: false,
        started: false,
        restartCount: 0,
        state,
      })),
    },
  );
};

/** New conditions stand before the ones that stay, as a merge patch of the status leaves them. */
const setStatus = (
  pod: Pod,
  context: ControllerContext,
  conditions: readonly JsonObject[],
  status: JsonObject,
): void => {
  const given = pod as unknown as JsonObject;
  const types = new Set(conditions.map(({ type }) => type));
  const kept = listAt(given, "status", "conditions").filter((known) => !types.has(textAt(known, "type")));
  const before = (given["status"] ?? {}) as JsonObject;
  context.api.updateStatus(
    withField(given, ["status"], { ...before, ...status, conditions: [...conditions, ...kept] as readonly Json[] }),
  );
};

const condition = (type: string, status: string, lastTransitionTime: string): JsonObject => ({
  type,
  status,
  lastTransitionTime,
});

const named = (container: JsonObject): JsonObject => ({
  name: textAt(container, "name"),
  image: textAt(container, "image"),
  imageID: "",
});

const initStatus = (container: JsonObject, time: string): JsonObject => ({
  ...named(container),
  ready: true,
  restartCount: 0,
  ...(textAt(container, "restartPolicy") === "Always"
    ? { started: true, state: { running: { startedAt: time } } }
    : {
        started: false,
        state: { terminated: { exitCode: 0, reason: "Completed", startedAt: time, finishedAt: time } },
      }),
});

const runningStatus = (container: JsonObject, ready: boolean, time: string): JsonObject => ({
  ...named(container),
  ready,
  started: true,
  restartCount: 0,
  state: { running: { startedAt: time } },
});

const crashStatus = (container: JsonObject, time: string): JsonObject => ({
  ...named(container),
  ready: false,
  started: false,
  restartCount: 3,
  state: { waiting: { reason: "CrashLoopBackOff", message: "back-off restarting failed container" } },
  lastState: { terminated: { exitCode: 1, reason: "Error", startedAt: time, finishedAt: time } },
});
