import type { Taint } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { DaemonGroup } from "./karpenter-daemons.ts";
import type { Amounts, InstanceType, Offering } from "./karpenter-instance-types.ts";
import { hostnameLabel, skuLabels } from "./karpenter-labels.ts";
import type { KarpenterNodePool } from "./karpenter-node-pool.ts";
import { fitsIn, type HostPort, podAsks, portsConflict, sum, untolerated } from "./karpenter-pod.ts";
import { allows, requirement, requirementText } from "./karpenter-requirement.ts";
import { conflictOf, incompatibility, joined, type Requirements } from "./karpenter-requirements.ts";
import type { KarpenterTopology } from "./karpenter-topology.ts";

/** A NodePool made ready for the simulation. */
export interface NodeClaimTemplate {
  readonly pool: KarpenterNodePool;
  readonly requirements: Requirements;
  readonly types: readonly InstanceType[];
  readonly groups: readonly DaemonGroup[];
}

/** Why a pod cannot go to nodes of a NodePool. */
export interface Refusal {
  readonly cause: "taint" | "label" | "topology" | "ports" | "volume" | "size" | "minValues" | "limits";
  readonly text: string;
}

/** What a pod would make of a node. */
export interface Addition {
  readonly requirements: Requirements;
  readonly types: readonly InstanceType[];
}

/**
 * A node that is to be made: its requirements tighten and its sizes get fewer with each pod that is put on it. Source:
 * kubernetes-sigs/karpenter v1.14.0 `pkg/controllers/provisioning/scheduling/nodeclaim.go`.
 */
export class NodeClaim {
  readonly template: NodeClaimTemplate;
  readonly hostname: string;
  readonly pods: Pod[] = [];
  requirements: Requirements;
  types: readonly InstanceType[];
  requests: Amounts = new Map();
  readonly #ports: HostPort[] = [];

  constructor(template: NodeClaimTemplate, types: readonly InstanceType[], ordinal: number) {
    this.template = template;
    this.types = types;
    this.hostname = `hostname-placeholder-${String(ordinal).padStart(4, "0")}`;
    this.requirements = joined(template.requirements, [requirement(hostnameLabel, "In", [this.hostname])]);
  }

  get taints(): readonly Taint[] {
    return this.template.pool.taints;
  }

  /** What the node would be with the pod, or why it cannot take it. `volumes`: alternatives of what its volumes ask. */
  canAdd(pod: Pod, topology: KarpenterTopology, volumes: readonly Requirements[]): Addition | Refusal {
    const taint = untolerated(this.taints, pod.spec);
    if (taint !== undefined) return { cause: "taint", text: `taint ${taintText(taint)} is not tolerated` };
    const { requirements } = podAsks(pod);
    const conflict = incompatibility(this.requirements, requirements, { wellKnown: true });
    if (conflict !== undefined) return { cause: "label", text: conflict };
    const base = joined(this.requirements, requirements.values());
    let refusal: Refusal | undefined;
    for (const alternative of volumes.length === 0 ? [undefined] : volumes) {
      const tried = this.#withVolumes(pod, topology, base, alternative);
      if ("types" in tried) return tried;
      refusal = tried;
    }
    return refusal ?? { cause: "label", text: "no alternative of its volumes" };
  }

  add(pod: Pod, { requirements, types }: Addition, topology: KarpenterTopology): void {
    const asks = podAsks(pod);
    this.pods.push(pod);
    this.requirements = requirements;
    this.types = types;
    this.requests = sum(this.requests, asks.requests);
    this.#ports.push(...asks.ports);
    topology.register(this.hostname);
    topology.record(pod, this.taints, requirements);
  }

  /** With what the DaemonSets take at least, over the sizes that are left. */
  get totalRequests(): Amounts {
    const groups = this.template.groups.filter(({ types }) => this.types.some((type) => types.has(type)));
    const [first, ...rest] = groups.map(({ overhead }) => overhead);
    if (first === undefined) return this.requests;
    const least = new Map(
      [...first].map(([name, amount]) => [name, Math.min(amount, ...rest.map((other) => other.get(name) ?? 0))]),
    );
    return sum(this.requests, least);
  }

  #withVolumes(
    pod: Pod,
    topology: KarpenterTopology,
    base: Requirements,
    volumes: Requirements | undefined,
  ): Addition | Refusal {
    let requirements = base;
    if (volumes !== undefined) {
      const conflict = incompatibility(base, volumes, { wellKnown: true });
      if (conflict !== undefined) return { cause: "label", text: `its volume: ${conflict}` };
      requirements = joined(base, volumes.values());
    }
    const asks = podAsks(pod);
    const restricted = topology.restrict(pod, this.taints, asks.strict, requirements);
    if ("refused" in restricted) return { cause: "topology", text: restricted.refused };
    const conflict = incompatibility(requirements, restricted.requirements, { wellKnown: true });
    if (conflict !== undefined) return { cause: "topology", text: conflict };
    return this.#filtered(restricted.requirements, sum(this.requests, asks.requests), asks.ports);
  }

  #filtered(requirements: Requirements, requests: Amounts, ports: readonly HostPort[]): Addition | Refusal {
    if (portsConflict(this.#ports, ports)) return { cause: "ports", text: "its host port is taken" };
    // Sizes that have passed these requirements before need to be asked for room alone.
    const isSame = requirements === this.requirements;
    const found = filterTypes(this.types, this.template.groups, { requirements, requests, ports, isSame });
    if ("types" in found || found.cause !== "size" || !asksForGpu(requests)) return found;
    const family = requirements.get(skuLabels.family);
    return family === undefined || allows(family, "N")
      ? found
      : { cause: "label", text: `no size of ${requirementText(family)} has a GPU` };
  }
}

/** GPUs are in sizes of family N alone. */
const asksForGpu = (requests: Amounts): boolean =>
  (requests.get("nvidia.com/gpu") ?? 0) > 0 || (requests.get("amd.com/gpu") ?? 0) > 0;

/** The sizes that meet requirements, have the room and are offered so; minValues is held strictly. */
export const filterTypes = (
  types: readonly InstanceType[],
  groups: readonly DaemonGroup[],
  asked: {
    readonly requirements: Requirements;
    readonly requests: Amounts;
    readonly ports: readonly HostPort[];
    readonly isSame: boolean;
  },
): Addition | Refusal => {
  const { requirements, requests, ports, isSame } = asked;
  const left: InstanceType[] = [];
  let met = false;
  let fitted = false;
  const eligible = new Set(types);
  for (const group of groups) {
    if (portsConflict(group.ports, ports)) continue;
    const total = group.overhead.size === 0 ? requests : sum(requests, group.overhead);
    for (const type of group.types) {
      if (!eligible.has(type)) continue;
      const fits = fitsIn(total, type.allocatable);
      const meets =
        isSame ||
        (conflictOf(type.requirements, requirements) === undefined && offeringsFor(type, requirements).length > 0);
      met ||= meets;
      fitted ||= fits;
      if (fits && meets) left.push(type);
    }
  }
  if (left.length === 0)
    return {
      cause: "size",
      text: !met
        ? "no size meets the requirements"
        : !fitted
          ? "no size is large enough"
          : "no size that meets the requirements is large enough",
    };
  const short = unmetMinValues(left, requirements);
  return short === undefined ? { requirements, types: left } : { cause: "minValues", text: short };
};

/** The offerings of a size that meet the requirements. */
export const offeringsFor = ({ offerings }: InstanceType, requirements: Requirements): readonly Offering[] =>
  offerings.filter(
    (offering) => incompatibility(requirements, offering.requirements, { wellKnown: true }) === undefined,
  );

/** The label of which the sizes have fewer values than minValues asks. */
export const unmetMinValues = (types: readonly InstanceType[], requirements: Requirements): string | undefined => {
  for (const { key, minValues } of requirements.values()) {
    if (minValues === undefined) continue;
    const values = new Set(types.flatMap((type) => [...(type.requirements.get(key)?.values ?? [])]));
    if (values.size < minValues) return `minValues ${minValues} of ${key}: the sizes that fit have ${values.size}`;
  }
  return undefined;
};

export const taintText = ({ key, value, effect }: Taint): string => `${key}${value ? `=${value}` : ""}:${effect}`;
