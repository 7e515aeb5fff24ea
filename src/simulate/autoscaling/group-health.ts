import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import type { NodeFacts } from "./cluster-picture.ts";
import type { NodeGroup } from "./node-group.ts";

const MAX_STARTUP_MS = 15 * 60_000;

interface Readiness {
  readonly ready: string[];
  readonly unready: string[];
  readonly deleted: string[];
  readonly notStarted: string[];
  registered: number;
  readonly unregistered: string[];
  readonly longUnregistered: string[];
}

interface Backoff {
  readonly duration: number;
  readonly until: number;
  readonly lastFailure: number;
}

interface ScaleUpRequest {
  increase: number;
  time: number;
  expectedBy: number;
}

/** Upstream's cluster state registry: what the groups should be, what they are, and which may be scaled up. Source: cluster-autoscaler 1.33.0 `clusterstate/clusterstate.go`. */
export class GroupHealth {
  readonly #options: AutoscalerOptions;
  readonly #groups: readonly NodeGroup[];
  readonly #groupOf: (nodeName: string) => NodeGroup | undefined;
  readonly #requests = new Map<string, ScaleUpRequest>();
  readonly #backoffs = new Map<string, Backoff>();
  #unregisteredSince = new Map<string, number>();
  #readiness = new Map<string, Readiness>();
  #targets = new Map<string, number>();
  #minNodes = new Map<string, number>();
  #totalUnready = 0;
  #totalNodes = 0;

  constructor(
    options: AutoscalerOptions,
    groups: readonly NodeGroup[],
    groupOf: (nodeName: string) => NodeGroup | undefined,
  ) {
    this.#options = options;
    this.#groups = groups;
    this.#groupOf = groupOf;
  }

  /** Takes in the nodes of a loop; returns the groups whose scale-up has just timed out. */
  update(nodes: readonly NodeFacts[], isGone: (name: string) => boolean, now: number): readonly string[] {
    this.#noteUnregistered(nodes, now);
    this.#measure(nodes, isGone, now);
    this.recalculate();
    for (const [id, backoff] of this.#backoffs) {
      if (backoff.lastFailure + this.#options.backoffReset < now) this.#backoffs.delete(id);
    }
    const timedOut: string[] = [];
    for (const [id, request] of this.#requests) {
      if (!this.#hasUpcoming(id)) this.#requests.delete(id);
      else if (request.expectedBy < now) {
        timedOut.push(id);
        this.backOff(id, now);
        this.#requests.delete(id);
      }
    }
    this.recalculate();
    return timedOut;
  }

  /** To be called after sizes were changed. */
  recalculate(): void {
    for (const group of this.#groups) {
      const size = group.targetSize();
      const missing = this.#readiness.get(group.id)?.longUnregistered.length ?? 0;
      this.#targets.set(group.id, size);
      this.#minNodes.set(group.id, size - missing - (this.#requests.get(group.id)?.increase ?? 0));
    }
  }

  isClusterHealthy(): boolean {
    const { okTotalUnreadyCount, maxTotalUnreadyPercentage } = this.#options;
    return !(
      this.#totalUnready > okTotalUnreadyCount &&
      this.#totalUnready > (maxTotalUnreadyPercentage / 100) * this.#totalNodes
    );
  }

  isGroupHealthy(id: string): boolean {
    const target = this.#targets.get(id);
    const min = this.#minNodes.get(id);
    if (target === undefined || min === undefined) return false;
    const readiness = this.#readiness.get(id);
    if (readiness === undefined) return target === 0 || (min === 0 && target > 0);
    const { ready, unready, notStarted } = readiness;
    const missing = Math.max(0, min - ready.length);
    const present = ready.length + unready.length + notStarted.length;
    const { okTotalUnreadyCount, maxTotalUnreadyPercentage } = this.#options;
    return !(missing > okTotalUnreadyCount && missing > (maxTotalUnreadyPercentage / 100) * present);
  }

  /** Why a group may not be scaled up now; undefined when it may. */
  scaleUpProblem(id: string, now: number): "not ready for scale-up" | "in backoff after failed scale-up" | undefined {
    if (!this.isGroupHealthy(id)) return "not ready for scale-up";
    const backoff = this.#backoffs.get(id);
    return backoff !== undefined && backoff.until >= now ? "in backoff after failed scale-up" : undefined;
  }

  backOff(id: string, now: number): void {
    const before = this.#backoffs.get(id);
    const { initialBackoff, maxBackoff } = this.#options;
    const duration =
      before === undefined
        ? initialBackoff
        : before.until < now
          ? Math.min(2 * before.duration, maxBackoff)
          : before.duration;
    this.#backoffs.set(id, { duration, until: now + duration, lastFailure: now });
  }

  registerScaleUp(id: string, increase: number, now: number): void {
    const expectedBy = now + this.#options.maxNodeProvisionTime;
    const request = this.#requests.get(id);
    if (request === undefined) {
      if (increase > 0) this.#requests.set(id, { increase, time: now, expectedBy });
      return;
    }
    request.increase += increase;
    request.time = now;
    request.expectedBy = expectedBy;
  }

  /** How many nodes of each group are on their way, and the names of those that have registered already. */
  upcoming(): { readonly counts: ReadonlyMap<string, number>; readonly registered: ReadonlySet<string> } {
    const counts = new Map<string, number>();
    const registered = new Set<string>();
    for (const { id } of this.#groups) {
      const readiness = this.#readiness.get(id);
      const present =
        (readiness?.ready.length ?? 0) + (readiness?.unready.length ?? 0) + (readiness?.longUnregistered.length ?? 0);
      const coming = (this.#targets.get(id) ?? 0) - present;
      if (coming <= 0) continue;
      counts.set(id, coming);
      for (const name of readiness?.notStarted ?? []) registered.add(name);
    }
    return { counts, registered };
  }

  /** Whether every machine is a ready node and no scale-up is on its way. */
  isSettled(): boolean {
    if (this.#unregisteredSince.size > 0 || this.#requests.size > 0) return false;
    for (const { unready, notStarted, deleted } of this.#readiness.values()) {
      if (unready.length + notStarted.length + deleted.length > 0) return false;
    }
    return true;
  }

  /** Instances that have not become nodes within the time allowed, by group. */
  oldUnregistered(now: number): ReadonlyMap<string, readonly string[]> {
    const result = new Map<string, string[]>();
    for (const [name, since] of this.#unregisteredSince) {
      const group = this.#groupOf(name);
      if (group === undefined || since + this.#options.maxNodeProvisionTime >= now) continue;
      const names = result.get(group.id) ?? [];
      names.push(name);
      result.set(group.id, names);
    }
    return result;
  }

  #hasUpcoming(id: string): boolean {
    const readiness = this.#readiness.get(id);
    const provisioned = readiness === undefined ? 0 : readiness.registered - readiness.notStarted.length;
    return (this.#targets.get(id) ?? 0) > provisioned;
  }

  #noteUnregistered(nodes: readonly NodeFacts[], now: number): void {
    const registered = new Set(nodes.map(({ name }) => name));
    const next = new Map<string, number>();
    for (const group of this.#groups) {
      for (const name of group.instances()) {
        if (!registered.has(name)) next.set(name, this.#unregisteredSince.get(name) ?? now);
      }
    }
    this.#unregisteredSince = next;
  }

  #measure(nodes: readonly NodeFacts[], isGone: (name: string) => boolean, now: number): void {
    const perGroup = new Map<string, Readiness>();
    const of = (id: string): Readiness => {
      const known = perGroup.get(id);
      if (known !== undefined) return known;
      const fresh: Readiness = {
        ready: [],
        unready: [],
        deleted: [],
        notStarted: [],
        registered: 0,
        unregistered: [],
        longUnregistered: [],
      };
      perGroup.set(id, fresh);
      return fresh;
    };
    this.#totalUnready = 0;
    this.#totalNodes = nodes.length;
    for (const { name, ready, createdAt } of nodes) {
      const state = isGone(name)
        ? "deleted"
        : ready
          ? "ready"
          : createdAt + MAX_STARTUP_MS > now
            ? "notStarted"
            : "unready";
      if (state === "unready") this.#totalUnready += 1;
      const group = this.#groupOf(name);
      if (group === undefined) continue;
      const readiness = of(group.id);
      readiness.registered += 1;
      readiness[state].push(name);
    }
    for (const [name, since] of this.#unregisteredSince) {
      const group = this.#groupOf(name);
      if (group === undefined) continue;
      const isLong = since + this.#options.maxNodeProvisionTime < now;
      of(group.id)[isLong ? "longUnregistered" : "unregistered"].push(name);
    }
    this.#readiness = perGroup;
  }
}
