import type { ScenarioSamples } from "./result.ts";
import { type ScenarioWorld, sizeOf } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";

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
    const { at, pods, nodes, addresses, usableAddresses, cpu, memory, replicas } = this.#samples;
    const { book, now, workloads } = this.#world;
    const { totals, use } = book;
    at.push(now);
    pods.wanted.push(workloads.reduce((sum, workload) => sum + sizeOf(workload), 0));
    for (const phase of ["ready", "starting", "pending", "lost", "terminating"] as const)
      pods[phase].push(totals[phase]);
    const points = at.length - 1;
    const counts = new Map(this.#pools.all.map(({ pool }) => [pool.name, 0]));
    for (const { ready, pool } of this.#world.nodes.values())
      if (ready) counts.set(pool.pool.name, (counts.get(pool.pool.name) ?? 0) + 1);
    extend(nodes, counts, points);
    const subnets = this.#pools.subnets();
    extend(addresses, new Map(subnets.map(({ name, used }) => [name, used])), points);
    for (const { name, usable } of subnets) usableAddresses[name] = usable;
    cpu.usedMilli.push(Math.round(this.#useOf(now).milliCpu));
    cpu.requestedMilli.push(use.milliCpu);
    cpu.allocatableMilli.push(use.allocatableMilliCpu);
    memory.requestedBytes.push(use.memory);
    memory.allocatableBytes.push(use.allocatableMemory);
    extend(replicas, new Map(workloads.map(({ address, ready }) => [address, ready])), points);
  }
}

/** One more point in each list: 0 where a thing is no more, and before it was there. */
const extend = (lists: Record<string, number[]>, values: ReadonlyMap<string, number>, points: number): void => {
  for (const name of values.keys()) lists[name] ??= new Array<number>(points).fill(0);
  for (const [name, list] of Object.entries(lists)) list.push(values.get(name) ?? 0);
};
