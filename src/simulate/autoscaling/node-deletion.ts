import type { AutoscalerHost } from "./autoscaler-host.ts";
import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import type { ClusterPicture } from "./cluster-picture.ts";
import { DisruptionBudgets } from "./disruption-budgets.ts";
import { podsToMove } from "./drain-rules.ts";
import { TO_BE_DELETED } from "./node-group.ts";
import type { PodFacts } from "./pod-facts.ts";
import type { Unneeded } from "./scale-down-planner.ts";
import { STATUS_OBJECT } from "./scale-up.ts";

/** A node whose removal has begun, and the pods that are evicted for it. */
export interface Removal {
  readonly name: string;
  readonly evicted: readonly PodFacts[];
}

const EVICTION_RETRY_MS = 10_000;
const MAX_EVICTION_MS = 120_000;
const POLL_MS = 5_000;
const EVICTION_HEADROOM_MS = 30_000;

/** Taints, drains and deletes nodes. Source: cluster-autoscaler 1.33.0 `core/scaledown/actuation`. */
export class NodeDeletion {
  readonly #options: AutoscalerOptions;
  readonly #picture: ClusterPicture;
  readonly #host: AutoscalerHost;
  /** Node to its group, while the deletion is on its way. */
  readonly #empty = new Map<string, string>();
  readonly #drained = new Map<string, string>();
  #finished = new Map<string, string>();

  constructor(options: AutoscalerOptions, picture: ClusterPicture, host: AutoscalerHost) {
    this.#options = options;
    this.#picture = picture;
    this.#host = host;
  }

  inProgress(): ReadonlySet<string> {
    return new Set([...this.#empty.keys(), ...this.#drained.keys()]);
  }

  draining(): readonly string[] {
    return [...this.#drained.keys()];
  }

  countOf(groupId: string): number {
    let count = 0;
    for (const id of this.#empty.values()) if (id === groupId) count += 1;
    for (const id of this.#drained.values()) if (id === groupId) count += 1;
    return count;
  }

  /** Deletions that ended since the last call: node to `Ok` or what went wrong. */
  takeFinished(): ReadonlyMap<string, string> {
    const finished = this.#finished;
    this.#finished = new Map();
    return finished;
  }

  /** Begins as many removals as the budgets of parallelism allow; the caller then has `mark` taint the nodes. */
  start(empty: readonly Unneeded[], drain: readonly Unneeded[]): readonly Removal[] {
    const { maxScaleDownParallelism, maxDrainParallelism } = this.#options;
    const room = maxScaleDownParallelism - this.#empty.size - this.#drained.size;
    const emptyNow = byGroup(empty).slice(0, Math.max(0, room));
    const drainRoom = Math.min(room - emptyNow.length, maxDrainParallelism - this.#drained.size);
    const drainNow = byGroup(drain).slice(0, Math.max(0, drainRoom));
    const removals: Removal[] = [];
    for (const { name, group } of [...emptyNow, ...drainNow]) {
      const isDrain = drainNow.some((node) => node.name === name);
      const pods = [...(this.#picture.nodes.get(name)?.pods.values() ?? [])];
      this.#host.record("ScaleDown", name);
      this.#host.record(isDrain ? "ScaleDown" : "ScaleDownEmpty", STATUS_OBJECT);
      (isDrain ? this.#drained : this.#empty).set(name, group.id);
      removals.push({ name, evicted: isDrain ? pods.filter((pod) => !pod.isDaemon && !pod.isMirror) : [] });
      this.#host.schedule(this.#options.deleteDelayAfterTaint, (at) => this.#proceed(name, isDrain, at));
    }
    return removals;
  }

  /** Taints nodes whose removal has begun. */
  mark(removals: readonly Removal[], now: number): void {
    for (const { name } of removals) {
      this.#host.setTaint(name, { key: TO_BE_DELETED, value: String(Math.floor(now / 1000)), effect: "NoSchedule" });
    }
  }

  /** After the delay: looks at the node again, drains it and asks the cloud to delete it. */
  #proceed(name: string, isDrain: boolean, now: number): void {
    const facts = this.#picture.nodes.get(name);
    if (facts === undefined) {
      this.#end(name, "node is gone");
      return;
    }
    const { pods, blocking } = podsToMove(facts.pods.values(), {
      options: this.#options,
      budgets: isDrain ? new DisruptionBudgets(this.#host.budgets()) : undefined,
      replicas: isDrain ? this.#host.replicas : undefined,
      now,
    });
    if (blocking !== undefined) {
      this.#fail(name, `${blocking.reason} ${blocking.pod.name}`);
      return;
    }
    if (!isDrain && pods.length > 0) {
      this.#fail(name, "new pods scheduled");
      return;
    }
    if (!isDrain) {
      this.#delete(name);
      return;
    }
    const all = [...facts.pods.values()].filter((pod) => !pod.isMirror);
    const toEvict = all.filter((pod) => !pod.isDaemon);
    if (this.#options.daemonSetEvictionForOccupiedNodes) {
      for (const pod of all) if (pod.isDaemon) this.#host.evict(pod.namespace, pod.name);
    }
    this.#evict(name, toEvict, toEvict, now + MAX_EVICTION_MS, now);
  }

  #evict(name: string, all: readonly PodFacts[], open: readonly PodFacts[], until: number, now: number): void {
    const refused = open.filter((pod) => !this.#host.evict(pod.namespace, pod.name));
    if (refused.length === 0) {
      this.#awaitEmpty(name, all, now + EVICTION_HEADROOM_MS + this.#options.maxGracefulTermination, now);
      return;
    }
    if (now + EVICTION_RETRY_MS >= until) {
      this.#fail(name, `failed to evict pod ${refused[0]?.key ?? ""}`);
      return;
    }
    this.#host.schedule(EVICTION_RETRY_MS, (at) => this.#evict(name, all, refused, until, at));
  }

  #awaitEmpty(name: string, evicted: readonly PodFacts[], until: number, now: number): void {
    const facts = this.#picture.nodes.get(name);
    if (facts === undefined || evicted.every((pod) => facts.pods.get(pod.key)?.createdAt !== pod.createdAt)) {
      this.#delete(name);
      return;
    }
    if (now >= until) {
      this.#fail(name, "pods remaining after timeout");
      return;
    }
    this.#host.schedule(POLL_MS, (at) => this.#awaitEmpty(name, evicted, until, at));
  }

  #delete(name: string): void {
    const refusal = this.#host.groupOf(name)?.deleteNodes([name]);
    if (refusal !== undefined) {
      this.#fail(name, refusal);
      return;
    }
    this.#end(name, "Ok");
  }

  #fail(name: string, why: string): void {
    this.#host.record("ScaleDownFailed", name);
    this.#host.setTaint(name, undefined);
    this.#end(name, why);
  }

  #end(name: string, result: string): void {
    this.#empty.delete(name);
    this.#drained.delete(name);
    this.#finished.set(name, result);
  }
}

/** Nodes of one group after each other, groups in order of their first node. */
const byGroup = (nodes: readonly Unneeded[]): readonly Unneeded[] => {
  const groups = new Map<string, Unneeded[]>();
  for (const node of nodes) {
    const known = groups.get(node.group.id);
    if (known === undefined) groups.set(node.group.id, [node]);
    else known.push(node);
  }
  return [...groups.values()].flat();
};
