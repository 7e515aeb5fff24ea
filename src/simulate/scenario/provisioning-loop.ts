// Longer than most files: planning, launching and what Azure refuses share the machines that are on their way.
import type { Node } from "../../kubernetes/node.ts";
import type { ExistingNodeInput } from "../autoscaling/karpenter-existing-node.ts";
import type { Amounts } from "../autoscaling/karpenter-instance-types.ts";
import { chooseLaunch, type LaunchChoice } from "../autoscaling/karpenter-launch.ts";
import { podAsks } from "../autoscaling/karpenter-pod.ts";
import type { Requirements } from "../autoscaling/karpenter-requirements.ts";
import { staticNodes } from "../autoscaling/node-provisioning.ts";
import { type LaunchedNode, launchedNode } from "../autoscaling/node-provisioning-nodes.ts";
import { amountsOf, planBatch, usedBy } from "../autoscaling/node-provisioning-plan.ts";
import type { ProvisioningPool, ProvisioningSetup } from "../autoscaling/node-provisioning-setup.ts";
import { zoneOfInstance } from "../nodes/nodes-of-pool.ts";
import type { PredictedPool } from "../predict-pools.ts";
import type { ScenarioWorld } from "./world.ts";
import type { WorldPools } from "./world-pools.ts";
import { emptyPool, type WorldNode, type WorldPool } from "./world-state.ts";

const HOUR_MS = 3_600_000;
/** A batch ends when no pod has come for a second, and after ten at the latest; pods that still wait are looked at again after ten. */
const IDLE_MS = 1_000;
const LONGEST_BATCH_MS = 10_000;
const AGAIN_MS = 10_000;
/** The provider leaves a size alone for an hour where Azure had none (karpenter-provider-azure v1.14.2 `pkg/cache`). */
const UNAVAILABLE_MS = HOUR_MS;

/** A machine of node auto-provisioning: on its way until `joined` is known. */
export interface Machine extends LaunchedNode {
  readonly from: ProvisioningPool;
  readonly choice: LaunchChoice;
  readonly pool: WorldPool;
  /** What DaemonSets will take of it. */
  readonly overhead: Amounts;
  joined: WorldNode | undefined;
  isLeaving: boolean;
}

/**
 * Node auto-provisioning over simulated time: pods that wait are batched, and machines are asked for that become nodes after their time.
 * Source: kubernetes-sigs/karpenter v1.14.0 `pkg/controllers/provisioning` (provisioner, batcher).
 */
export class ProvisioningLoop {
  /** By node name. */
  readonly machines = new Map<string, Machine>();
  /** Why no NodePool helps, by pod; the last that was said. */
  readonly refused = new Map<string, readonly string[]>();
  /** Sizes that stand in for the cheapest, since no price decides. */
  readonly assumedSizes = new Set<string>();
  /** Called when a machine has become a node. */
  joined: () => void = () => {};
  readonly #world: ScenarioWorld;
  readonly #pools: WorldPools;
  readonly #setup: ProvisioningSetup;
  readonly #worldPools = new Map<string, WorldPool>();
  readonly #predicted = new Map<string, PredictedPool>();
  readonly #unavailable = new Map<string, number>();
  #made = 0;
  #batch: { readonly begun: number; cancel: () => void } | undefined;
  #seen = "";
  /** What Azure has refused in the plan that runs. */
  readonly #told = new Set<string>();

  constructor(world: ScenarioWorld, pools: WorldPools, setup: ProvisioningSetup) {
    this.#world = world;
    this.#pools = pools;
    this.#setup = setup;
    world.waiting = () => this.#podWaits();
  }

  /** Before the beginning: what waits has its nodes already, and they have run for an hour. */
  begin(): void {
    for (const { from, choice, requirements } of staticNodes(this.#setup))
      this.#launch(from, choice, requirements, new Map());
    for (let round = 0; round < 8; round += 1) {
      this.#plan();
      if (this.#nodesOnTheirWay().length === 0) return;
      for (const machine of this.#nodesOnTheirWay()) this.#join(machine, this.#world.now - HOUR_MS);
      this.#world.scheduling.placeAll();
    }
  }

  /** Machines that are no more do not count against limits and budgets. */
  forgetGone(): void {
    for (const [name, { joined, pool }] of this.machines) {
      const isThere = joined === undefined ? pool.instances.includes(name) : this.#world.nodes.has(name);
      if (!isThere) this.machines.delete(name);
    }
  }

  #nodesOnTheirWay(): readonly Machine[] {
    return [...this.machines.values()].filter(({ joined }) => joined === undefined);
  }

  #podWaits(): void {
    const { now, isWarm } = this.#world;
    if (isWarm) return;
    const begun = this.#batch?.begun ?? now;
    this.#batch?.cancel();
    this.#end(begun, Math.min(begun + LONGEST_BATCH_MS, now + IDLE_MS));
  }

  #end(begun: number, at: number): void {
    const cancel = this.#world.after(
      Math.max(0, at - this.#world.now),
      "node auto-provisioning",
      () => this.#run(),
      40,
    );
    this.#batch = { begun, cancel };
  }

  /** Plans where something has changed since the last time. */
  #run(): void {
    const { book, cluster, nodes, isStopped } = this.#world;
    this.#batch = undefined;
    this.forgetGone();
    if (book.pending.size === 0) return;
    const names = [...book.pending].map(({ key }) => key).join();
    const state = [names, cluster.placed.size, nodes.size, [...this.machines.keys()].join(), this.#blocked()].join("|");
    if (state !== this.#seen && !isStopped) {
      this.#seen = state;
      this.#plan();
    }
    this.#end(this.#world.now, this.#world.now + AGAIN_MS);
  }

  #plan(): void {
    const { book, cluster } = this.#world;
    const pods = [...book.pending]
      .map(({ object }) => object)
      .filter(({ spec }) => (spec.schedulingGates ?? []).length === 0);
    if (pods.length === 0) return;
    const existing = this.#nodesOnTheirWay().map(onItsWay);
    const setup = this.#available();
    const result = planBatch(setup, cluster, pods, usedBy([...this.machines.values()]), { existing });
    this.refused.clear();
    for (const [pod, reasons] of result.refused)
      this.refused.set(
        pod,
        [...reasons].map(([pool, { text }]) => (pool === "" ? text : `NodePool "${pool}": ${text}`)),
      );
    const launched = new Map<string, number>();
    for (const claim of result.claims) {
      const from = this.#setup.pools.find(({ pool }) => pool.name === claim.template.pool.name);
      const choice = chooseLaunch(claim.types, claim.requirements, claim.totalRequests, setup.market);
      if (from === undefined || choice === undefined) continue;
      if (!this.#launch(from, choice, claim.requirements, lessPods(claim.totalRequests, claim.pods.map(podAsks))))
        continue;
      const text = `NodePool ${from.pool.name}, ${choice.type.name}`;
      launched.set(text, (launched.get(text) ?? 0) + 1);
    }
    for (const told of this.#told) {
      const [pool = "", text = ""] = told.split("\n");
      this.#world.tell("provisioning", pool, text);
    }
    this.#told.clear();
    if (this.#world.isWarm) return;
    for (const [what, count] of launched) {
      const [pool = "", size = ""] = what.split(", ");
      this.#world.tell("scale-up", pool, `${count} node${count === 1 ? "" : "s"} of ${size} asked for`);
    }
  }

  /** False where Azure refuses; the size is then left alone for a while. */
  #launch(from: ProvisioningPool, choice: LaunchChoice, requirements: Requirements, overhead: Amounts): boolean {
    const launched = launchedNode(this.#setup, from, choice, requirements, this.#made);
    const { name } = launched.node.metadata;
    const pool = this.#poolOf(from, launched);
    const refusal = this.#pools.adopt(pool, name);
    if (refusal !== undefined) {
      if (!refusal.startsWith("SubnetIsFull"))
        this.#unavailable.set(choice.type.name, this.#world.now + UNAVAILABLE_MS);
      this.#told.add(`NodePool ${from.pool.name}\na node of ${choice.type.name} refused: ${refusal}`);
      return false;
    }
    this.#made += 1;
    if (choice.basis === "assumed" && choice.ranked.length > 1) this.assumedSizes.add(choice.type.name);
    const machine: Machine = { ...launched, from, choice, pool, overhead, joined: undefined, isLeaving: false };
    this.machines.set(name, machine);
    const createdAt = this.#world.now;
    if (!this.#world.isWarm)
      this.#world.after(this.#pools.provisionTime(pool), "node ready", () => {
        if (this.machines.get(name) === machine && pool.instances.includes(name)) this.#join(machine, createdAt);
      });
    return true;
  }

  #join(machine: Machine, createdAt: number): void {
    const { node, template, pool } = machine;
    const joined: WorldNode = {
      name: node.metadata.name,
      pool,
      template,
      base: node,
      zone: zoneOfInstance(template, 0),
      createdAt,
      pods: new Set(),
      images: new Set(),
      ready: true,
      readySince: this.#world.isWarm ? createdAt : this.#world.now,
      isCordoned: false,
      isDown: false,
      taints: [],
    };
    machine.joined = joined;
    this.#world.addNode(joined);
    this.joined();
  }

  /** Its nodes count as a pool of this name; addresses and quotas are counted by size. */
  #poolOf(from: ProvisioningPool, { template }: LaunchedNode): WorldPool {
    const { address } = from.azurePool;
    const key = [address, template.vmSize, template.spot, template.zones.join()].join("/");
    const predicted = this.#predicted.get(key) ?? predictedPool(from, template);
    this.#predicted.set(key, predicted);
    const pool = this.#worldPools.get(address) ?? emptyPool(predicted);
    pool.pool = predicted;
    this.#worldPools.set(address, pool);
    return pool;
  }

  #blocked(): string {
    for (const [name, until] of this.#unavailable) if (until <= this.#world.now) this.#unavailable.delete(name);
    return [...this.#unavailable.keys(), ...this.#pools.lostZones].join();
  }

  /** The sizes and zones that Azure has at present. */
  #available(): ProvisioningSetup {
    if (this.#blocked() === "") return this.#setup;
    const lost = [...this.#pools.lostZones].map((zone) => zone.split("-").at(-1) ?? zone);
    return {
      ...this.#setup,
      pools: this.#setup.pools.map((pool) => ({
        ...pool,
        types: pool.types.flatMap((type) => {
          if (this.#unavailable.has(type.name)) return [];
          const offerings = type.offerings.filter(({ zone }) => !lost.some((each) => zone.endsWith(`-${each}`)));
          return offerings.length === 0 ? [] : [{ ...type, offerings }];
        }),
      })),
    };
  }
}

const predictedPool = (from: ProvisioningPool, template: LaunchedNode["template"]): PredictedPool => ({
  pool: from.azurePool,
  // Charts and tables of figures have no room for more than this.
  name: `${from.azurePool.address} (first model)`,
  template,
  subnetName: undefined,
  autoscaling: false,
  initial: 0,
  min: 0,
  max: 0,
  surge: 0,
  spot: template.spot,
  system: false,
});

/** A machine that is no node yet: startup taints aside, pods may be planned for what DaemonSets leave of it. */
const onItsWay = ({ node, overhead }: Machine): ExistingNodeInput => ({
  name: node.metadata.name,
  labels: node.metadata.labels ?? {},
  taints: node.spec?.taints ?? [],
  room: less(allocatableOf(node), overhead),
  ports: [],
});

/** What a node gives away to pods. */
export const allocatableOf = ({ status }: Node): Amounts => amountsOf(status?.allocatable ?? status?.capacity);

export const less = (amounts: Amounts, taken: Amounts): Amounts =>
  new Map([...amounts].map(([name, amount]) => [name, amount - (taken.get(name) ?? 0)]));

const lessPods = (total: Amounts, pods: readonly { readonly requests: Amounts }[]): Amounts =>
  pods.reduce((rest, { requests }) => less(rest, requests), total);
