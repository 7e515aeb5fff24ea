import type { AksCluster, Platform } from "../../azure/platform.ts";
import type { VcpuQuota } from "../../azure/sku-dump.ts";
import { quotaKeys } from "../capacity-limits.ts";
import { predictSubnets } from "../cloud/subnets.ts";
import { nodesFromTemplate, zoneOfInstance } from "../nodes/nodes-of-pool.ts";
import type { PredictedPool } from "../predict-pools.ts";
import type { SubnetPrediction } from "../prediction.ts";
import { type RandomStream, triangular } from "./random-stream.ts";
import type { ScenarioWorld } from "./world.ts";
import { emptyPool, type WorldNode, type WorldPool } from "./world-state.ts";

const HOUR_MS = 3_600_000;

/** Shares of the usual time to a ready node: an assumption, as no distribution is published. */
const QUICKEST = 0.5;
const SLOWEST = 2;

/** Frontends of internal load balancers, which take addresses too. */
type InternalFrontends = readonly { readonly service: string; readonly subnet: string | undefined }[];

/** Azure as the pools stand in it. */
export interface WorldPlace {
  readonly platform: Platform;
  readonly cluster: AksCluster;
  readonly frontends: InternalFrontends;
  /** vCPUs by the quota's name in lower case. */
  readonly quotas?: ReadonlyMap<string, VcpuQuota> | undefined;
}

/** The scale sets: machines are asked for, take their time, and become nodes. */
export class WorldPools {
  readonly all: WorldPool[];
  readonly lostZones = new Set<string>();
  /** The operations that run: Azure refuses another one meanwhile (OperationNotAllowed). */
  readonly operations = new Set<string>();
  /** Called when machines come or go. */
  changed: () => void = () => {};
  readonly #world: ScenarioWorld;
  #place: WorldPlace;
  readonly #random: RandomStream | undefined;
  readonly #byNode = new Map<string, WorldPool>();
  /** What each machine was made from, and how many there are of each: a pool may have changed since. */
  readonly #madeFrom = new Map<string, PredictedPool>();
  readonly #counts = new Map<PredictedPool, number>();
  readonly #ids = new Map<PredictedPool, number>();
  readonly #subnets = new Map<string, readonly SubnetPrediction[]>();

  constructor(
    world: ScenarioWorld,
    pools: readonly PredictedPool[],
    place: WorldPlace,
    random: RandomStream | undefined,
  ) {
    this.#world = world;
    this.#place = place;
    this.#random = random;
    this.all = [];
    for (const pool of pools) this.add(pool);
  }

  /** A pool without machines. */
  add(pool: PredictedPool): WorldPool {
    const added = emptyPool(pool);
    this.all.push(added);
    if (!this.#counts.has(pool)) this.#counts.set(pool, 0);
    return added;
  }

  /** The pool is no more; its machines must be gone or on their way out. */
  drop(pool: WorldPool): void {
    const at = this.all.indexOf(pool);
    if (at >= 0) this.all.splice(at, 1);
  }

  /** Other subnets, another cluster: what counts from now on. */
  move(place: WorldPlace): void {
    this.#place = place;
    this.#subnets.clear();
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
    const template = pool.pool;
    for (let each = 0; each < count; each += 1) {
      const index = this.#newInstance(pool);
      const createdAt = this.#world.now;
      const name = pool.instances.at(-1) ?? "";
      this.#world.after(this.provisionTime(pool), "node ready", () => {
        if (!pool.instances.includes(name)) return;
        const node = this.#makeNode(pool, index, createdAt, template);
        node.readySince = this.#world.now;
        this.#world.addNode(node);
        joined(node);
      });
    }
    return undefined;
  }

  /** A machine that has its name already, made from what the pool is now and outside any scale set; what the cloud says when it refuses. */
  adopt(pool: WorldPool, name: string): string | undefined {
    const refusal = this.#refusalOf(pool, 1);
    if (refusal !== undefined) return refusal;
    pool.instances.push(name);
    this.#byNode.set(name, pool);
    this.#madeFrom.set(name, pool.pool);
    this.#count(pool.pool, 1);
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
        this.#forget(name);
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
      this.#forget(name);
    }
  }

  /** The machine is made anew from what the pool is now, under its old name. */
  renew(node: WorldNode): WorldNode {
    const { pool, name } = node;
    this.#count(this.#madeFrom.get(name), -1);
    this.#madeFrom.set(name, pool.pool);
    this.#count(pool.pool, 1);
    return this.#makeNode(pool, indexOf(name), this.#world.now);
  }

  /** Labels and taints of the pool go to its nodes as they are, without another machine. */
  relabel(pool: WorldPool): void {
    for (const name of pool.instances) {
      const node = this.#world.nodes.get(name);
      this.#count(this.#madeFrom.get(name), -1);
      this.#madeFrom.set(name, pool.pool);
      this.#count(pool.pool, 1);
      if (node === undefined) continue;
      const fresh = this.#baseOf(pool.pool, indexOf(name));
      node.base = node.base.status === undefined ? fresh : { ...fresh, status: node.base.status };
      this.#world.showNode(node);
    }
  }

  #forget(name: string): void {
    this.#byNode.delete(name);
    this.#count(this.#madeFrom.get(name), -1);
    this.#madeFrom.delete(name);
  }

  #count(pool: PredictedPool | undefined, by: 1 | -1): void {
    if (pool === undefined) return;
    this.#counts.set(pool, (this.#counts.get(pool) ?? 0) + by);
    this.changed();
  }

  provisionTime(pool: WorldPool): number {
    const { nodeReady, windowsNodeReady } = this.#world.timings;
    const usual = pool.pool.template.windows ? windowsNodeReady : nodeReady;
    if (this.#random === undefined) return usual;
    return Math.round(triangular(this.#random, QUICKEST * usual, usual, SLOWEST * usual));
  }

  /** Addresses of each subnet with the machines that are there, on their way or being deleted. */
  subnets(more?: { readonly pool: WorldPool; readonly count: number }): readonly SubnetPrediction[] {
    const counted = this.#counted(more);
    const key = counted.map(([pool, count]) => `${this.#idOf(pool)}:${count}`).join();
    const known = this.#subnets.get(key);
    if (known !== undefined) return known;
    const { platform, cluster, frontends } = this.#place;
    const { value } = predictSubnets({
      platform,
      cluster,
      pools: counted.map(([pool, count]) => ({ pool: pool.pool, now: count, predicted: count, max: count, surge: 0 })),
      internalFrontends: frontends,
    });
    this.#subnets.set(key, value);
    return value;
  }

  /** vCPUs of each quota that a pool counts against. */
  quotas(more?: { readonly pool: WorldPool; readonly count: number }): readonly QuotaUse[] {
    const { quotas } = this.#place;
    if (quotas === undefined) return [];
    const counted = this.#counted(more);
    return [...quotas].flatMap(([key, { family, used, limit }]): readonly QuotaUse[] => {
      let ours = 0;
      let isOurs = false;
      for (const [pool, count] of counted) {
        if (!quotaKeys(pool).includes(key)) continue;
        isOurs = true;
        ours += count * pool.template.size.vcpus;
      }
      return isOurs ? [{ key, family, used: used + ours, limit }] : [];
    });
  }

  #idOf(pool: PredictedPool): number {
    const known = this.#ids.get(pool) ?? this.#ids.size;
    this.#ids.set(pool, known);
    return known;
  }

  #counted(more: { readonly pool: WorldPool; readonly count: number } | undefined): readonly [PredictedPool, number][] {
    const counts = new Map(this.#counts);
    if (more !== undefined) counts.set(more.pool.pool, (counts.get(more.pool.pool) ?? 0) + more.count);
    return [...counts].filter(([pool, count]) => count > 0 || this.all.some((each) => each.pool === pool));
  }

  #refusalOf(pool: WorldPool, count: number): string | undefined {
    if (pool.refusal !== undefined) return pool.refusal;
    const { template } = pool.pool;
    const { zones } = template;
    if (zones.length > 0 && zones.every((zone) => this.lostZones.has(zone))) return "ZonalAllocationFailed";
    const own = quotaKeys(pool.pool);
    const short = this.quotas({ pool, count }).find(({ key, used, limit }) => own.includes(key) && used > limit);
    if (short !== undefined)
      return `QuotaExceeded: ${short.family} has ${short.limit} vCPUs, ${short.used} would be needed`;
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
    const name = this.#baseOf(pool.pool, index).metadata.name;
    pool.instances.push(name);
    this.#byNode.set(name, pool);
    this.#madeFrom.set(name, pool.pool);
    this.#count(pool.pool, 1);
    return index;
  }

  #makeNode(pool: WorldPool, index: number, createdAt: number, from = pool.pool): WorldNode {
    const base = this.#baseOf(from, index);
    return {
      name: base.metadata.name,
      pool,
      template: from.template,
      base,
      zone: zoneOfInstance(from.template, index),
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

  #baseOf({ name, template, subnetName }: PredictedPool, firstIndex: number) {
    const options = { firstIndex, ...(subnetName === undefined ? {} : { subnetName }) };
    const base = nodesFromTemplate(template, 1, options)[0];
    if (base === undefined) throw new Error(`pool ${name} has no node template`);
    return base;
  }
}

/** The number in an instance's name: six digits to the base of 36. */
const indexOf = (name: string): number => Number.parseInt(name.slice(-6), 36) || 0;

interface QuotaUse {
  readonly key: string;
  readonly family: string;
  readonly used: number;
  readonly limit: number;
}
