import type { AksCluster, Platform } from "../../azure/platform.ts";
import { predictSubnets } from "../cloud/subnets.ts";
import { nodesFromTemplate, zoneOfInstance } from "../nodes/nodes-of-pool.ts";
import type { PredictedPool } from "../predict-pools.ts";
import type { SubnetPrediction } from "../prediction.ts";
import { type RandomStream, triangular } from "./random-stream.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldNode, WorldPool } from "./world-state.ts";

const HOUR_MS = 3_600_000;

/** Shares of the usual time to a ready node: an assumption, as no distribution is published. */
const QUICKEST = 0.5;
const SLOWEST = 2;

/** Frontends of internal load balancers, which take addresses too. */
type InternalFrontends = readonly { readonly service: string; readonly subnet: string | undefined }[];

/** The scale sets: machines are asked for, take their time, and become nodes. */
export class WorldPools {
  readonly all: readonly WorldPool[];
  readonly lostZones = new Set<string>();
  /** The operation that runs: Azure refuses a second one meanwhile (OperationNotAllowed). */
  operation: string | undefined;
  readonly #world: ScenarioWorld;
  readonly #platform: Platform;
  readonly #cluster: AksCluster;
  readonly #frontends: InternalFrontends;
  readonly #random: RandomStream | undefined;
  readonly #byNode = new Map<string, WorldPool>();
  readonly #subnets = new Map<string, readonly SubnetPrediction[]>();

  constructor(
    world: ScenarioWorld,
    pools: readonly PredictedPool[],
    where: { readonly platform: Platform; readonly cluster: AksCluster; readonly frontends: InternalFrontends },
    random: RandomStream | undefined,
  ) {
    this.#world = world;
    this.#platform = where.platform;
    this.#cluster = where.cluster;
    this.#frontends = where.frontends;
    this.#random = random;
    this.all = pools.map((pool) => ({
      pool,
      instances: [],
      deleting: new Set<string>(),
      nextIndex: 0,
      isHeld: false,
      surged: 0,
      refusal: undefined,
    }));
  }

  /** The nodes that are there at the beginning. */
  begin(): void {
    for (const pool of this.all)
      for (let count = 0; count < pool.pool.initial; count += 1) {
        const node = this.#makeNode(pool, this.#newInstance(pool), this.#world.now - HOUR_MS);
        this.#world.addNode(node);
      }
  }

  poolOf(nodeName: string): WorldPool | undefined {
    return this.#byNode.get(nodeName);
  }

  named(name: string): WorldPool | undefined {
    return this.all.find(({ pool }) => pool.name === name);
  }

  hasInstance(name: string): boolean {
    const pool = this.#byNode.get(name);
    return pool !== undefined && !pool.deleting.has(name);
  }

  /** Asks for machines; each becomes a node after the time that provisioning takes. What the cloud says when it refuses. */
  increase(pool: WorldPool, count: number, joined: (node: WorldNode) => void = () => {}): string | undefined {
    const refusal = this.#refusalOf(pool, count);
    if (refusal !== undefined) {
      this.#world.tell(
        "provisioning",
        `pool ${pool.pool.name}`,
        `${count} node${count === 1 ? "" : "s"} refused: ${refusal}`,
      );
      return refusal;
    }
    for (let each = 0; each < count; each += 1) {
      const index = this.#newInstance(pool);
      const createdAt = this.#world.now;
      const name = pool.instances.at(-1) ?? "";
      this.#world.after(this.provisionTime(pool), "node ready", () => {
        if (!pool.instances.includes(name)) return;
        const node = this.#makeNode(pool, index, createdAt);
        node.readySince = this.#world.now;
        this.#world.addNode(node);
        joined(node);
      });
    }
    return undefined;
  }

  /** Deletes machines: they leave the scale set's size at once, and the cluster when they are gone. */
  remove(names: readonly string[]): void {
    for (const name of names) {
      const pool = this.#byNode.get(name);
      const at = pool?.instances.indexOf(name) ?? -1;
      if (pool === undefined || at < 0) continue;
      pool.instances.splice(at, 1);
      pool.deleting.add(name);
      this.#world.after(this.#world.timings.nodeDelete, "node gone", () => {
        this.#world.removeNode(name);
        pool.deleting.delete(name);
        this.#byNode.delete(name);
      });
    }
  }

  /** Machines that vanish at once, as evicted spot machines and those of a stopped cluster do. */
  lose(names: readonly string[]): void {
    for (const name of names) {
      const pool = this.#byNode.get(name);
      const at = pool?.instances.indexOf(name) ?? -1;
      if (pool === undefined || at < 0) continue;
      pool.instances.splice(at, 1);
      this.#world.removeNode(name);
      this.#byNode.delete(name);
    }
  }

  provisionTime(pool: WorldPool): number {
    const { nodeReady, windowsNodeReady } = this.#world.timings;
    const usual = pool.pool.template.windows ? windowsNodeReady : nodeReady;
    if (this.#random === undefined) return usual;
    return Math.round(triangular(this.#random, QUICKEST * usual, usual, SLOWEST * usual));
  }

  /** Addresses of each subnet with the machines that are there, on their way or being deleted. */
  subnets(more?: { readonly pool: WorldPool; readonly count: number }): readonly SubnetPrediction[] {
    const counts = this.all.map(
      (pool) => pool.instances.length + pool.deleting.size + (more?.pool === pool ? more.count : 0),
    );
    const key = counts.join();
    const known = this.#subnets.get(key);
    if (known !== undefined) return known;
    const { value } = predictSubnets({
      platform: this.#platform,
      cluster: this.#cluster,
      pools: this.all.map(({ pool }, index) => ({
        pool: pool.pool,
        now: counts[index] ?? 0,
        predicted: counts[index] ?? 0,
        max: counts[index] ?? 0,
        surge: 0,
      })),
      internalFrontends: this.#frontends,
    });
    this.#subnets.set(key, value);
    return value;
  }

  #refusalOf(pool: WorldPool, count: number): string | undefined {
    if (pool.refusal !== undefined) return pool.refusal;
    const { zones } = pool.pool.template;
    if (zones.length > 0 && zones.every((zone) => this.lostZones.has(zone))) return "ZonalAllocationFailed";
    const full = this.subnets({ pool, count }).find(({ used, usable }) => used > usable);
    return full === undefined
      ? undefined
      : `SubnetIsFull: ${full.name} has ${full.usable} addresses, ${full.used} would be needed`;
  }

  /** The next number; those that fall into a lost zone are passed over. */
  #newInstance(pool: WorldPool): number {
    const { template } = pool.pool;
    while (this.lostZones.has(zoneOfInstance(template, pool.nextIndex) ?? "")) pool.nextIndex += 1;
    const index = pool.nextIndex;
    pool.nextIndex += 1;
    const name = this.#baseOf(pool, index).metadata.name;
    pool.instances.push(name);
    this.#byNode.set(name, pool);
    return index;
  }

  #makeNode(pool: WorldPool, index: number, createdAt: number): WorldNode {
    const base = this.#baseOf(pool, index);
    return {
      name: base.metadata.name,
      pool,
      base,
      zone: zoneOfInstance(pool.pool.template, index),
      createdAt,
      pods: new Set(),
      images: new Set(),
      ready: true,
      readySince: createdAt,
      isCordoned: false,
      isDown: false,
      taints: [],
    };
  }

  #baseOf({ pool }: WorldPool, firstIndex: number) {
    const { subnetName } = pool;
    const options = { firstIndex, ...(subnetName === undefined ? {} : { subnetName }) };
    const base = nodesFromTemplate(pool.template, 1, options)[0];
    if (base === undefined) throw new Error(`pool ${pool.name} has no node template`);
    return base;
  }
}
