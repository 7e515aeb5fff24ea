import type { Node } from "../kubernetes/node.ts";
import type { KubeObject } from "../kubernetes/object.ts";
import { uidOf } from "../kubernetes/owner.ts";
import type { Pod } from "../kubernetes/pod.ts";
import type { CSINode, PersistentVolume, PersistentVolumeClaim } from "../kubernetes/storage.ts";
import { millis } from "../model/quantity.ts";
import { claimed, defaultStorageClass } from "./claims.ts";
import { ephemeralClaims } from "./controllers/ephemeral-volume.ts";
import type { PredictedEvent } from "./prediction.ts";
import type { Scheduler } from "./scheduler/api.ts";
import { keyOf } from "./scheduler/cluster-run.ts";
import type { VolumeBinding } from "./scheduler/decision.ts";
import { podKey } from "./scheduler/pod-record.ts";
import { boundClaim, boundVolume, provisionVolume } from "./scheduler/provision-volume.ts";
import { createScheduler } from "./scheduler/scheduler.ts";

/** A pod that no node takes, with the scheduler's words. */
export interface UnplacedPod {
  readonly pod: Pod;
  readonly reason: string;
  readonly message: string;
}

interface PlacedPod {
  readonly pod: Pod;
  readonly node: string;
  /** `namespace/name`. */
  readonly key: string;
}

/** After so many evictions in a row a pod is given up: two pods that chase each other are a cycle, not a placement. */
const maxPreemptions = 6;

/** A cluster that fills: nodes come and go, pods are placed one by one by the scheduler, claims are bound with them. */
export class PredictCluster {
  readonly scheduler: Scheduler = createScheduler();
  readonly events: PredictedEvent[] = [];
  readonly #nodes = new Map<string, Node>();
  readonly #csiNodes = new Map<string, CSINode>();
  readonly #classes: KubeObject[] = [];
  readonly #others: KubeObject[] = [];
  readonly #claims = new Map<string, PersistentVolumeClaim>();
  readonly #volumes = new Map<string, PersistentVolume>();
  /** Placed pods by key, in the order of binding. */
  readonly #placed = new Map<string, PlacedPod>();

  /** `objects` are those that the scheduler looks at beside nodes and pods: services, claims, classes, budgets, namespaces. */
  constructor(objects: readonly KubeObject[]) {
    for (const object of objects) {
      this.scheduler.setObject(object);
      const { name, namespace } = object.metadata;
      if (object.kind === "PersistentVolumeClaim")
        this.#claims.set(podKey(namespace ?? "default", name), object as PersistentVolumeClaim);
      else if (object.kind === "PersistentVolume") this.#volumes.set(name, object as PersistentVolume);
      else if (object.kind === "StorageClass") this.#classes.push(object);
      else this.#others.push(object);
    }
  }

  get nodes(): readonly Node[] {
    return [...this.#nodes.values()];
  }

  node(name: string): Node | undefined {
    return this.#nodes.get(name);
  }

  /** What the filters read beside nodes and pods, as it is now. */
  get objects(): readonly KubeObject[] {
    const storage = [...this.#classes, ...this.#claims.values(), ...this.#volumes.values()];
    return [...this.#others, ...storage, ...this.#csiNodes.values()];
  }

  /** Claims as they are now, those of generic ephemeral volumes among them. */
  get claims(): readonly PersistentVolumeClaim[] {
    return [...this.#claims.values()];
  }

  get placed(): ReadonlyMap<string, PlacedPod> {
    return this.#placed;
  }

  addNode(node: Node, csiNode: CSINode): void {
    this.#nodes.set(node.metadata.name, node);
    this.#csiNodes.set(node.metadata.name, csiNode);
    this.scheduler.setObject(csiNode);
    this.scheduler.setNode(node);
  }

  /** Takes the node away and returns the pods that were on it. */
  removeNode(name: string): readonly Pod[] {
    const pods: Pod[] = [];
    const keys: string[] = [];
    for (const { pod, node, key } of this.#placed.values()) {
      if (node !== name) continue;
      pods.push(pod);
      keys.push(key);
    }
    for (const key of keys) this.#forget(key);
    this.#nodes.delete(name);
    this.#csiNodes.delete(name);
    this.scheduler.removeNode(name);
    return pods;
  }

  /** Puts a pod on a node without asking the scheduler, where the caller knows that it fits. */
  bindTo(pod: Pod, node: string): void {
    this.#bind(pod, node, []);
  }

  /** Takes one pod away; false when it is on no node. */
  removePod(key: string): boolean {
    const isPlaced = this.#placed.has(key);
    this.#forget(key);
    return isPlaced;
  }

  /** Places pods, highest priority first and then as given; pods that had to make way are tried again at the end. */
  place(pods: readonly Pod[]): readonly UnplacedPod[] {
    const queue = byPriority(pods);
    const unplaced: UnplacedPod[] = [];
    const preemptions = new Map<string, number>();
    for (let at = 0; at < queue.length; at++) {
      const waiting = queue[at];
      if (waiting === undefined) break;
      const pod = this.#withEphemeralClaims(waiting);
      const decision = this.scheduler.schedule(pod);
      if (decision.result === "scheduled" && decision.node !== undefined) {
        this.#bind(pod, decision.node, decision.volumes);
        continue;
      }
      const key = keyOf(pod);
      const tries = (preemptions.get(key) ?? 0) + 1;
      if (decision.preemption !== undefined && tries <= maxPreemptions) {
        preemptions.set(key, tries);
        queue.splice(at + 1, 0, pod);
        queue.push(...this.#evict(pod, decision.preemption.victims));
        continue;
      }
      const reason = decision.result === "gated" ? "SchedulingGated" : "Unschedulable";
      unplaced.push({ pod, reason, message: this.scheduler.message(decision) });
    }
    return unplaced;
  }

  /** Places pods in order until the first that does not fit without evicting another; how many fit, and the words about that one. */
  fill(pods: Iterable<Pod>): { readonly placed: number; readonly message: string | undefined } {
    let placed = 0;
    for (const each of pods) {
      const pod = this.#withEphemeralClaims(each);
      const decision = this.scheduler.schedule(pod);
      if (decision.result !== "scheduled" || decision.node === undefined)
        return { placed, message: this.scheduler.message(decision) };
      this.#bind(pod, decision.node, decision.volumes);
      placed++;
    }
    return { placed, message: undefined };
  }

  /** A further claim, such as that of a StatefulSet's next pod, or a volume. */
  addObject(object: KubeObject): void {
    const { name, namespace } = object.metadata;
    if (object.kind === "PersistentVolumeClaim")
      this.#claims.set(podKey(namespace ?? "default", name), object as PersistentVolumeClaim);
    else if (object.kind === "PersistentVolume") this.#volumes.set(name, object as PersistentVolume);
    this.scheduler.setObject(object);
  }

  /** Does something and undoes all that it did to the cluster. */
  whatIf<T>(run: () => T): T {
    const nodes = new Map(this.#nodes);
    const csiNodes = new Map(this.#csiNodes);
    const placed = new Map(this.#placed);
    const claims = new Map(this.#claims);
    const volumes = new Map(this.#volumes);
    const events = this.events.length;
    this.scheduler.fork();
    try {
      return run();
    } finally {
      this.scheduler.revert();
      this.events.length = events;
      restore(this.#nodes, nodes);
      restore(this.#placed, placed);
      restore(this.#csiNodes, csiNodes);
      restore(this.#claims, claims);
      restore(this.#volumes, volumes);
    }
  }

  #evict(by: Pod, victims: readonly string[]): readonly Pod[] {
    return victims.flatMap((victim) => {
      const placed = this.#placed.get(victim);
      if (placed === undefined) return [];
      this.#forget(victim);
      this.events.push({
        at: millis(0),
        subject: `Pod/${victim}`,
        reason: "Preempted",
        message: `Preempted by pod ${keyOf(by)} on node ${placed.node}`,
      });
      return [placed.pod];
    });
  }

  #forget(key: string): void {
    const placed = this.#placed.get(key);
    if (placed === undefined) return;
    this.scheduler.removePod(placed.pod.metadata.namespace ?? "default", placed.pod.metadata.name);
    this.#placed.delete(key);
    for (const claim of ephemeralClaims(placed.pod)) this.#dropClaim(claim);
  }

  /** The claims of generic ephemeral volumes come with the pod, whose uid they carry. */
  #withEphemeralClaims(pod: Pod): Pod {
    const [first, ...others] = ephemeralClaims(pod);
    if (first === undefined) return pod;
    const defaultClass = defaultStorageClass(this.#classes);
    for (const claim of [first, ...others]) {
      if (!this.#claims.has(claimKey(claim))) this.addObject(claimed(claim, defaultClass));
    }
    return { ...pod, metadata: { ...pod.metadata, uid: uidOf(pod) } };
  }

  /** They go with the pod as well, and their volume with them. */
  #dropClaim(claim: PersistentVolumeClaim): void {
    const { namespace = "default", name } = claim.metadata;
    const volume = this.#claims.get(claimKey(claim))?.spec.volumeName;
    this.#claims.delete(claimKey(claim));
    this.scheduler.removeObject("PersistentVolumeClaim", namespace, name);
    if (!volume) return;
    this.#volumes.delete(volume);
    this.scheduler.removeObject("PersistentVolume", undefined, volume);
  }

  #bind(pod: Pod, node: string, volumes: readonly VolumeBinding[]): void {
    for (const binding of volumes) this.#bindVolume(binding, node);
    this.scheduler.bind(pod, node, this.#placed.size);
    const key = keyOf(pod);
    this.#placed.set(key, { pod, node, key });
  }

  #bindVolume({ namespace, claim: name, volume }: VolumeBinding, nodeName: string): void {
    const claim = this.#claims.get(podKey(namespace, name));
    if (claim === undefined) return;
    const csiNode = this.#csiNodes.get(nodeName);
    const node = this.#nodes.get(nodeName);
    const existing = volume === undefined ? undefined : this.#volumes.get(volume);
    const made =
      existing === undefined
        ? provisionVolume(claim, nodeName, {
            nodes: node === undefined ? [] : [node],
            others: csiNode === undefined ? this.#classes : [...this.#classes, csiNode],
          })
        : boundVolume(existing, claim);
    const done = boundClaim(claim, made.metadata.name);
    this.#claims.set(podKey(namespace, name), done);
    this.#volumes.set(made.metadata.name, made);
    this.scheduler.setObject(made);
    this.scheduler.setObject(done);
  }
}

/** Highest first, else as given; what is in order already needs no sorting. */
const byPriority = (pods: readonly Pod[]): Pod[] => {
  let last = Number.POSITIVE_INFINITY;
  const isInOrder = pods.every(({ spec: { priority = 0 } }) => {
    const follows = priority <= last;
    last = priority;
    return follows;
  });
  return isInOrder ? [...pods] : [...pods].sort((a, b) => (b.spec.priority ?? 0) - (a.spec.priority ?? 0));
};

const claimKey = ({ metadata }: PersistentVolumeClaim): string =>
  podKey(metadata.namespace ?? "default", metadata.name);

const restore = <T>(map: Map<string, T>, kept: ReadonlyMap<string, T>): void => {
  map.clear();
  for (const [key, value] of kept) map.set(key, value);
};
