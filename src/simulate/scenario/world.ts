// Longer than most files: pods, nodes and their bookkeeping change together, and every count must move with each of them.
import { generatedName } from "../../kubernetes/generated-name.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import { addressOf } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { DaemonSet, PodDisruptionBudget } from "../../kubernetes/workloads.ts";
import { millis } from "../../model/quantity.ts";
import type { Autoscaler } from "../autoscaling/autoscaler.ts";
import { expandWorkload } from "../controllers/expand-workload.ts";
import { createEventQueue } from "../event-queue.ts";
import { csiNodeOf } from "../nodes/nodes-of-pool.ts";
import type { PredictCluster } from "../predict-cluster.ts";
import { requestsOf } from "../predict-requests.ts";
import { type AdmissionClasses, admitPod } from "../scheduler/admit-pod.ts";
import { type EvictionVerdict, WorldBudgets } from "./budgets.ts";
import { compareForRemoval, rollOut } from "./rollout.ts";
import type {
  PodPhase,
  Revision,
  WorldEvent,
  WorldNode,
  WorldPod,
  WorldTimings,
  WorldWorkload,
} from "./world-state.ts";
import { replicaSetFor, revisionOf, withImage, worldWorkloads } from "./world-workloads.ts";

const HOUR_MS = 3_600_000;
const FIRST_RETRY_MS = 10_000;
const LAST_RETRY_MS = 300_000;

/** What the world is made of. */
export interface WorldInput {
  readonly cluster: PredictCluster;
  readonly objects: readonly KubeObject[];
  readonly classes: AdmissionClasses;
  readonly timings: WorldTimings;
}

/** What others want to know of, as it happens. */
export interface WorldListener {
  /** A workload's ready pods or its wish have changed. */
  readonly workloadChanged: (workload: WorldWorkload) => void;
  /** A pod has left a node because it had to, and its successor is bound. */
  readonly podMoved: (pod: WorldPod, from: string, to: string) => void;
  readonly bound: (pod: WorldPod) => void;
  readonly evicted: (pod: WorldPod, wasReady: boolean) => void;
}

/** Nodes, pods and their controllers over simulated time. Everything goes through its queue. */
export class ScenarioWorld {
  readonly queue = createEventQueue();
  readonly cluster: PredictCluster;
  readonly timings: WorldTimings;
  readonly nodes = new Map<string, WorldNode>();
  readonly pods = new Map<string, WorldPod>();
  readonly workloads: readonly WorldWorkload[];
  readonly budgets: WorldBudgets;
  readonly daemonSets: readonly DaemonSet[];
  readonly events: WorldEvent[] = [];
  readonly totals = { pending: 0, starting: 0, ready: 0, lost: 0, terminating: 0, preempted: 0 };
  readonly use = { milliCpu: 0, memory: 0, allocatableMilliCpu: 0, allocatableMemory: 0 };
  readonly downRegistries = new Set<string>();
  isStopped = false;
  autoscaler: Autoscaler | undefined;
  listener: WorldListener = { workloadChanged: () => {}, podMoved: () => {}, bound: () => {}, evicted: () => {} };
  readonly #objects: Map<string, KubeObject>;
  readonly #classes: AdmissionClasses;
  readonly #ordinals = new Map<string, readonly Pod[]>();
  readonly #pending = new Set<WorldPod>();
  #fresh: WorldPod[] = [];
  #hasRoom = false;
  #isPlanned = false;
  #isWarm = true;
  #preemptions = 0;

  constructor(input: WorldInput) {
    this.cluster = input.cluster;
    this.timings = input.timings;
    this.#classes = input.classes;
    this.#objects = new Map(input.objects.map((object) => [addressOf(object), object]));
    this.workloads = worldWorkloads(input.objects, input.classes, input.timings);
    this.daemonSets = input.objects.filter(({ kind }) => kind === "DaemonSet") as DaemonSet[];
    const budgets = input.objects.filter(({ kind }) => kind === "PodDisruptionBudget") as PodDisruptionBudget[];
    this.budgets = new WorldBudgets(budgets, this.workloads);
  }

  get now(): number {
    return this.queue.now;
  }

  after(delay: number, label: string, run: () => void, priority = 10): () => void {
    return this.queue.schedule(millis(delay), priority, label, run);
  }

  tell(kind: string, subject: string, text: string): void {
    this.events.push({ at: this.now, kind, subject, text });
  }

  /** Fills the nodes that are there with the pods of the manifests, all running for an hour already; what does not fit waits. */
  fill(): void {
    for (const workload of this.workloads) this.reconcile(workload);
    this.#placeAll();
    this.#isWarm = false;
    for (const workload of this.workloads)
      workload.lowestReady = { share: Number.POSITIVE_INFINITY, ready: 0, wanted: 0, at: 0 };
    for (const workload of this.workloads) this.#noteLowest(workload);
  }

  // ---- workloads

  scale(workload: WorldWorkload, replicas: number): void {
    workload.wanted = replicas;
    workload.version += 1;
    this.reconcile(workload);
    this.listener.workloadChanged(workload);
  }

  /** Begins a rolling update to a template with another image; the same image restarts the pods. */
  deploy(workload: WorldWorkload, image: string | undefined): boolean {
    const object = this.#objects.get(workload.address);
    if (object === undefined || object.kind !== "Deployment") return false;
    const changed = image === undefined ? restarted(object, this.now) : withImage(object, image);
    const revision = revisionOf(changed, this.#classes);
    const set = replicaSetFor(changed);
    if (revision === undefined) return false;
    if (set !== undefined) this.cluster.scheduler.setObject(set);
    this.#objects.set(workload.address, changed);
    workload.revisions.push(revision);
    this.reconcile(workload);
    return true;
  }

  /** Makes as many pods as the controllers want: one step of a rollout where one is on its way. */
  reconcile(workload: WorldWorkload): void {
    rollOut(workload);
    for (const revision of workload.revisions) {
      while (revision.pods.size < revision.size && this.#makePod(workload, revision)) {}
      const surplus = revision.pods.size - revision.size;
      if (surplus > 0)
        for (const pod of [...revision.pods].sort(compareForRemoval(workload)).slice(0, surplus)) this.terminate(pod);
    }
    if (workload.revisions.length > 1)
      workload.revisions = workload.revisions.filter(
        (revision, index, all) => index === all.length - 1 || revision.size + revision.pods.size > 0,
      );
  }

  #makePod(workload: WorldWorkload, revision: Revision): boolean {
    const template = this.#nextTemplate(workload, revision);
    if (template === undefined) return false;
    const { milliCpu, memory } = requestsOf(template);
    const pod: WorldPod = {
      key: `${workload.namespace}/${template.metadata.name}`,
      object: template,
      workload,
      revision,
      createdAt: this.#isWarm ? this.now - HOUR_MS : this.now,
      milliCpu,
      memory,
      movedFrom: this.#left.shift(),
      phase: "pending",
      node: undefined,
      boundAt: 0,
      readyAt: 0,
      epoch: 0,
      isTold: false,
    };
    this.pods.set(pod.key, pod);
    workload.active.add(pod);
    revision.pods.add(pod);
    workload.pending += 1;
    workload.version += 1;
    this.totals.pending += 1;
    this.#pending.add(pod);
    this.#fresh.push(pod);
    this.#plan();
    return true;
  }

  /** Nodes that pods had to leave, for the pods that come in their place. */
  readonly #left: string[] = [];

  #nextTemplate(workload: WorldWorkload, { template }: Revision): Pod | undefined {
    if (workload.kind === "Pod") return this.pods.has(keyOfPod(template)) ? undefined : template;
    if (workload.kind !== "StatefulSet") {
      const name = generatedName(
        template.metadata.generateName ?? `${workload.name}-`,
        workload.address,
        workload.serial,
      );
      workload.serial += 1;
      return { ...template, metadata: { ...template.metadata, name } };
    }
    return this.#ordinalsOf(workload).find((pod) => !this.pods.has(keyOfPod(pod)));
  }

  #ordinalsOf(workload: WorldWorkload): readonly Pod[] {
    const known = this.#ordinals.get(workload.address);
    if (known !== undefined && known.length === workload.wanted) return known;
    const object = this.#objects.get(workload.address);
    const pods =
      object === undefined
        ? []
        : expandWorkload(object, workload.wanted).pods.map((pod) => admitPod(pod, this.#classes));
    this.#ordinals.set(workload.address, pods);
    return pods;
  }

  // ---- the life of a pod

  /** Begins a pod's end; what is wanted in its place is made at once, but for StatefulSets, which wait for the name. */
  terminate(pod: WorldPod): void {
    const { workload, revision } = pod;
    if (workload === undefined || revision === undefined || pod.phase === "terminating") return;
    const wasPending = pod.phase === "pending";
    this.#leave(pod);
    this.#setPhase(pod, "terminating");
    workload.active.delete(pod);
    revision.pods.delete(pod);
    workload.leaving.add(pod);
    workload.version += 1;
    const node = this.nodes.get(pod.node ?? "");
    if (!wasPending && pod.node !== undefined) this.#tellDeletion(pod, pod.node);
    if (wasPending) this.#drop(pod);
    else if (node?.isDown !== true) this.after(workload.stopTime, "pod stops", () => this.#drop(pod));
    this.#noteLowest(workload);
    this.listener.workloadChanged(workload);
  }

  /** A pod that is being deleted needs no room elsewhere: without this the autoscaler would make some for it. */
  #tellDeletion({ object, createdAt }: WorldPod, node: string): void {
    const deletionTimestamp = `${new Date(this.now).toISOString().slice(0, 19)}Z`;
    this.autoscaler?.setPod({ ...object, metadata: { ...object.metadata, deletionTimestamp } }, createdAt, node);
  }

  /** Asks the eviction subresource; a refusal names the budget. */
  evict(pod: WorldPod): EvictionVerdict {
    if (pod.phase === "terminating") return { allowed: true };
    const verdict = this.budgets.ask(pod);
    if (!verdict.allowed) return verdict;
    const wasReady = pod.phase === "ready";
    this.#replace(pod);
    this.listener.evicted(pod, wasReady);
    return verdict;
  }

  /** Ends a pod that had to go and has its workload make another. */
  #replace(pod: WorldPod): void {
    const { workload, node } = pod;
    if (workload === undefined) return;
    this.terminate(pod);
    if (workload.kind === "Pod") this.#lowerWish(workload);
    if (node !== undefined) this.#left.push(node);
    this.reconcile(workload);
    this.#left.length = 0;
  }

  /** A pod without a controller is not made again. */
  #lowerWish(workload: WorldWorkload): void {
    workload.wanted = 0;
  }

  /** The pod is gone for good. */
  #drop(pod: WorldPod): void {
    if (this.pods.get(pod.key) !== pod) return;
    this.pods.delete(pod.key);
    this.totals[pod.phase] -= 1;
    const { namespace = "default", name } = pod.object.metadata;
    if (this.cluster.removePod(pod.key)) this.#freeRoom(pod);
    this.autoscaler?.removePod(namespace, name);
    const { workload } = pod;
    if (workload === undefined) return;
    workload.leaving.delete(pod);
    if (workload.kind === "StatefulSet") this.reconcile(workload);
  }

  #freeRoom(pod: WorldPod): void {
    this.nodes.get(pod.node ?? "")?.pods.delete(pod);
    this.use.milliCpu -= pod.milliCpu;
    this.use.memory -= pod.memory;
    this.#hasRoom = true;
    this.#plan();
  }

  #leave(pod: WorldPod): void {
    if (pod.phase === "pending") this.#pending.delete(pod);
    if (pod.workload === undefined) return;
    if (pod.phase === "pending") pod.workload.pending -= 1;
    if (pod.phase === "ready") pod.workload.ready -= 1;
  }

  #setPhase(pod: WorldPod, phase: PodPhase): void {
    if (pod.workload !== undefined) {
      this.totals[pod.phase] -= 1;
      this.totals[phase] += 1;
    }
    pod.phase = phase;
  }

  #becomeReady(pod: WorldPod): void {
    const { workload } = pod;
    if (workload === undefined) return;
    this.#setPhase(pod, "ready");
    pod.readyAt = this.#isWarm ? this.now - HOUR_MS : this.now;
    workload.ready += 1;
    workload.version += 1;
    if (workload.revisions.length > 1) this.reconcile(workload);
    this.listener.workloadChanged(workload);
  }

  // ---- scheduling

  #plan(): void {
    if (this.#isPlanned || this.#isWarm) return;
    this.#isPlanned = true;
    this.after(0, "schedule", () => this.#placeAll(), 20);
  }

  /** Lets the scheduler look at new pods, and at all that wait where room has come. */
  #placeAll(): void {
    this.#isPlanned = false;
    if (this.isStopped) return;
    const tried = this.#hasRoom ? [...this.#pending] : this.#fresh.filter((pod) => this.#pending.has(pod));
    this.#fresh = [];
    this.#hasRoom = false;
    if (tried.length === 0) return;
    this.cluster.place(tried.map(({ object }) => object));
    this.#takeVictims();
    for (const pod of tried) {
      const placed = this.cluster.placed.get(pod.key);
      if (placed !== undefined) this.#bind(pod, placed.node);
      else this.#tellWaiting(pod);
    }
  }

  /** Pods that had to make way for others of higher priority wait anew, or are on another node already. */
  #takeVictims(): void {
    const { events } = this.cluster;
    for (; this.#preemptions < events.length; this.#preemptions += 1) {
      const pod = this.pods.get(events[this.#preemptions]?.subject.slice("Pod/".length) ?? "");
      if (pod === undefined || pod.workload === undefined || pod.phase === "pending") continue;
      this.totals.preempted += 1;
      this.nodes.get(pod.node ?? "")?.pods.delete(pod);
      this.use.milliCpu -= pod.milliCpu;
      this.use.memory -= pod.memory;
      if (pod.phase === "terminating") continue;
      this.#leave(pod);
      this.#setPhase(pod, "pending");
      pod.epoch += 1;
      pod.node = undefined;
      pod.isTold = false;
      pod.workload.pending += 1;
      pod.workload.version += 1;
      this.#pending.add(pod);
      const placed = this.cluster.placed.get(pod.key);
      if (placed !== undefined) this.#bind(pod, placed.node);
      else this.#tellWaiting(pod);
    }
  }

  #tellWaiting(pod: WorldPod): void {
    if (pod.isTold) return;
    pod.isTold = true;
    this.autoscaler?.setPod(pod.object, pod.createdAt, "");
  }

  #bind(pod: WorldPod, name: string): void {
    const node = this.nodes.get(name);
    const { workload } = pod;
    if (node === undefined || workload === undefined) return;
    this.#leave(pod);
    this.#setPhase(pod, "starting");
    pod.node = name;
    pod.boundAt = this.now;
    pod.epoch += 1;
    node.pods.add(pod);
    workload.version += 1;
    this.use.milliCpu += pod.milliCpu;
    this.use.memory += pod.memory;
    this.autoscaler?.setPod(pod.object, pod.createdAt, name);
    this.listener.bound(pod);
    if (pod.movedFrom !== undefined) this.listener.podMoved(pod, pod.movedFrom, name);
    if (this.#isWarm) {
      for (const image of pod.revision?.images ?? []) node.images.add(image);
      this.#becomeReady(pod);
    } else this.#start(pod, node, FIRST_RETRY_MS);
  }

  /** Pulls what the node does not have; a registry that is down is asked again with a growing delay, as the kubelet does. */
  #start(pod: WorldPod, node: WorldNode, retry: number): void {
    const { epoch, workload } = pod;
    const isCurrent = (): boolean => pod.epoch === epoch && pod.phase === "starting" && !node.isDown;
    const missing = (pod.revision?.images ?? []).filter((image) => !node.images.has(image));
    if (missing.some((image) => this.#isDown(image))) {
      this.after(retry, "pull again", () => {
        if (isCurrent()) this.#start(pod, node, Math.min(2 * retry, LAST_RETRY_MS));
      });
      return;
    }
    const { imagePull, podStart } = this.timings;
    const delay = missing.length * imagePull + podStart + (workload?.readyDelay ?? 0);
    this.after(delay, "pod ready", () => {
      if (!isCurrent()) return;
      for (const image of missing) node.images.add(image);
      this.#becomeReady(pod);
    });
  }

  #isDown(image: string): boolean {
    if (this.downRegistries.has("*")) return true;
    return this.downRegistries.has(registryOf(image));
  }

  // ---- nodes

  /** A node joins, ready, with the pods of the DaemonSets. */
  addNode(node: WorldNode): void {
    this.nodes.set(node.name, node);
    const { allocatable } = node.pool.pool.template.resources;
    this.use.allocatableMilliCpu += allocatable.milliCpu;
    this.use.allocatableMemory += allocatable.memory;
    this.showNode(node);
    for (const daemon of this.daemonSets) this.#addDaemon(daemon, node);
    this.#hasRoom = true;
    this.#plan();
  }

  #addDaemon(daemon: DaemonSet, node: WorldNode): void {
    const made = expandWorkload(daemon, undefined, [node.base]).pods[0];
    if (made === undefined) return;
    const name = `${daemon.metadata.name}-${node.name}`;
    const object = admitPod({ ...made, metadata: { ...made.metadata, name } }, this.#classes);
    const { milliCpu, memory } = requestsOf(object);
    // The node is new: beside the pods of other DaemonSets nothing is on it yet, and each has a class of its own to the scheduler.
    if (!hasRoom(node, milliCpu, memory)) {
      this.tell("daemon", addressOf(daemon), `does not fit on node ${node.name}`);
      return;
    }
    this.cluster.bindTo(object, node.name);
    const pod: WorldPod = {
      key: keyOfPod(object),
      object,
      workload: undefined,
      revision: undefined,
      createdAt: this.now,
      milliCpu,
      memory,
      movedFrom: undefined,
      phase: "ready",
      node: node.name,
      boundAt: this.now,
      readyAt: this.now,
      epoch: 0,
      isTold: false,
    };
    node.pods.add(pod);
    this.use.milliCpu += milliCpu;
    this.use.memory += memory;
    this.autoscaler?.setPod(object, this.now, node.name);
  }

  /** Tells scheduler and autoscaler of a node's taints, cordon and readiness. */
  showNode(node: WorldNode): void {
    const taints = [...(node.base.spec?.taints ?? []), ...node.taints];
    if (!node.ready) taints.push({ key: "node.kubernetes.io/unreachable", effect: "NoSchedule" });
    const shown = {
      ...node.base,
      spec: { ...node.base.spec, taints, ...(node.isCordoned ? { unschedulable: true } : {}) },
    };
    this.cluster.addNode(shown, csiNodeOf(node.base, node.pool.pool.template));
    this.autoscaler?.setNode(shown, node);
    if (node.ready && !node.isCordoned && node.taints.length === 0) {
      this.#hasRoom = true;
      this.#plan();
    }
  }

  /** Tells a new autoscaler all there is. */
  introduce(autoscaler: Autoscaler): void {
    this.autoscaler = autoscaler;
    for (const object of this.cluster.objects) autoscaler.setObject(object);
    for (const node of this.nodes.values()) {
      this.showNode(node);
      for (const pod of node.pods) autoscaler.setPod(pod.object, pod.createdAt, node.name);
    }
    for (const pod of this.#pending) {
      pod.isTold = false;
      this.#tellWaiting(pod);
    }
  }

  /** The node is gone, and with it the pods that were on it; their workloads make others. */
  removeNode(name: string): void {
    const node = this.nodes.get(name);
    if (node === undefined) return;
    const { allocatable } = node.pool.pool.template.resources;
    this.use.allocatableMilliCpu -= allocatable.milliCpu;
    this.use.allocatableMemory -= allocatable.memory;
    node.isDown = true;
    const left = [...node.pods];
    for (const pod of left) if (pod.workload !== undefined && pod.phase !== "terminating") this.#replace(pod);
    for (const pod of left) {
      if (pod.workload !== undefined) this.#drop(pod);
      else {
        this.cluster.removePod(pod.key);
        this.use.milliCpu -= pod.milliCpu;
        this.use.memory -= pod.memory;
        this.autoscaler?.removePod(pod.object.metadata.namespace ?? "default", pod.object.metadata.name);
      }
    }
    this.nodes.delete(name);
    this.cluster.removeNode(name);
    this.autoscaler?.removeNode(name);
  }

  /** The machine no longer answers: nothing on it starts or ends any more; the API server does not know yet. */
  nodeFails(node: WorldNode): void {
    node.isDown = true;
  }

  /** The grace period is over: the node is NotReady, its pods count as not ready. */
  nodeLost(node: WorldNode): void {
    node.ready = false;
    node.readySince = this.now;
    for (const pod of node.pods) {
      if (pod.workload === undefined || (pod.phase !== "ready" && pod.phase !== "starting")) continue;
      this.#leave(pod);
      this.#setPhase(pod, "lost");
      pod.workload.version += 1;
      this.#noteLowest(pod.workload);
      this.listener.workloadChanged(pod.workload);
    }
    this.showNode(node);
  }

  /** Tolerations of the unreachable node have run out: its pods are to be deleted, and others are made. */
  evictLost(node: WorldNode): void {
    for (const pod of [...node.pods]) if (pod.workload !== undefined && pod.phase === "lost") this.#replace(pod);
  }

  /** The machine answers again: what was to end ends, the rest is ready. */
  nodeReturns(node: WorldNode): void {
    node.isDown = false;
    node.ready = true;
    node.readySince = this.now;
    for (const pod of [...node.pods]) {
      const { workload } = pod;
      if (workload === undefined) continue;
      if (pod.phase === "terminating") this.after(workload.stopTime, "pod stops", () => this.#drop(pod));
      else if (pod.phase === "lost") this.#becomeReady(pod);
      else if (pod.phase === "starting") this.#start(pod, node, FIRST_RETRY_MS);
    }
    this.showNode(node);
  }

  /** Lets the scheduler look again at all that waits. */
  resume(): void {
    this.#hasRoom = true;
    this.#plan();
  }

  #noteLowest(workload: WorldWorkload): void {
    if (this.#isWarm || workload.wanted === 0) return;
    const share = workload.ready / workload.wanted;
    if (share < workload.lowestReady.share)
      workload.lowestReady = { share, ready: workload.ready, wanted: workload.wanted, at: this.now };
  }
}

/** Pods that the controllers of a workload want, over all revisions. */
export const sizeOf = ({ revisions }: WorldWorkload): number => revisions.reduce((sum, { size }) => sum + size, 0);

const hasRoom = ({ pods, pool }: WorldNode, milliCpu: number, memory: number): boolean => {
  const { allocatable, pods: mostPods } = pool.pool.template.resources;
  let cpu = milliCpu;
  let bytes = memory;
  for (const pod of pods) {
    cpu += pod.milliCpu;
    bytes += pod.memory;
  }
  return pods.size < mostPods && cpu <= allocatable.milliCpu && bytes <= allocatable.memory;
};

const keyOfPod = ({ metadata }: Pod): string => `${metadata.namespace ?? "default"}/${metadata.name}`;

/** The host of an image's name; without one it is Docker Hub. */
const registryOf = (image: string): string => {
  const first = image.split("/")[0] ?? "";
  return image.includes("/") && /[.:]|^localhost$/.test(first) ? first : "docker.io";
};

/** What `kubectl rollout restart` does to a Deployment. */
const restarted = (object: KubeObject, at: number): KubeObject => {
  const { spec } = object as unknown as { spec: { template: { metadata?: { annotations?: object } } } };
  const { template } = spec;
  const annotations = { ...template.metadata?.annotations, "kubectl.kubernetes.io/restartedAt": String(at) };
  const changed = { ...spec, template: { ...template, metadata: { ...template.metadata, annotations } } };
  return { ...object, spec: changed } as KubeObject;
};
