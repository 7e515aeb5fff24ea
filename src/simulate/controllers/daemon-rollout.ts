import type { Pod } from "../../kubernetes/pod.ts";
import { isReady, isTerminating } from "./pod-state.ts";

/** What a rolling update of a DaemonSet looks at. */
export interface DaemonRollout {
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  readonly hash: string;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  /** Nodes that the DaemonSet wants a pod on. */
  readonly wanted: ReadonlySet<string>;
  readonly available: (pod: Pod) => boolean;
}

export interface DaemonChanges {
  readonly remove: readonly Pod[];
  readonly createOn: readonly string[];
}

export const hashOfPod = (pod: Pod): string => pod.metadata.labels?.["controller-revision-hash"] ?? "";

/** Which old pods may go and which nodes get a second pod now. Source: `pkg/controller/daemon/update.go`, v1.35, `rollingUpdate`. */
export const rollDaemonPods = (rollout: DaemonRollout): DaemonChanges =>
  rollout.maxSurge === 0 ? replaceInPlace(rollout) : surge(rollout);

const replaceInPlace = ({ podsByNode, hash, maxUnavailable, available }: DaemonRollout): DaemonChanges => {
  let unavailable = 0;
  const allowed: Pod[] = [];
  const candidates: Pod[] = [];
  for (const pods of podsByNode.values()) {
    const pair = pairOf(pods, hash);
    if (pair === undefined || (pair.old === undefined) === (pair.fresh === undefined)) unavailable++;
    else if (pair.fresh !== undefined) unavailable += available(pair.fresh) ? 0 : 1;
    else if (pair.old !== undefined && !available(pair.old)) {
      allowed.push(pair.old);
      unavailable++;
    } else if (pair.old !== undefined && unavailable < maxUnavailable) candidates.push(pair.old);
  }
  return { remove: [...allowed, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))], createOn: [] };
};

const surge = ({ podsByNode, hash, maxSurge, wanted, available }: DaemonRollout): DaemonChanges => {
  const remove: Pod[] = [];
  const unwanted: Pod[] = [];
  const allowed: string[] = [];
  const candidates: string[] = [];
  let surged = 0;
  let availablePods = 0;
  for (const [node, pods] of podsByNode) {
    const pair = pairOf(pods, hash);
    if (pair === undefined) {
      surged++;
      continue;
    }
    const { old, fresh } = pair;
    const counted = old ?? fresh;
    if (counted !== undefined && available(counted)) availablePods++;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (available(fresh)) remove.push(old);
      else surged++;
    } else if (!available(old)) {
      if (wanted.has(node)) allowed.push(node);
      else remove.push(old);
    } else if (!wanted.has(node)) unwanted.push(old);
    else if (surged < maxSurge) candidates.push(node);
  }
  const spare = Math.max(0, availablePods - wanted.size);
  return {
    remove: [...remove, ...unwanted.slice(0, spare)],
    createOn: [...allowed, ...candidates.slice(0, Math.max(0, maxSurge - surged))],
  };
};

/** The one old and the one new pod of a node; undefined where there are several of a kind. */
const pairOf = (
  pods: readonly Pod[],
  hash: string,
): { readonly old: Pod | undefined; readonly fresh: Pod | undefined } | undefined => {
  const alive = pods.filter((pod) => !isTerminating(pod));
  const fresh = alive.filter((pod) => hashOfPod(pod) === hash);
  const old = alive.filter((pod) => hashOfPod(pod) !== hash);
  return fresh.length > 1 || old.length > 1 ? undefined : { old: old[0], fresh: fresh[0] };
};

/** Of a node's running pods, those that are too many. Source: `daemon_controller.go`, `podsShouldBeOnNode`. */
export const excessDaemonPods = (
  running: readonly Pod[],
  hash: string,
  surges: boolean,
  available: (pod: Pod) => boolean,
): readonly Pod[] => {
  if (running.length < 2) return [];
  const sorted = [...running].sort(byAge);
  if (!surges) return sorted.slice(1);
  const fresh = sorted.find((pod) => hashOfPod(pod) === hash);
  const old = sorted.find((pod) => hashOfPod(pod) !== hash);
  const excess = sorted.filter((pod) => pod !== fresh && pod !== old);
  const replaced = fresh !== undefined && old !== undefined && (!isReady(old) || available(fresh));
  return replaced ? [...excess, old] : excess;
};

/** Placed pods first, then the oldest. */
export const byAge = (a: Pod, b: Pod): number => {
  const placed = Number((b.spec.nodeName ?? "") !== "") - Number((a.spec.nodeName ?? "") !== "");
  if (placed !== 0) return placed;
  const [left, right] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
};
