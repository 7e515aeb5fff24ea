import type { Pod } from "../../kubernetes/pod.ts";
import {
  allowedDisruptions,
  type DisruptionReason,
  isNotToBeDisrupted,
  savingsRatio,
} from "../autoscaling/karpenter-disruption.ts";
import type { ExistingNodeInput } from "../autoscaling/karpenter-existing-node.ts";
import type { Amounts } from "../autoscaling/karpenter-instance-types.ts";
import { podAsks, sum } from "../autoscaling/karpenter-pod.ts";
import { planBatch, usedBy } from "../autoscaling/node-provisioning-plan.ts";
import type { ProvisioningSetup } from "../autoscaling/node-provisioning-setup.ts";
import type { ScenarioClock } from "./clock.ts";
import { drain } from "./drain.ts";
import { allocatableOf, less, type Machine, type ProvisioningLoop } from "./provisioning-loop.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";
import type { WorldNode } from "./world-state.ts";

const POLL_MS = 10_000;
/** A decision is looked at again after this time before anything is done. */
const VALIDATION_MS = 15_000;
const MOST_AT_ONCE = 100;

interface Candidate {
  readonly machine: Machine;
  readonly node: WorldNode;
  readonly pods: readonly Pod[];
}

interface Shared {
  readonly world: ScenarioWorld;
  readonly pools: WorldPools;
  readonly setup: ProvisioningSetup;
  readonly loop: ProvisioningLoop;
  readonly clock: ScenarioClock;
}

/**
 * Takes away nodes of node auto-provisioning that are empty, or whose pods all fit on other nodes that are there; that a cheaper node
 * may replace some is not played. Source: kubernetes-sigs/karpenter v1.14.0 `pkg/controllers/disruption` (emptiness, multi- and
 * single-node consolidation, validation).
 */
export class ConsolidationLoop {
  readonly #given: Shared;
  /** When a pod last came to a node or left it, and what was there then. */
  readonly #lastEvent = new Map<string, { readonly at: number; readonly mark: string }>();
  #isPolling = false;
  #seen = "";

  constructor(given: Shared) {
    this.#given = given;
    given.loop.joined = () => this.start();
  }

  /** Looks every ten seconds for as long as there is a node to look at. */
  start(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#given.world.after(POLL_MS, "consolidation", () => this.#poll(), 60);
  }

  /** After a decision that was carried out the next look follows at once. */
  #poll(): void {
    const { world, loop } = this.#given;
    this.#isPolling = false;
    loop.forgetGone();
    if (loop.machines.size === 0) return;
    const decision = world.isStopped ? undefined : this.#decide();
    if (decision === undefined) {
      this.start();
      return;
    }
    this.#isPolling = true;
    const act = (): void => {
      this.#carryOut(decision.nodes, decision.reason);
      this.#poll();
    };
    world.after(VALIDATION_MS, "consolidation", act, 60);
  }

  #decide(): { readonly nodes: readonly Candidate[]; readonly reason: DisruptionReason } | undefined {
    const { world } = this.#given;
    const candidates = this.#candidates();
    if (candidates.length === 0) return undefined;
    const names = candidates.map(({ node, pods }) => `${node.name}:${pods.length}`).join();
    const state = `${names}|${world.cluster.placed.size}|${world.nodes.size}`;
    if (state === this.#seen && !this.#hasSchedules()) return undefined;
    const empty = this.#within(
      "Empty",
      candidates.filter(({ pods }) => pods.length === 0),
    );
    if (empty.length > 0) return { nodes: empty, reason: "Empty" };
    const underutilized = this.#underutilized(candidates);
    if (underutilized.length > 0) return { nodes: underutilized, reason: "Underutilized" };
    this.#seen = state;
    return undefined;
  }

  #hasSchedules(): boolean {
    return this.#given.setup.pools.some(({ pool }) =>
      pool.disruption.budgets.some(({ schedule }) => schedule !== undefined),
    );
  }

  /** Nodes that consolidation may look at: no pod has come or gone for consolidateAfter, and none refuses. */
  #candidates(): readonly Candidate[] {
    const { world, loop } = this.#given;
    return [...loop.machines.values()].flatMap((machine): Candidate[] => {
      const { joined: node, from, isLeaving } = machine;
      if (node === undefined || world.nodes.get(node.name) !== node || isLeaving) return [];
      const rested = world.now - this.#lastEventOf(node);
      const { after } = from.pool.disruption;
      if (after === undefined || from.pool.replicas !== undefined || rested < after) return [];
      if (node.isDown || !node.ready || node.isCordoned) return [];
      const own = [...node.pods].filter(({ workload }) => workload !== undefined);
      if (own.some(({ object }) => isNotToBeDisrupted(object))) return [];
      return [{ machine, node, pods: own.filter(({ phase }) => phase !== "terminating").map(({ object }) => object) }];
    });
  }

  #lastEventOf(node: WorldNode): number {
    let count = 0;
    let latest = node.readySince;
    for (const { workload, phase, boundAt } of node.pods) {
      if (workload === undefined || phase === "terminating") continue;
      count += 1;
      latest = Math.max(latest, boundAt);
    }
    const mark = `${count}/${latest}`;
    const before = this.#lastEvent.get(node.name);
    if (before?.mark === mark) return before.at;
    const at = before === undefined ? latest : this.#given.world.now;
    this.#lastEvent.set(node.name, { at, mark });
    return at;
  }

  /** As many of each NodePool as its budgets allow, those that save most first. */
  #within(reason: DisruptionReason, candidates: readonly Candidate[]): readonly Candidate[] {
    const left = new Map<string, number>();
    return [...candidates].sort(bySavings).filter(({ machine: { from } }) => {
      const rest = left.get(from.pool.name) ?? this.#allowed(from.pool.name, reason);
      left.set(from.pool.name, rest - 1);
      return rest > 0;
    });
  }

  #allowed(name: string, reason: DisruptionReason): number {
    const { loop, setup, clock, world } = this.#given;
    const pool = setup.pools.find((each) => each.pool.name === name)?.pool;
    if (pool === undefined) return 0;
    // A machine whose deletion Azure has taken up counts no more.
    const nodes = [...loop.machines.entries()]
      .filter(
        ([
          node,
          {
            from,
            joined,
            pool: { deleting },
          },
        ]) => joined !== undefined && from.pool.name === name && !deleting.has(node),
      )
      .map(([, machine]) => machine);
    const disrupting = nodes.filter(({ joined, isLeaving }) => isLeaving || joined?.ready !== true).length;
    const next = (schedule: string, after: number): number | undefined => clock.next(schedule, undefined, after);
    return allowedDisruptions(pool, reason, { nodes: nodes.length, disrupting }, next, world.now);
  }

  /** As many at once as their pods fit elsewhere, else a single one. */
  #underutilized(candidates: readonly Candidate[]): readonly Candidate[] {
    const { world } = this.#given;
    const movable = candidates.filter(
      ({ machine: { from }, node, pods }) =>
        pods.length > 0 &&
        from.pool.disruption.policy === "WhenEmptyOrUnderutilized" &&
        [...node.pods].every((pod) => world.budgets.ask(pod).allowed),
    );
    const allowed = this.#within("Underutilized", movable).slice(0, MOST_AT_ONCE);
    let best: readonly Candidate[] = [];
    for (let low = 2, high = allowed.length; low <= high; ) {
      const middle = Math.floor((low + high) / 2);
      const tried = allowed.slice(0, middle);
      if (this.#fitElsewhere(tried)) {
        best = tried;
        low = middle + 1;
      } else high = middle - 1;
    }
    if (best.length > 0) return best;
    const single = allowed.find((candidate) => this.#fitElsewhere([candidate]));
    return single === undefined ? [] : [single];
  }

  #fitElsewhere(candidates: readonly Candidate[]): boolean {
    const { world, setup, loop } = this.#given;
    const gone = new Set(candidates.map(({ node }) => node.name));
    const pods = candidates.flatMap((each) => each.pods);
    const result = planBatch(setup, world.cluster, pods, usedBy([...loop.machines.values()]), {
      existing: this.#otherNodes(gone),
      gone,
      isOnlyExisting: true,
    });
    return result.claims.length === 0 && result.refused.size === 0;
  }

  #otherNodes(gone: ReadonlySet<string>): readonly ExistingNodeInput[] {
    const { world, loop } = this.#given;
    return [...world.nodes.values()]
      .filter(({ name, ready, isDown, isCordoned }) => {
        return ready && !isDown && !isCordoned && !gone.has(name) && loop.machines.get(name)?.isLeaving !== true;
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, base, taints, pods }) => {
        const there = [...pods].map(({ object }) => podAsks(object));
        const taken = there.reduce<Amounts>((total, { requests }) => sum(total, requests), new Map());
        return {
          name,
          labels: base.metadata.labels ?? {},
          taints: [...(base.spec?.taints ?? []), ...taints],
          room: less(allocatableOf(base), taken),
          ports: there.flatMap(({ ports }) => ports),
        };
      });
  }

  /** Does what was decided, if it still holds: all pods leave as budgets allow, then the machine is deleted. */
  #carryOut(command: readonly Candidate[], reason: DisruptionReason): void {
    const names = new Set(command.map(({ node }) => node.name));
    const still = this.#candidates().filter(
      ({ node, pods }) => names.has(node.name) && (pods.length === 0) === (reason === "Empty"),
    );
    const allowed = this.#within(reason, still);
    if (allowed.length === 0) return;
    if (reason === "Underutilized" && (allowed.length < command.length || !this.#fitElsewhere(allowed))) return;
    const { world, pools } = this.#given;
    for (const { machine, node } of allowed) {
      machine.isLeaving = true;
      const why = reason === "Empty" ? "is empty" : "is underutilized: its pods fit on other nodes";
      world.tell("scale-down", `NodePool ${machine.from.pool.name}`, `node ${node.name} ${why}`);
      drain(
        world,
        node,
        Number.POSITIVE_INFINITY,
        () => {},
        () => pools.remove([node.name]),
      );
    }
  }
}

/** By price where it is known; vCPUs stand in for it. */
const bySavings = (a: Candidate, b: Candidate): number => ratio(b) - ratio(a) || (a.node.name < b.node.name ? -1 : 1);

const ratio = ({ machine: { choice }, pods }: Candidate): number =>
  savingsRatio(choice.price ?? choice.type.size.vcpus, pods);
