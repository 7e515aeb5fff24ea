import type { Pod } from "../../kubernetes/pod.ts";
import { daemonGroups } from "./karpenter-daemons.ts";
import { ExistingNode, type ExistingNodeInput } from "./karpenter-existing-node.ts";
import type { Amounts, InstanceType } from "./karpenter-instance-types.ts";
import { nodeClassLabel, nodePoolLabel, wellKnownLabels } from "./karpenter-labels.ts";
import { cheapestSizes } from "./karpenter-launch.ts";
import {
  filterTypes,
  NodeClaim,
  type NodeClaimTemplate,
  type Refusal,
  unmetMinValues,
} from "./karpenter-node-claim.ts";
import { byWeight, type KarpenterNodePool } from "./karpenter-node-pool.ts";
import { fitsIn, podAsks, relaxed } from "./karpenter-pod.ts";
import { requirement } from "./karpenter-requirement.ts";
import { joined, labelRequirements, type Requirements, requirementsOf } from "./karpenter-requirements.ts";
import { KarpenterTopology, keyOf, type TopologyInput } from "./karpenter-topology.ts";

export interface SchedulingInput extends TopologyInput {
  /** Pods that wait, in any order. */
  readonly pods: readonly Pod[];
  /** Nodes that pods are tried on first, in order. */
  readonly existing: readonly ExistingNodeInput[];
  /** A pod of each DaemonSet. */
  readonly daemons: readonly Pod[];
  /** Alternatives of what a pod's volumes ask of the node; none where they ask nothing. */
  readonly volumesOf: (pod: Pod) => readonly Requirements[];
  /** Capacity of the nodes that each NodePool has already, by its name. */
  readonly used: ReadonlyMap<string, Amounts>;
  /** Only whether all pods fit on nodes that are there is asked: no node is made, and the first pod that does not fit ends it. */
  readonly isOnlyExisting?: boolean;
}

export interface SchedulingResult {
  readonly claims: readonly NodeClaim[];
  /** Pods by the node that is there or on its way. */
  readonly onExisting: ReadonlyMap<string, readonly Pod[]>;
  /** Why no NodePool helps, by pod (`namespace/name`) and NodePool. */
  readonly refused: ReadonlyMap<string, ReadonlyMap<string, Refusal>>;
}

/** Sizes that a request to launch names at most (kubernetes-sigs/karpenter v1.14.0 `nodeclaimtemplate.go`; 60 until v1.8). */
export const mostSizes = 600;

/**
 * One batch: the largest pods first, each on a node that is there, else on one of those to be made (the emptiest first), else on a new one
 * of the first NodePool by weight that takes it. Source: kubernetes-sigs/karpenter v1.14.0
 * `pkg/controllers/provisioning/scheduling/scheduler.go`.
 */
export const scheduleBatch = (input: SchedulingInput): SchedulingResult => new Batch(input).solve();

/** The NodePool with the sizes that meet its own requirements; without any it takes no part. */
export const nodeClaimTemplate = (
  pool: KarpenterNodePool,
  types: readonly InstanceType[],
  daemons: readonly Pod[],
): NodeClaimTemplate | Refusal => {
  const requirements = joined(
    requirementsOf(pool.requirements),
    labelRequirements({
      ...pool.labels,
      [nodePoolLabel]: pool.name,
      [nodeClassLabel]: pool.nodeClass?.name ?? "",
    }).values(),
  );
  const ready = joined(requirements, [
    requirement("karpenter.sh/registered", "In", ["true"]),
    requirement("karpenter.sh/initialized", "In", ["true"]),
  ]);
  const all = [{ types: new Set(types), overhead: new Map<string, number>(), ports: [] }];
  const meeting = filterTypes(types, all, { requirements: ready, requests: new Map(), ports: [], isSame: false });
  if (!("types" in meeting)) return meeting;
  const groups = daemonGroups({ taints: pool.taints, requirements: ready }, meeting.types, daemons);
  return { pool, requirements: ready, types: meeting.types, groups };
};

/** Templates are the same for all batches of a scenario. */
const templateBefore: typeof nodeClaimTemplate = (pool, types, daemons) => {
  const known = templates.get(types)?.get(pool);
  if (known?.daemons === daemons) return known.template;
  const template = nodeClaimTemplate(pool, types, daemons);
  const ofTypes = templates.get(types) ?? new WeakMap();
  templates.set(types, ofTypes);
  ofTypes.set(pool, { daemons, template });
  return template;
};

const templates = new WeakMap<
  readonly InstanceType[],
  WeakMap<
    KarpenterNodePool,
    { readonly daemons: readonly Pod[]; readonly template: ReturnType<typeof nodeClaimTemplate> }
  >
>();

/** Where no size meets the requirements of a NodePool: the labels that alone leave none, or all of them where only together they do. */
export const excludingLabels = (pool: KarpenterNodePool, types: readonly InstanceType[]): readonly string[] => {
  const own = joined(requirementsOf(pool.requirements), labelRequirements(pool.labels).values());
  const brought = [...own.values()].filter(({ key }) => wellKnownLabels.has(key));
  const alone = brought.filter((each) => {
    const only = { requirements: requirementsOf([each]), requests: new Map(), ports: [], isSame: false };
    const groups = [{ types: new Set(types), overhead: new Map<string, number>(), ports: [] }];
    return !("types" in filterTypes(types, groups, only));
  });
  return (alone.length > 0 ? alone : brought).map(({ key }) => key).sort();
};

class Batch {
  readonly #input: SchedulingInput;
  readonly #templates: readonly NodeClaimTemplate[];
  readonly #unusable = new Map<string, Refusal>();
  readonly #topology: KarpenterTopology;
  readonly #existing: readonly ExistingNode[];
  readonly #remaining = new Map<string, Amounts>();
  readonly #softTaints: boolean;
  #claims: NodeClaim[] = [];
  #made = 0;

  constructor(input: SchedulingInput) {
    this.#input = input;
    const dynamic = input.isOnlyExisting ? [] : input.pools.filter(({ pool }) => pool.replicas === undefined);
    const ordered = [...dynamic].sort((a, b) => byWeight(a.pool, b.pool));
    this.#softTaints = input.pools.some(({ pool }) => pool.taints.some(({ effect }) => effect === "PreferNoSchedule"));
    this.#templates = ordered.flatMap(({ pool, types }) => {
      const template = templateBefore(pool, types, input.daemons);
      if ("cause" in template) {
        this.#unusable.set(pool.name, template);
        return [];
      }
      this.#remaining.set(pool.name, minus(pool.limits, input.used.get(pool.name)));
      return [template];
    });
    this.#topology = new KarpenterTopology(input);
    this.#existing = input.existing.map((node) => new ExistingNode(node));
    for (const { name, labels } of input.existing) this.#topology.register(labels["kubernetes.io/hostname"] ?? name);
    for (const pod of input.pods) this.#topology.update(pod);
  }

  solve(): SchedulingResult {
    const queue = [...this.#input.pods].sort(byRequests);
    const refused = new Map<string, ReadonlyMap<string, Refusal>>();
    const lengthAtPush = new Map<Pod, number>();
    for (let pod = queue.shift(); pod !== undefined; pod = queue.shift()) {
      // All that wait have been looked at since this one was put back, and none was placed.
      if (lengthAtPush.get(pod) === queue.length + 1) break;
      const reasons = this.#trySchedule(pod);
      if (reasons === undefined) {
        refused.delete(keyOf(pod));
        continue;
      }
      refused.set(keyOf(pod), reasons);
      if (this.#input.isOnlyExisting) break;
      this.#topology.update(pod);
      queue.push(pod);
      lengthAtPush.set(pod, queue.length);
    }
    return {
      claims: this.#claims.filter((claim) => this.#isLaunchable(claim, refused)),
      onExisting: new Map(
        this.#existing.flatMap(({ name, pods }) => (pods.length === 0 ? [] : [[name, pods] as const])),
      ),
      refused,
    };
  }

  /** Gives up one preference after the other until the pod goes somewhere; the reasons where it goes nowhere. */
  #trySchedule(pod: Pod): ReadonlyMap<string, Refusal> | undefined {
    for (let tried: Pod = pod; ; ) {
      const reasons = this.#add(tried);
      if (reasons === undefined) return undefined;
      const next = relaxed(tried, this.#softTaints);
      if (next === undefined) return reasons;
      tried = next;
      this.#topology.update(tried);
    }
  }

  #add(pod: Pod): ReadonlyMap<string, Refusal> | undefined {
    const volumes = this.#input.volumesOf(pod);
    if (this.#existing.some((node) => node.tryAdd(pod, this.#topology, volumes))) return undefined;
    this.#claims = [...this.#claims].sort((a, b) => a.pods.length - b.pods.length);
    for (const claim of this.#claims) {
      const addition = claim.canAdd(pod, this.#topology, volumes);
      if (!("types" in addition)) continue;
      claim.add(pod, addition, this.#topology);
      return undefined;
    }
    return this.#addToNewClaim(pod, volumes);
  }

  #addToNewClaim(pod: Pod, volumes: readonly Requirements[]): ReadonlyMap<string, Refusal> | undefined {
    const reasons = new Map<string, Refusal>(this.#unusable);
    for (const template of this.#templates) {
      const { name } = template.pool;
      const remaining = this.#remaining.get(name) ?? new Map();
      const types = withinLimits(template.types, remaining);
      const claim = new NodeClaim(template, types, this.#made + 1);
      const addition = claim.canAdd(pod, this.#topology, volumes);
      if (types.length === 0 || !("types" in addition)) {
        reasons.set(name, this.#limitOr(template, types, pod, volumes, addition as Refusal));
        continue;
      }
      this.#made += 1;
      claim.add(pod, addition, this.#topology);
      this.#claims.push(claim);
      this.#remaining.set(name, lessLargest(remaining, claim.types));
      return undefined;
    }
    return reasons;
  }

  /** Whether it is the limits alone that keep the pod away. */
  #limitOr(
    template: NodeClaimTemplate,
    types: readonly InstanceType[],
    pod: Pod,
    volumes: readonly Requirements[],
    refusal: Refusal,
  ): Refusal {
    if (types.length === template.types.length) return refusal;
    const unlimited = new NodeClaim(template, template.types, this.#made + 1).canAdd(pod, this.#topology, volumes);
    if (!("types" in unlimited)) return unlimited;
    const { limits } = template.pool;
    const text = [...limits].map(([name, amount]) => `${name} ${name === "cpu" ? amount / 1000 : amount}`).join(", ");
    return { cause: "limits", text: `its limits (${text}) leave room for no size that fits` };
  }

  /** Of many sizes only the cheapest are asked for; where that breaks minValues, the node is not made. */
  #isLaunchable(claim: NodeClaim, refused: Map<string, ReadonlyMap<string, Refusal>>): boolean {
    if (claim.types.length <= mostSizes) return true;
    const short = unmetMinValues(cheapestSizes(claim.types, claim.requirements, mostSizes), claim.requirements);
    if (short === undefined) return true;
    const refusal: Refusal = { cause: "minValues", text: short };
    for (const pod of claim.pods) refused.set(keyOf(pod), new Map([[claim.template.pool.name, refusal]]));
    return false;
  }
}

/** CPU first, then memory, the largest first; of equals the name decides, as the real one goes by age and then by uid. */
const byRequests = (a: Pod, b: Pod): number => {
  const left = podAsks(a).requests;
  const right = podAsks(b).requests;
  const cpu = (right.get("cpu") ?? 0) - (left.get("cpu") ?? 0);
  const memory = (right.get("memory") ?? 0) - (left.get("memory") ?? 0);
  return cpu || memory;
};

/** Sizes that alone would not go past what is left of the limits. */
const withinLimits = (types: readonly InstanceType[], remaining: Amounts): readonly InstanceType[] => {
  if (remaining.size === 0) return types;
  if ((remaining.get("nodes") ?? 1) <= 0) return [];
  const rest = new Map([...remaining].filter(([name]) => name !== "nodes"));
  return types.filter(({ capacity }) =>
    fitsIn(new Map([...rest.keys()].map((name) => [name, capacity.get(name) ?? 0])), rest),
  );
};

/** The limits count the largest size that the node may come to, until it is known. */
const lessLargest = (remaining: Amounts, types: readonly InstanceType[]): Amounts =>
  new Map(
    [...remaining].map(([name, amount]) => {
      if (name === "nodes") return [name, amount - 1];
      return [name, amount - Math.max(0, ...types.map(({ capacity }) => capacity.get(name) ?? 0))];
    }),
  );

const minus = (limits: Amounts, used: Amounts | undefined): Amounts =>
  new Map([...limits].map(([name, amount]) => [name, amount - (used?.get(name) ?? 0)]));
