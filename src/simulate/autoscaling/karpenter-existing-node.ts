import type { Taint } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { Amounts } from "./karpenter-instance-types.ts";
import { hostnameLabel } from "./karpenter-labels.ts";
import { fitsIn, type HostPort, podAsks, portsConflict, untolerated } from "./karpenter-pod.ts";
import { requirement } from "./karpenter-requirement.ts";
import { incompatibility, joined, labelRequirements, type Requirements } from "./karpenter-requirements.ts";
import type { KarpenterTopology } from "./karpenter-topology.ts";

/** A node that is there already, or a machine that is on its way. */
export interface ExistingNodeInput {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** What is left beside the pods that it holds and the DaemonSets' pods that are still to come. */
  readonly room: Amounts;
  readonly ports: readonly HostPort[];
}

/**
 * A node that pods are tried on before any is made. Source: kubernetes-sigs/karpenter v1.14.0
 * `pkg/controllers/provisioning/scheduling/existingnode.go`; limits of attached volumes are the scheduler's matter here.
 */
export class ExistingNode {
  readonly name: string;
  readonly pods: Pod[] = [];
  readonly #taints: readonly Taint[];
  readonly #ports: HostPort[];
  #room: Amounts;
  #requirements: Requirements;

  constructor({ name, labels, taints, room, ports }: ExistingNodeInput) {
    this.name = name;
    this.#taints = taints;
    this.#room = room;
    this.#ports = [...ports];
    this.#requirements = joined(labelRequirements(labels), [
      requirement(hostnameLabel, "In", [labels[hostnameLabel] ?? name]),
    ]);
  }

  /** Puts the pod here if it may go here. */
  tryAdd(pod: Pod, topology: KarpenterTopology, volumes: readonly Requirements[]): boolean {
    const asks = podAsks(pod);
    if (untolerated(this.#taints, pod.spec) !== undefined) return false;
    if (portsConflict(this.#ports, asks.ports) || !fitsIn(asks.requests, this.#room)) return false;
    if (incompatibility(this.#requirements, asks.requirements, { wellKnown: false }) !== undefined) return false;
    const base = joined(this.#requirements, asks.requirements.values());
    for (const alternative of volumes.length === 0 ? [undefined] : volumes) {
      if (alternative !== undefined && incompatibility(base, alternative, { wellKnown: false }) !== undefined) continue;
      const narrowed = alternative === undefined ? base : joined(base, alternative.values());
      const restricted = topology.restrict(pod, this.#taints, asks.strict, narrowed);
      if ("refused" in restricted) continue;
      if (incompatibility(narrowed, restricted.requirements, { wellKnown: false }) !== undefined) continue;
      this.#take(pod, restricted.requirements, topology);
      return true;
    }
    return false;
  }

  #take(pod: Pod, requirements: Requirements, topology: KarpenterTopology): void {
    const { requests, ports } = podAsks(pod);
    this.pods.push(pod);
    this.#room = new Map([...this.#room].map(([name, amount]) => [name, amount - (requests.get(name) ?? 0)]));
    this.#requirements = requirements;
    this.#ports.push(...ports);
    topology.record(pod, this.#taints, requirements);
  }
}
