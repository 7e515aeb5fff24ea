import { withField } from "../../kubernetes/fields.ts";
import { controllerOf } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { JsonObject } from "../../model/json.ts";
import { millis } from "../../model/quantity.ts";
import type { Engine } from "../engine.ts";
import { evictPod } from "../eviction.ts";
import type { CommandResult, KubectlArguments } from "./kubectl-arguments.ts";

const retryMs = 5000;

/**
 * `kubectl drain`: cordons each node and evicts its pods, again every five seconds where a budget holds one, until the timeout. The
 * clock runs meanwhile, as it does for a user who waits.
 */
export const drain = (args: KubectlArguments, engine: Engine): CommandResult => {
  const errors: string[] = [];
  const timeout = duration(args.flags.get("timeout"));
  for (const word of args.words) {
    const name = word.replace(/^nodes?\//, "");
    const node = engine.api.store.get("Node", undefined, name) as unknown as JsonObject | undefined;
    if (node === undefined) {
      errors.push(`Error from server (NotFound): nodes "${name}" not found`);
      continue;
    }
    engine.api.update(withField(node, ["spec", "unschedulable"], true));
    errors.push(...drainNode(name, args, engine, timeout));
  }
  return { code: errors.length === 0 ? 0 : 1, errors };
};

const drainNode = (name: string, args: KubectlArguments, engine: Engine, timeout: number): readonly string[] => {
  const pods = engine.api.store.list<Pod>("Pod").filter((pod) => pod.spec.nodeName === name);
  const isDaemon = (pod: Pod): boolean => controllerOf(pod)?.kind === "DaemonSet";
  const blocked = pods.flatMap((pod) => obstacle(pod, args, isDaemon(pod)));
  if (blocked.length > 0) return [`error: unable to drain node "${name}" due to error: ${blocked.join(", ")}`];
  const begun = engine.queue.now;
  let left = pods.filter((pod) => !isDaemon(pod) && controllerOf(pod)?.kind !== "Node");
  for (;;) {
    left = left.filter((pod) => !evictPod(engine, pod));
    // Eviction is over when the pods are gone.
    const wait = left.length > 0 ? retryMs : 1000;
    const end = timeout === 0 ? Number.POSITIVE_INFINITY : begun + timeout;
    engine.queue.runUntil(millis(Math.min(engine.queue.now + wait, end)));
    const current = (pod: Pod): Pod | undefined =>
      engine.api.store.get<Pod>("Pod", pod.metadata.namespace, pod.metadata.name);
    left = left.filter((pod) => current(pod)?.metadata.uid === pod.metadata.uid);
    if (left.length === 0) return [];
    if (engine.queue.now >= end || (timeout === 0 && engine.queue.now - begun > 3_600_000)) {
      return left.map(
        (pod) =>
          `error when evicting pods/"${pod.metadata.name}" -n "${pod.metadata.namespace}": global timeout reached`,
      );
    }
  }
};

/** Why a pod keeps a node from being drained without more flags. */
const obstacle = (pod: Pod, args: KubectlArguments, isDaemon: boolean): readonly string[] => {
  const place = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (isDaemon)
    return args.flags.has("ignore-daemonsets")
      ? []
      : [`cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${place}`];
  const isOver = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (isOver) return [];
  if (controllerOf(pod) === undefined && !args.flags.has("force"))
    return [`cannot delete Pods that declare no controller (use --force to override): ${place}`];
  const hasLocal = pod.spec.volumes?.some((volume) => volume.emptyDir !== undefined) === true;
  const mayLose = args.flags.has("delete-emptydir-data") || args.flags.has("delete-local-data");
  return hasLocal && !mayLose
    ? [`cannot delete Pods with local storage (use --delete-emptydir-data to override): ${place}`]
    : [];
};

const duration = (text: string | undefined): number => {
  const match = /^(\d+)(ms|s|m|h)?$/.exec(text ?? "0");
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? "s"] ?? 1000;
  return Number(match?.[1] ?? 0) * unit;
};
