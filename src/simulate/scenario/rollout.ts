import type { Revision, WorldPod, WorldWorkload } from "./world-state.ts";
import { podsOf } from "./world-workloads.ts";

/**
 * Sets how many pods each revision of a workload wants: all of the one there is, or the next step of a rolling update within maxSurge and
 * maxUnavailable. Source: Kubernetes 1.35 `pkg/controller/deployment/rolling.go`.
 */
export const rollOut = (workload: WorldWorkload): void => {
  const { revisions, wanted } = workload;
  const newest = revisions.at(-1);
  if (newest === undefined) return;
  if (revisions.length === 1) {
    newest.size = wanted;
    return;
  }
  if (workload.isRecreated) {
    for (const revision of revisions) revision.size = 0;
    const isLeft = revisions.some((revision) => revision !== newest && revision.pods.size > 0);
    if (!isLeft && workload.leaving.size === 0) newest.size = wanted;
    return;
  }
  const surge = podsOf(workload.maxSurge, wanted, Math.ceil);
  const unavailable = podsOf(workload.maxUnavailable, wanted, Math.floor);
  const maxUnavailable = surge === 0 && unavailable === 0 ? 1 : unavailable;
  const old = revisions.slice(0, -1);
  shrinkTo(old, wanted + surge - Math.min(newest.size, wanted));
  const total = old.reduce((sum, { size }) => sum + size, 0) + newest.size;
  newest.size = Math.min(wanted, newest.size + Math.max(0, wanted + surge - total));
  const minAvailable = wanted - maxUnavailable;
  const newUnready = newest.size - readyOf(newest);
  let cut = old.reduce((sum, { size }) => sum + size, 0) + newest.size - minAvailable - newUnready;
  for (const revision of old) {
    const unready = Math.min(Math.max(0, cut), revision.size - Math.min(revision.size, readyOf(revision)));
    revision.size -= unready;
    cut -= unready;
  }
  const ready = revisions.reduce((sum, revision) => sum + Math.min(revision.size, readyOf(revision)), 0);
  let spare = Math.min(Math.max(0, cut), Math.max(0, ready - minAvailable));
  for (const revision of old) {
    const gone = Math.min(spare, revision.size);
    revision.size -= gone;
    spare -= gone;
  }
};

/**
 * The pod of a StatefulSet that is renewed next: the highest number of the old template down to the partition, one at a time, and only
 * while all others are ready. Source: Kubernetes 1.35 `pkg/controller/statefulset/stateful_set_control.go`.
 */
export const nextOutdated = (workload: WorldWorkload): WorldPod | undefined => {
  const newest = workload.revisions[0];
  if (workload.kind !== "StatefulSet" || newest === undefined) return undefined;
  if (workload.leaving.size > 0 || workload.ready < workload.wanted) return undefined;
  let next: WorldPod | undefined;
  for (const pod of workload.active) {
    if (pod.revision?.template === newest.template || ordinal(pod) < workload.partition) continue;
    if (next === undefined || ordinal(pod) > ordinal(next)) next = pod;
  }
  return next;
};

const shrinkTo = (revisions: readonly Revision[], most: number): void => {
  let surplus = revisions.reduce((sum, { size }) => sum + size, 0) - Math.max(0, most);
  for (const revision of revisions) {
    const gone = Math.min(Math.max(0, surplus), revision.size);
    revision.size -= gone;
    surplus -= gone;
  }
};

const readyOf = ({ pods }: Revision): number => {
  let ready = 0;
  for (const { phase } of pods) if (phase === "ready") ready += 1;
  return ready;
};

const rank: Readonly<Record<WorldPod["phase"], number>> = {
  pending: 0,
  lost: 1,
  starting: 2,
  ready: 3,
  terminating: 4,
};

/**
 * The order in which a controller gives up pods: waiting ones, unready ones, those that share a node, then the youngest; a StatefulSet the
 * highest number. Source: Kubernetes 1.35 `pkg/controller/controller_utils.go`, ActivePodsWithRanks.
 */
export const compareForRemoval = (workload: WorldWorkload): ((a: WorldPod, b: WorldPod) => number) => {
  if (workload.kind === "StatefulSet") return (a, b) => ordinal(b) - ordinal(a);
  const together = new Map<string, number>();
  for (const { node } of workload.active) if (node !== undefined) together.set(node, (together.get(node) ?? 0) + 1);
  const shared = ({ node }: WorldPod): number => (node === undefined ? 0 : (together.get(node) ?? 0));
  return (a, b) =>
    rank[a.phase] - rank[b.phase] ||
    shared(b) - shared(a) ||
    b.readyAt - a.readyAt ||
    b.createdAt - a.createdAt ||
    (a.key < b.key ? -1 : 1);
};

const ordinal = ({ key }: WorldPod): number => Number(key.slice(key.lastIndexOf("-") + 1)) || 0;
