import type { Node } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import { tolerates } from "../controllers/daemon-nodes.ts";
import type { Scheduler } from "../scheduler/api.ts";
import { createScheduler } from "../scheduler/scheduler.ts";
import { type NodeTemplate, TO_BE_DELETED } from "./node-group.ts";
import { type PodFacts, podFacts } from "./pod-facts.ts";

/** A node of the picture and what is on it. */
export interface NodeFacts {
  readonly node: Node;
  readonly name: string;
  /** Order of arrival. */
  readonly sequence: number;
  readonly createdAt: number;
  readonly ready: boolean;
  readonly readySince: number;
  readonly pods: Map<string, PodFacts>;
  /** Of the node, in thousandths; undefined when it does not say. */
  readonly allocatableCpu: number | undefined;
  readonly allocatableMemory: number | undefined;
  readonly gpus: number;
  /** Requested by all pods on the node, in thousandths. */
  milliCpu: number;
  milliMemory: number;
  /** How many of the pods are neither daemons nor static nor ending. */
  movable: number;
  /** When the autoscaler marked it for deletion, in milliseconds; undefined when it did not. */
  readonly markedAt: number | undefined;
}

/** Source: cluster-autoscaler 1.33.0 `cloudprovider/azure/azure_cloud_provider.go`. */
export const GPU_LABEL = "kubernetes.azure.com/accelerator";
export const GPU_RESOURCE = "nvidia.com/gpu";

/**
 * The cluster as the autoscaler imagines it: nodes, the pods on them, and the scheduler's filters. Changes after `fork` are undone by
 * `revert` or kept by `commit`.
 */
export class ClusterPicture {
  readonly nodes = new Map<string, NodeFacts>();
  readonly scheduler: Scheduler = createScheduler();
  readonly #undo: (() => void)[][] = [];
  #sequence = 0;
  #lastPlaced = -1;

  setNode(node: Node, createdAt: number, ready: boolean, readySince: number): NodeFacts {
    const { name } = node.metadata;
    const before = this.nodes.get(name);
    const facts: NodeFacts = {
      node,
      name,
      sequence: before?.sequence ?? this.#sequence,
      createdAt,
      ready,
      readySince,
      pods: before?.pods ?? new Map(),
      allocatableCpu: milliOf(node, "allocatable", "cpu"),
      allocatableMemory: milliOf(node, "allocatable", "memory"),
      gpus: milliOf(node, "allocatable", GPU_RESOURCE) ?? 0,
      milliCpu: before?.milliCpu ?? 0,
      milliMemory: before?.milliMemory ?? 0,
      movable: before?.movable ?? 0,
      markedAt: markedAt(node),
    };
    this.#sequence += 1;
    this.nodes.set(name, facts);
    if (before?.node !== node) this.scheduler.setNode(node);
    this.#remember(() => (before === undefined ? this.nodes.delete(name) : this.nodes.set(name, before)));
    return facts;
  }

  /** Removes a node with all that is on it; its own facts stay as they were. */
  removeNode(name: string): void {
    const facts = this.nodes.get(name);
    if (facts === undefined) return;
    for (const pod of facts.pods.values()) this.scheduler.removePod(pod.namespace, pod.name);
    this.nodes.delete(name);
    this.scheduler.removeNode(name);
    this.#remember(() => this.nodes.set(name, facts));
  }

  /** Puts a pod on a node without asking the filters. */
  addPod(pod: PodFacts, nodeName: string): void {
    const facts = this.nodes.get(nodeName);
    if (facts === undefined) return;
    facts.movable += movable(pod) - movable(facts.pods.get(pod.key));
    facts.pods.set(pod.key, pod);
    facts.milliCpu += pod.milliCpu;
    facts.milliMemory += pod.milliMemory;
    this.#bind(pod, nodeName);
    this.#remember(() => {
      facts.movable -= movable(facts.pods.get(pod.key));
      facts.pods.delete(pod.key);
      facts.milliCpu -= pod.milliCpu;
      facts.milliMemory -= pod.milliMemory;
    });
  }

  removePod(pod: PodFacts, nodeName: string): void {
    const facts = this.nodes.get(nodeName);
    const before = this.#undo.length === 0 ? [] : [...(facts?.pods ?? [])];
    const present = facts?.pods.get(pod.key);
    if (facts === undefined || !facts.pods.delete(pod.key)) return;
    facts.movable -= movable(present);
    facts.milliCpu -= pod.milliCpu;
    facts.milliMemory -= pod.milliMemory;
    this.scheduler.removePod(pod.namespace, pod.name);
    this.#remember(() => {
      facts.pods.clear();
      facts.movable = 0;
      for (const [key, each] of before) {
        facts.pods.set(key, each);
        facts.movable += movable(each);
      }
      facts.milliCpu += pod.milliCpu;
      facts.milliMemory += pod.milliMemory;
    });
  }

  /** Adds a copy of a template under another name. */
  addCopy(template: NodeTemplate, suffix: string): string {
    const name = `${template.node.metadata.name}-${suffix}`;
    this.setNode(renamedNode(template.node, name), 0, true, 0);
    for (const pod of template.pods) this.addPod(podFacts(renamedPod(pod, `${pod.metadata.name}-${name}`), 0), name);
    return name;
  }

  /** Why the filters reject a pod on a node; undefined when they let it pass. */
  reasons(pod: PodFacts, nodeName: string): readonly string[] | undefined {
    const rejection = this.scheduler.check(pod.pod, nodeName);
    if (rejection === undefined) return undefined;
    const node = this.nodes.get(nodeName)?.node;
    if (rejection.plugin === "TaintToleration" && node !== undefined) return [untoleratedTaint(pod.pod, node)];
    return rejection.reasons;
  }

  /** Places a pod on one node if the filters allow. */
  place(pod: PodFacts, nodeName: string): boolean {
    if (this.scheduler.check(pod.pod, nodeName) !== undefined) return false;
    this.addPod(pod, nodeName);
    return true;
  }

  /** Places a pod on the first of the given nodes that the filters allow. */
  placeFirst(pod: PodFacts, names: ReadonlySet<string>): string | undefined {
    if (names.size <= FEW_NODES) {
      for (const name of names) if (this.place(pod, name)) return name;
      return undefined;
    }
    const found = this.scheduler.prepareFeasible(pod.pod)((name) => names.has(name));
    if (found !== undefined) this.addPod(pod, found);
    return found;
  }

  /** Places a pod on the next node that the filters and `accepts` allow; upstream goes on from where it last succeeded. */
  placeAnywhere(pod: PodFacts, accepts: (name: string) => boolean): string | undefined {
    const find = this.scheduler.prepareFeasible(pod.pod);
    const last = this.#lastPlaced;
    const among = (isAfter: boolean): string | undefined =>
      find((name) => {
        const facts = this.nodes.get(name);
        if (facts === undefined || facts.sequence > last !== isAfter) return false;
        return facts.node.spec?.unschedulable !== true && accepts(name);
      });
    const found = among(true) ?? among(false);
    if (found === undefined) return undefined;
    this.#lastPlaced = this.nodes.get(found)?.sequence ?? last;
    this.addPod(pod, found);
    return found;
  }

  fork(): void {
    this.#undo.push([]);
    this.scheduler.fork();
  }

  revert(): void {
    const steps = this.#undo.pop() ?? [];
    for (let index = steps.length - 1; index >= 0; index -= 1) steps[index]?.();
    this.scheduler.revert();
  }

  commit(): void {
    const steps = this.#undo.pop() ?? [];
    this.#undo.at(-1)?.push(...steps);
    this.scheduler.commit();
  }

  /** Without a copy of the pod where the scheduler does not know it yet. */
  #bind({ pod, namespace, name }: PodFacts, nodeName: string): void {
    const phase = pod.status?.phase;
    const isPlain = phase !== "Succeeded" && phase !== "Failed" && this.scheduler.nodeOf(namespace, name) === undefined;
    if (isPlain) this.scheduler.bind(pod, nodeName);
    else this.scheduler.setPod(boundTo(pod, nodeName));
  }

  #remember(step: () => void): void {
    this.#undo.at(-1)?.push(step);
  }
}

/** Up to here it is quicker to ask node by node. */
const FEW_NODES = 4;

const movable = (pod: PodFacts | undefined): number =>
  pod === undefined || pod.isDaemon || pod.isMirror || pod.pod.metadata.deletionTimestamp !== undefined ? 0 : 1;

const markedAt = (node: Node): number | undefined => {
  const taint = (node.spec?.taints ?? []).find(({ key }) => key === TO_BE_DELETED);
  return taint === undefined ? undefined : Number(taint.value) * 1000;
};

const boundTo = (pod: Pod, nodeName: string): Pod => ({ ...pod, spec: { ...pod.spec, nodeName } });

const renamedNode = (node: Node, name: string): Node => ({
  ...node,
  metadata: { ...node.metadata, name, labels: { ...node.metadata.labels, "kubernetes.io/hostname": name } },
});

const renamedPod = (pod: Pod, name: string): Pod => ({ ...pod, metadata: { ...pod.metadata, name } });

/** The text of cluster-autoscaler 1.33's scheduler, which names the taint; 1.35 no longer does. */
const untoleratedTaint = (pod: Pod, node: Node): string => {
  const taint = (node.spec?.taints ?? []).find(
    (each) =>
      (each.effect === "NoSchedule" || each.effect === "NoExecute") &&
      !(pod.spec.tolerations ?? []).some((toleration) => tolerates(toleration, each)),
  );
  return `node(s) had untolerated taint {${taint?.key ?? ""}: ${taint?.value ?? ""}}`;
};

/** A node's allocatable or capacity of a resource in thousandths; undefined when the node does not have it. */
export const milliOf = (node: Node, list: "allocatable" | "capacity", resource: string): number | undefined => {
  const quantity = node.status?.[list]?.[resource];
  return quantity === undefined ? undefined : quantityMilliValue(quantity);
};
