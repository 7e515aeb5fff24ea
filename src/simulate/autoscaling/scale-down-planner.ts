import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import { exceededLimits, minus, type NodeSize, nodeSize, roomToShrink } from "./cluster-limits.ts";
import type { ClusterPicture, NodeFacts } from "./cluster-picture.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import { type BlockingReason, podsToMove, type ReplicaLookup } from "./drain-rules.ts";
import type { NodeGroup } from "./node-group.ts";
import { hasGpus, nodeUtilization } from "./node-utilization.ts";
import { PlacementHints, placeAll } from "./placement-hints.ts";
import type { PodFacts } from "./pod-facts.ts";

/** Why a node is not removed, in upstream's words. */
export type UnremovableReason =
  | "ScaleDownDisabledAnnotation"
  | "ScaleDownUnreadyDisabled"
  | "NotAutoscaled"
  | "NotUnneededLongEnough"
  | "NotUnreadyLongEnough"
  | "NodeGroupMinSizeReached"
  | "MinimalResourceLimitExceeded"
  | "CurrentlyBeingDeleted"
  | "NotUnderutilized"
  | "RecentlyUnremovable"
  | "NoPlaceToMovePods"
  | "BlockedByPod"
  | "UnexpectedError";

export interface Unremovable {
  readonly reason: UnremovableReason;
  readonly blocking: { readonly pod: PodFacts; readonly reason: BlockingReason } | undefined;
  readonly utilization: number | undefined;
}

/** A node that nobody needs, and since when. */
export interface Unneeded {
  readonly name: string;
  readonly group: NodeGroup;
  readonly ready: boolean;
  readonly size: NodeSize;
  readonly disabled: boolean;
  readonly since: number;
  readonly podsToMove: readonly PodFacts[];
  /** Its pods may not all go at once under their budgets. */
  readonly isRisky: boolean;
}

export interface PlannerContext {
  readonly options: AutoscalerOptions;
  readonly picture: ClusterPicture;
  readonly groupOf: (nodeName: string) => NodeGroup | undefined;
  readonly budgets: DisruptionBudgets;
  readonly replicas: ReplicaLookup;
  readonly now: number;
  /** Deletions that had begun and not ended when the loop started. */
  readonly inProgress: ReadonlySet<string>;
  readonly deletionsOf: (groupId: string) => number;
}

const BEING_DELETED_MS = 5 * 60_000;
const DISABLED_ANNOTATION = "cluster-autoscaler.kubernetes.io/scale-down-disabled";

/** Decides which nodes could go. Source: cluster-autoscaler 1.33.0 `core/scaledown/planner/planner.go`. */
export class ScaleDownPlanner {
  /** As of the last loop that looked. */
  unneeded: ReadonlyMap<string, Unneeded> = new Map();
  unremovable: Map<string, Unremovable> = new Map();
  /** Until when the same cluster gives the same answer: no node was simulated, none is counted down. */
  stableUntil = Number.NEGATIVE_INFINITY;
  #recheckAt = new Map<string, number>();
  #latestUpdate = Number.NEGATIVE_INFINITY;
  #minInterval: number;
  readonly #hints = new PlacementHints();

  constructor(options: AutoscalerOptions) {
    this.#minInterval = options.unneededTime === 0 ? 1 : options.unneededTime;
  }

  forgetUnneeded(): void {
    this.unneeded = new Map();
  }

  /** Sorts the candidates into unneeded and unremovable ones; the picture is left as it was. */
  update(destinations: readonly NodeFacts[], candidates: readonly NodeFacts[], context: PlannerContext): void {
    const { picture, now, inProgress } = context;
    this.#minInterval = Math.min(this.#minInterval, now - this.#latestUpdate);
    this.#latestUpdate = now;
    picture.fork();
    const open = new Set(destinations.filter(({ name }) => !inProgress.has(name)).map(({ name }) => name));
    this.#categorize(
      open,
      candidates.filter(({ name }) => !inProgress.has(name)),
      context,
    );
    this.#hints.dropOld();
    picture.revert();
  }

  /** The unneeded nodes whose time has come: empty ones, then those to drain, risky ones last. */
  nodesToDelete(context: PlannerContext): { readonly empty: readonly Unneeded[]; readonly drain: readonly Unneeded[] } {
    const { options, picture, groupOf, deletionsOf, now } = context;
    const isLimited = options.cores.min > 0 || options.memoryBytes.min > 0;
    let left = roomToShrink(options, isLimited ? totalSize(picture, now) : { cores: 0, memory: 0 });
    const sizes = new Map<string, number>();
    const removable = (node: Unneeded): boolean => {
      const { group, since, ready, size } = node;
      const current = sizes.get(group.id) ?? group.targetSize();
      const reason = node.disabled
        ? "ScaleDownDisabledAnnotation"
        : ready && since + options.unneededTime >= now
          ? "NotUnneededLongEnough"
          : !ready && since + options.unreadyTime >= now
            ? "NotUnreadyLongEnough"
            : current - deletionsOf(group.id) <= group.min
              ? "NodeGroupMinSizeReached"
              : exceededLimits(left, size).length > 0
                ? "MinimalResourceLimitExceeded"
                : undefined;
      if (reason !== undefined) {
        this.#reject(node.name, reason);
        return false;
      }
      left = minus(left, size);
      sizes.set(group.id, current - 1);
      return true;
    };
    const nodes = [...this.unneeded.values()].filter(({ name }) => groupOf(name) !== undefined);
    const empty = nodes.filter((node) => node.podsToMove.length === 0).filter(removable);
    const drain = nodes.filter((node) => node.podsToMove.length > 0).filter(removable);
    return { empty, drain: [...drain.filter((node) => !node.isRisky), ...drain.filter((node) => node.isRisky)] };
  }

  #categorize(open: Set<string>, candidates: readonly NodeFacts[], context: PlannerContext): void {
    const { picture, now, options, budgets, groupOf } = context;
    this.unremovable = new Map();
    for (const [name, at] of this.#recheckAt) {
      if (at <= now || !picture.nodes.has(name)) this.#recheckAt.delete(name);
    }
    const eligible = candidates.filter((candidate) => this.#isEligible(candidate, context));
    const limit = this.#unneededLimit(options);
    const found = new Map<string, Unneeded>();
    for (const { name } of eligible) {
      if (found.size >= limit) break;
      const facts = picture.nodes.get(name);
      const group = groupOf(name);
      if (facts === undefined || group === undefined) continue;
      const moved = this.#simulateRemoval(facts, open, context);
      if ("reason" in moved) {
        this.#recheckAt.set(name, now + options.unremovableRecheck);
        this.#reject(name, moved.reason, moved.blocking);
        continue;
      }
      open.delete(name);
      const isRisky = !budgets.allowTogether(moved.pods);
      budgets.take(moved.pods);
      found.set(name, {
        name,
        group,
        ready: facts.ready,
        size: nodeSize(facts.node),
        disabled: facts.node.metadata.annotations?.[DISABLED_ANNOTATION] === "true",
        since: this.unneeded.get(name)?.since ?? now,
        podsToMove: moved.pods,
        isRisky,
      });
    }
    this.unneeded = found;
    const isChanging = [...this.unremovable.values()].some(({ reason }) => reason === "CurrentlyBeingDeleted");
    this.stableUntil = isChanging || eligible.length > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    for (const at of this.#recheckAt.values()) this.stableUntil = Math.min(this.stableUntil, at);
  }

  /** Source: `core/scaledown/eligibility/eligibility.go`. */
  #isEligible({ name }: NodeFacts, context: PlannerContext): boolean {
    const { options, picture, groupOf, now } = context;
    const facts = picture.nodes.get(name);
    if (facts === undefined) return this.#reject(name, "UnexpectedError");
    if (this.#recheckAt.has(name)) return this.#reject(name, "RecentlyUnremovable");
    if (isBeingDeleted(facts, now)) return this.#reject(name, "CurrentlyBeingDeleted");
    const { annotations } = facts.node.metadata;
    if (annotations?.[DISABLED_ANNOTATION] === "true") return this.#reject(name, "ScaleDownDisabledAnnotation");
    if (groupOf(name) === undefined) return this.#reject(name, "NotAutoscaled");
    const utilization = nodeUtilization(facts, options);
    if (utilization === undefined) return this.#reject(name, "UnexpectedError");
    if (!options.scaleDownUnreadyEnabled && !facts.ready) return this.#reject(name, "ScaleDownUnreadyDisabled");
    const threshold = hasGpus(facts) ? options.gpuUtilizationThreshold : options.utilizationThreshold;
    return utilization >= threshold ? this.#reject(name, "NotUnderutilized", undefined, utilization) : true;
  }

  #reject(name: string, reason: UnremovableReason, blocking?: Unremovable["blocking"], utilization?: number): false {
    this.unremovable.set(name, { reason, blocking, utilization });
    return false;
  }

  /** A successful removal stays in the picture until the loop's end. Source: `simulator/cluster.go`. */
  #simulateRemoval(
    facts: NodeFacts,
    open: ReadonlySet<string>,
    context: PlannerContext,
  ):
    | { readonly pods: readonly PodFacts[] }
    | { readonly reason: UnremovableReason; readonly blocking: Unremovable["blocking"] } {
    const { picture } = context;
    const { pods, blocking } = podsToMove(facts.pods.values(), context);
    if (blocking !== undefined) return { reason: "BlockedByPod", blocking };
    picture.fork();
    picture.removeNode(facts.name);
    const accepts = (name: string): boolean => name !== facts.name && open.has(name);
    if (placeAll(picture, pods, accepts, this.#hints, true).length < pods.length) {
      picture.revert();
      return { reason: "NoPlaceToMovePods", blocking: undefined };
    }
    picture.commit();
    return { pods };
  }

  #unneededLimit({ maxScaleDownParallelism: parallel, unneededTime }: AutoscalerOptions): number {
    const loops = Math.floor(Math.max(unneededTime, this.#minInterval) / this.#minInterval);
    return Math.min(parallel * loops + parallel, this.unneeded.size + 2 * parallel);
  }
}

/** Whether the autoscaler itself marked a node for deletion less than five minutes ago. */
export const isBeingDeleted = ({ markedAt }: NodeFacts, now: number): boolean =>
  markedAt !== undefined && now - markedAt < BEING_DELETED_MS;

const totalSize = (picture: ClusterPicture, now: number): NodeSize => {
  let cores = 0;
  let memory = 0;
  for (const facts of picture.nodes.values()) {
    if (isBeingDeleted(facts, now)) continue;
    const size = nodeSize(facts.node);
    cores += size.cores;
    memory += size.memory;
  }
  return { cores, memory };
};
