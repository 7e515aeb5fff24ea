// Longer than most files: workloads, pods and nodes change together, and each change is told to the scheduler and the autoscaler here.
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
import { keyOf } from "../scheduler/cluster-run.ts";
import { type EvictionVerdict, WorldBudgets } from "./budgets.ts";
import { PodBook } from "./pod-book.ts";
import { compareForRemoval, nextOutdated, rollOut } from "./rollout.ts";
import { daemonPodFor } from "./world-daemons.ts";
import { WorldScheduling } from "./world-scheduling.ts";
import type { Revision, WorldEvent, WorldNode, WorldPod, WorldTimings, WorldWorkload } from "./world-state.ts";
import {
  replicaSetFor,
  restarted,
  revisionOf,
  settingsOf,
  templateOf,
  withImage,
  worldWorkload,
  worldWorkloads,
} from "./world-workloads.ts";

const HOUR_MS = 3_600_000;

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

/** Who counts the pods of Jobs: made, running, or taken before they have done their work. */
export interface JobListener {
  readonly made: (pod: WorldPod) => void;
  readonly running: (pod: WorldPod) => void;
  readonly taken: (pod: WorldPod) => void;
}

/** Nodes, pods and their controllers over simulated time. Everything goes through its queue. */
export class ScenarioWorld {
  readonly queue = createEventQueue();
  readonly cluster: PredictCluster;
  readonly timings: WorldTimings;
  readonly book = new PodBook();
  readonly scheduling = new WorldScheduling(this);
  readonly nodes = new Map<string, WorldNode>();
  readonly workloads: WorldWorkload[];
  budgets: WorldBudgets;
  daemonSets: readonly DaemonSet[];
  readonly events: WorldEvent[] = [];
  readonly downRegistries = new Set<string>();
  isStopped = false;
  /** Before the beginning: what is placed now has been running for an hour. */
  isWarm = true;
  autoscaler: Autoscaler | undefined;
  listener: WorldListener = { workloadChanged: () => {}, podMoved: () => {}, bound: () => {}, evicted: () => {} };
  jobs: JobListener | undefined;
  /** Called when the scheduler has found no node for a pod. */
  waiting: () => void = () => {};
  readonly #objects: Map<string, KubeObject>;
  #classes: AdmissionClasses;
  readonly #ordinals = new Map<string, readonly Pod[]>();

  constructor(input: WorldInput) {
    this.cluster = input.cluster;
    this.timings = input.timings;
    this.#classes = input.classes;
    this.#objects = new Map(input.objects.map((object) => [addressOf(object), object]));
    this.workloads = [...worldWorkloads(input.objects, input.classes, input.timings)];
    this.daemonSets = input.objects.filter(({ kind }) => kind === "DaemonSet") as DaemonSet[];
    this.budgets = this.#budgetsOf(input.objects);
  }

  get now(): number {
    return this.queue.now;
  }

  get pods(): ReadonlyMap<string, WorldPod> {
    return this.book.pods;
  }

  after(delay: number, label: string, run: () => void, priority = 10): () => void {
    return this.queue.schedule(millis(delay), priority, label, run);
  }

  tell(kind: string, subject: string, text: string): void {
    this.events.push({ at: this.now, kind, subject, text });
  }

  workload(address: string): WorldWorkload | undefined {
    return this.workloads.find((each) => each.address === address);
  }

  /** Fills the nodes that are there with the pods of the manifests, all running for an hour already; what does not fit waits, once `more` has made what nodes it makes. */
  fill(more: () => void = () => {}): void {
    for (const workload of this.workloads) this.reconcile(workload);
    this.scheduling.placeAll();
    more();
    this.isWarm = false;
    for (const workload of this.workloads) {
      workload.lowestReady = { share: Number.POSITIVE_INFINITY, ready: 0, wanted: 0, at: 0 };
      this.#noteLowest(workload);
    }
  }

  // ---- workloads

  scale(workload: WorldWorkload, replicas: number): void {
    workload.wanted = replicas;
    workload.version += 1;
    this.reconcile(workload);
    this.listener.workloadChanged(workload);
  }

  /** Begins a rolling update to a template with another image; without one all pods are restarted. */
  deploy(workload: WorldWorkload, image: string | undefined): void {
    const object = this.#objects.get(workload.address);
    if (object === undefined) return;
    this.update(workload, image === undefined ? restarted(object, this.now) : withImage(object, image));
  }

  /** Takes another object for a workload: another template rolls out, other settings count from now on. */
  update(workload: WorldWorkload, object: KubeObject): void {
    const before = this.#objects.get(workload.address);
    this.#objects.set(workload.address, object);
    this.#ordinals.delete(workload.address);
    Object.assign(workload, settingsOf(object, this.timings), { isDeleted: false });
    const isSame = before !== undefined && JSON.stringify(templateOf(before)) === JSON.stringify(templateOf(object));
    const revision = isSame ? undefined : revisionOf(object, this.#classes);
    if (revision === undefined) return;
    const set = replicaSetFor(object);
    if (set !== undefined) this.cluster.scheduler.setObject(set);
    const last = workload.revisions.at(-1);
    if (workload.kind === "Deployment") workload.revisions.push(revision);
    else if (last === undefined) workload.revisions = [revision];
    else workload.revisions = [{ ...revision, size: last.size, pods: last.pods }];
    this.reconcile(workload);
  }

  /** A workload that was not there before; it begins without pods. */
  create(object: KubeObject): WorldWorkload | undefined {
    const workload = worldWorkload(object, this.#classes, this.timings);
    if (workload === undefined) return undefined;
    this.#objects.set(workload.address, object);
    this.workloads.push(workload);
    workload.isNew = true;
    const set = replicaSetFor(object);
    if (set !== undefined) this.cluster.scheduler.setObject(set);
    this.reconcile(workload);
    this.listener.workloadChanged(workload);
    return workload;
  }

  /** Deletes a workload: its pods end within their grace period. */
  remove(workload: WorldWorkload): void {
    workload.isDeleted = true;
    this.scale(workload, 0);
  }

  /** Pods that are made from now on are admitted with these. */
  setClasses(classes: AdmissionClasses): void {
    this.#classes = classes;
  }

  /** Takes other objects as the ones that budgets and DaemonSets are read from. */
  setObjects(objects: readonly KubeObject[]): void {
    this.budgets = this.#budgetsOf(objects);
    const daemons = objects.filter(({ kind }) => kind === "DaemonSet") as DaemonSet[];
    const before = new Map(this.daemonSets.map((daemon) => [addressOf(daemon), JSON.stringify(daemon)]));
    const kept = new Set(
      daemons.filter((each) => before.get(addressOf(each)) === JSON.stringify(each)).map((each) => addressOf(each)),
    );
    this.daemonSets = daemons;
    for (const node of this.nodes.values()) {
      for (const pod of [...node.pods])
        if (pod.daemon !== undefined && !kept.has(pod.daemon)) this.#removeDaemonPod(pod, node);
      for (const daemon of daemons) if (!kept.has(addressOf(daemon))) this.#addDaemon(daemon, node);
    }
    this.scheduling.roomHasCome();
  }

  #budgetsOf(objects: readonly KubeObject[]): WorldBudgets {
    const budgets = objects.filter(({ kind }) => kind === "PodDisruptionBudget") as PodDisruptionBudget[];
    return new WorldBudgets(budgets, this.workloads);
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
    const outdated = nextOutdated(workload);
    if (outdated !== undefined) this.terminate(outdated);
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
      daemon: undefined,
      createdAt: this.isWarm ? this.now - HOUR_MS : this.now,
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
    this.book.enter(pod);
    this.scheduling.enter(pod);
    if (workload.isJob) this.jobs?.made(pod);
    return true;
  }

  /** Nodes that pods had to leave, for the pods that come in their place. */
  readonly #left: string[] = [];

  #nextTemplate(workload: WorldWorkload, { template }: Revision): Pod | undefined {
    if (workload.kind === "Pod") return this.pods.has(keyOf(template)) ? undefined : template;
    if (workload.kind !== "StatefulSet") {
      const name = generatedName(
        template.metadata.generateName ?? `${workload.name}-`,
        workload.address,
        workload.serial,
      );
      workload.serial += 1;
      return { ...template, metadata: { ...template.metadata, name } };
    }
    return this.#ordinalsOf(workload).find((pod) => !this.pods.has(keyOf(pod)));
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
    const { workload } = pod;
    if (workload === undefined || pod.phase === "terminating") return;
    const wasPending = pod.phase === "pending";
    this.book.release(pod);
    const node = this.nodes.get(pod.node ?? "");
    if (!wasPending && pod.node !== undefined) this.#tellDeletion(pod, pod.node);
    if (wasPending) this.drop(pod);
    else if (node?.isDown !== true) this.after(workload.stopTime, "pod stops", () => this.drop(pod));
    this.hasChanged(workload);
  }

  /** The pod's containers have done their work. */
  complete(pod: WorldPod): void {
    if (pod.phase !== "terminating") this.book.release(pod);
    this.drop(pod);
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
    this.replace(pod);
    this.listener.evicted(pod, wasReady);
    return verdict;
  }

  /** Ends a pod that had to go and has its workload make another. */
  replace(pod: WorldPod): void {
    const { workload, node } = pod;
    if (workload === undefined) return;
    this.terminate(pod);
    // A pod without a controller is not made again.
    if (workload.kind === "Pod") workload.wanted = 0;
    if (workload.isJob) this.jobs?.taken(pod);
    if (node !== undefined) this.#left.push(node);
    this.reconcile(workload);
    this.#left.length = 0;
    this.listener.workloadChanged(workload);
  }

  /** The pod is gone for good. */
  drop(pod: WorldPod): void {
    if (this.pods.get(pod.key) !== pod) return;
    this.book.remove(pod);
    const { namespace = "default", name } = pod.object.metadata;
    if (this.cluster.removePod(pod.key)) {
      this.nodes.get(pod.node ?? "")?.pods.delete(pod);
      this.book.load(pod, -1);
      this.scheduling.roomHasCome();
    }
    this.autoscaler?.removePod(namespace, name);
    const { workload } = pod;
    if (workload !== undefined && (workload.kind === "StatefulSet" || workload.isRecreated)) this.reconcile(workload);
  }

  becomeReady(pod: WorldPod): void {
    const { workload } = pod;
    if (workload === undefined) return;
    this.book.move(pod, "ready");
    pod.readyAt = this.isWarm ? this.now - HOUR_MS : this.now;
    if (workload.ready >= workload.wanted) workload.isNew = false;
    if (workload.isJob) this.jobs?.running(pod);
    if (workload.revisions.length > 1 || workload.kind === "StatefulSet") this.reconcile(workload);
    this.listener.workloadChanged(workload);
  }

  /** The autoscaler learns of a pod that waits, once. */
  tellWaiting(pod: WorldPod): void {
    if (pod.isTold) return;
    pod.isTold = true;
    this.autoscaler?.setPod(pod.object, pod.createdAt, "");
    this.waiting();
  }

  /** Fewer of a workload's pods are ready than before. */
  hasChanged(workload: WorldWorkload): void {
    this.#noteLowest(workload);
    this.listener.workloadChanged(workload);
  }

  #noteLowest(workload: WorldWorkload): void {
    if (this.isWarm || workload.wanted === 0 || workload.isNew || workload.isJob) return;
    const share = workload.ready / workload.wanted;
    if (share < workload.lowestReady.share)
      workload.lowestReady = { share, ready: workload.ready, wanted: workload.wanted, at: this.now };
  }

  // ---- nodes

  /** A node joins, ready, with the pods of the DaemonSets. */
  addNode(node: WorldNode): void {
    this.nodes.set(node.name, node);
    this.book.room(node.template.resources.allocatable, 1);
    this.showNode(node);
    for (const daemon of this.daemonSets) this.#addDaemon(daemon, node);
    this.scheduling.roomHasCome();
  }

  #addDaemon(daemon: DaemonSet, node: WorldNode): void {
    const pod = daemonPodFor(daemon, node, this.#classes, this.now);
    if (pod === undefined) return;
    if (pod === "full") {
      this.tell("daemon", addressOf(daemon), `does not fit on node ${node.name}`);
      return;
    }
    // The node is new: beside the pods of other DaemonSets nothing is on it yet, and each has a class of its own to the scheduler.
    this.cluster.bindTo(pod.object, node.name);
    node.pods.add(pod);
    this.book.load(pod, 1);
    this.autoscaler?.setPod(pod.object, this.now, node.name);
  }

  #removeDaemonPod(pod: WorldPod, node: WorldNode): void {
    const { namespace = "default", name } = pod.object.metadata;
    node.pods.delete(pod);
    this.cluster.removePod(pod.key);
    this.book.load(pod, -1);
    this.autoscaler?.removePod(namespace, name);
  }

  /** Tells scheduler and autoscaler of a node's taints, cordon and readiness. */
  showNode(node: WorldNode): void {
    const taints = [...(node.base.spec?.taints ?? []), ...node.taints];
    if (!node.ready) taints.push({ key: "node.kubernetes.io/unreachable", effect: "NoSchedule" });
    const shown = {
      ...node.base,
      spec: { ...node.base.spec, taints, ...(node.isCordoned ? { unschedulable: true } : {}) },
    };
    this.cluster.addNode(shown, csiNodeOf(node.base, node.template));
    this.autoscaler?.setNode(shown, node);
    if (node.ready && !node.isCordoned && node.taints.length === 0) this.scheduling.roomHasCome();
  }

  /** Tells a new autoscaler all there is. */
  introduce(autoscaler: Autoscaler): void {
    this.autoscaler = autoscaler;
    for (const object of this.cluster.objects) autoscaler.setObject(object);
    for (const node of this.nodes.values()) {
      this.showNode(node);
      for (const pod of node.pods)
        if (pod.phase === "terminating") this.#tellDeletion(pod, node.name);
        else autoscaler.setPod(pod.object, pod.createdAt, node.name);
    }
    for (const pod of this.book.pending) {
      pod.isTold = false;
      this.tellWaiting(pod);
    }
  }

  /** The node is gone, and with it the pods that were on it; their workloads make others. */
  removeNode(name: string): void {
    const node = this.nodes.get(name);
    if (node === undefined) return;
    this.book.room(node.template.resources.allocatable, -1);
    node.isDown = true;
    const left = [...node.pods];
    for (const pod of left) if (pod.workload !== undefined && pod.phase !== "terminating") this.replace(pod);
    for (const pod of left) {
      if (pod.workload !== undefined) this.drop(pod);
      else this.#removeDaemonPod(pod, node);
    }
    this.nodes.delete(name);
    this.cluster.removeNode(name);
    this.autoscaler?.removeNode(name);
  }

  /** Lets the scheduler look again at all that waits. */
  resume(): void {
    this.scheduling.roomHasCome();
  }
}

/** Pods that the controllers of a workload want, over all revisions. */
export const sizeOf = ({ revisions }: WorldWorkload): number => revisions.reduce((sum, { size }) => sum + size, 0);
