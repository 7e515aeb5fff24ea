import type { WorldHpa } from "./hpa-loop.ts";
import { shareAt } from "./load-curve.ts";
import type { ScenarioSamples, Shortfall } from "./result.ts";
import { type ScenarioWorld, sizeOf } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";
import type { WorldWorkload } from "./world-state.ts";

/** Takes the points of the time line. */
export class Recorder {
  readonly #world: ScenarioWorld;
  readonly #pools: WorldPools;
  readonly #useOf: (at: number) => { readonly milliCpu: number };
  readonly #samples: ScenarioSamples;

  constructor(world: ScenarioWorld, pools: WorldPools, useOf: (at: number) => { readonly milliCpu: number }) {
    this.#world = world;
    this.#pools = pools;
    this.#useOf = useOf;
    this.#samples = {
      at: [],
      pods: { wanted: [], ready: [], starting: [], pending: [], lost: [], terminating: [] },
      nodes: Object.fromEntries(pools.all.map(({ pool }) => [pool.name, []])),
      addresses: Object.fromEntries(pools.subnets().map(({ name }) => [name, []])),
      usableAddresses: Object.fromEntries(pools.subnets().map(({ name, usable }) => [name, usable])),
      cpu: { usedMilli: [], requestedMilli: [], allocatableMilli: [] },
      memory: { requestedBytes: [], allocatableBytes: [] },
      replicas: Object.fromEntries(world.workloads.map(({ address }) => [address, []])),
    };
  }

  get samples(): ScenarioSamples {
    return this.#samples;
  }

  sample(): void {
    const { at, pods, nodes, addresses, cpu, memory, replicas } = this.#samples;
    const { totals, use, now, workloads } = this.#world;
    at.push(now);
    pods.wanted.push(workloads.reduce((sum, workload) => sum + sizeOf(workload), 0));
    for (const phase of ["ready", "starting", "pending", "lost", "terminating"] as const)
      pods[phase].push(totals[phase]);
    for (const pool of this.#pools.all) nodes[pool.pool.name]?.push(this.#nodesOf(pool.pool.name));
    for (const { name, used } of this.#pools.subnets()) addresses[name]?.push(used);
    cpu.usedMilli.push(Math.round(this.#useOf(now).milliCpu));
    cpu.requestedMilli.push(use.milliCpu);
    cpu.allocatableMilli.push(use.allocatableMilliCpu);
    memory.requestedBytes.push(use.memory);
    memory.allocatableBytes.push(use.allocatableMemory);
    for (const workload of workloads) replicas[workload.address]?.push(workload.ready);
  }

  #nodesOf(name: string): number {
    let count = 0;
    for (const node of this.#world.nodes.values()) if (node.pool.pool.name === name && node.ready) count += 1;
    return count;
  }
}

/** Watches for moments at which a workload's ready pods carry more than its HPA wants them to. */
export class ShortfallWatch {
  readonly #world: ScenarioWorld;
  readonly #start: number;
  readonly #byWorkload: ReadonlyMap<WorldWorkload, WorldHpa>;
  readonly #open = new Map<WorldHpa, { since: number; from: number; worst: number; limited: boolean }>();
  readonly #closed: Shortfall[] = [];

  constructor(world: ScenarioWorld, hpas: readonly WorldHpa[], start: number) {
    this.#world = world;
    this.#start = start;
    this.#byWorkload = new Map(hpas.map((hpa) => [hpa.workload, hpa]));
  }

  lookAtAll(): void {
    for (const hpa of this.#byWorkload.values()) this.#look(hpa);
  }

  look(workload: WorldWorkload): void {
    const hpa = this.#byWorkload.get(workload);
    if (hpa !== undefined) this.#look(hpa);
  }

  /** All shortfalls, those that last to the end with no end. */
  finish(): readonly Shortfall[] {
    const open = [...this.#open].map(([hpa, each]) => shortfall(hpa, each, undefined));
    return [...this.#closed, ...open].sort((a, b) => a.since - b.since || (a.workload < b.workload ? -1 : 1));
  }

  #look(hpa: WorldHpa): void {
    const { ceiling, workload } = hpa;
    if (ceiling === undefined || workload.wanted === 0) return;
    const { now } = this.#world;
    const share = shareAt(hpa.curve, now, this.#start, workload.declared);
    const perPod = (share * workload.declared) / Math.max(1, workload.ready);
    const open = this.#open.get(hpa);
    const isShort = perPod >= ceiling || workload.ready === 0;
    if (open === undefined) {
      if (isShort)
        this.#open.set(hpa, {
          since: now,
          from: workload.ready,
          worst: perPod,
          limited: false,
        });
      return;
    }
    open.worst = Math.max(open.worst, perPod);
    if (workload.wanted >= hpa.state.hpa.max && isShort) open.limited = true;
    if (isShort) return;
    this.#open.delete(hpa);
    this.#closed.push(shortfall(hpa, open, now));
  }
}

const shortfall = (
  hpa: WorldHpa,
  open: { readonly since: number; readonly from: number; readonly worst: number; readonly limited: boolean },
  until: number | undefined,
): Shortfall => ({
  workload: hpa.workload.address,
  since: open.since,
  until,
  from: open.from,
  to: hpa.workload.ready,
  worstPercent: Math.round(open.worst * 100),
  atMaximum: open.limited,
});
