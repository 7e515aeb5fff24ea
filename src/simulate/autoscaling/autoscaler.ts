import type { Node } from "../../kubernetes/node.ts";
import type { KubeObject } from "../../kubernetes/object.ts";
import type { Pod, Volume } from "../../kubernetes/pod.ts";
import type { AutoscalerHost } from "./autoscaler-host.ts";
import { type AutoscalerOptions, parseGoDuration } from "./autoscaler-profile.ts";
import { ClusterPicture, GPU_LABEL, GPU_RESOURCE, milliOf, type NodeFacts } from "./cluster-picture.ts";
import { DisruptionBudgets } from "./disruption-budgets.ts";
import { isEmptyNode } from "./drain-rules.ts";
import { goSort } from "./go-sort.ts";
import { GroupHealth } from "./group-health.ts";
import { NodeDeletion, type Removal } from "./node-deletion.ts";
import type { NodeGroup, NodeTemplate } from "./node-group.ts";
import { isStartupTaint, NodeTemplates } from "./node-templates.ts";
import { PlacementHints, placeAll } from "./placement-hints.ts";
import { isExpendable, type PodFacts, podFacts } from "./pod-facts.ts";
import { type PlannerContext, ScaleDownPlanner, type Unremovable } from "./scale-down-planner.ts";
import {
  noScaleUp,
  type ScaleUpContext,
  type ScaleUpOutcome,
  type ScaleUpResult,
  STATUS_OBJECT,
  scaleUp,
  scaleUpToMinimum,
} from "./scale-up.ts";

export type ScaleDownResult = "NotTried" | "InCooldown" | "NoCandidates" | "NoNodeDeleted" | "NodeDeleteStarted";

/** What one loop did. */
export interface LoopOutcome {
  readonly error: string | undefined;
  readonly scaleUp: ScaleUpOutcome;
  readonly scaleDown: {
    readonly result: ScaleDownResult;
    /** Empty when this loop did not look, as when it scaled up. */
    readonly unneeded: readonly string[];
    /** As of the last loop that looked. */
    readonly unremovable: ReadonlyMap<string, Unremovable>;
    readonly removing: readonly Removal[];
    readonly finished: ReadonlyMap<string, string>;
  };
}

/** All nodes, and those that may take pods, in order of their names' arrival. */
interface Listing {
  readonly nodes: readonly NodeFacts[];
  readonly readyNodes: readonly NodeFacts[];
}

const NEW_POD_MS = 2_000;
const NEW_GPU_POD_MS = 30_000;
const DELAY_ANNOTATION = "cluster-autoscaler.kubernetes.io/pod-scale-up-delay";

/**
 * The cluster autoscaler. The host tells it of every change of nodes and pods, then has it look at regular times.
 * Source: cluster-autoscaler 1.33.0 `core/static_autoscaler.go`, RunOnce.
 */
export class Autoscaler {
  readonly #options: AutoscalerOptions;
  readonly #host: AutoscalerHost;
  readonly #picture = new ClusterPicture();
  readonly #names = new Set<string>();
  readonly #pending = new Map<string, PodFacts>();
  readonly #bound = new Map<string, { readonly facts: PodFacts; readonly node: string }>();
  readonly #templates: NodeTemplates;
  readonly #health: GroupHealth;
  readonly #planner: ScaleDownPlanner;
  readonly #deletion: NodeDeletion;
  readonly #hints = new PlacementHints();
  #knowsClaims = false;
  /** Until a node changes. */
  #listing: Listing | undefined;
  #lastInputs: readonly unknown[] = [];
  #lastTemplates: ReadonlyMap<string, NodeTemplate> = new Map();
  #previousCandidates: ReadonlySet<string> = new Set();
  /** The last loop's outcome while another look would find the same. */
  #quiet: LoopOutcome | undefined;
  #lastScaleUp = Number.NEGATIVE_INFINITY;
  #lastDelete = Number.NEGATIVE_INFINITY;

  constructor(options: AutoscalerOptions, host: AutoscalerHost) {
    this.#options = options;
    this.#host = host;
    this.#health = new GroupHealth(options, host.groups, host.groupOf);
    this.#templates = new NodeTemplates(options);
    this.#planner = new ScaleDownPlanner(options);
    this.#deletion = new NodeDeletion(options, this.#picture, host);
  }

  setNode(
    node: Node,
    state: { readonly createdAt: number; readonly ready: boolean; readonly readySince: number },
  ): void {
    this.#quiet = undefined;
    this.#listing = undefined;
    const { name } = node.metadata;
    const ready = state.ready && !isStarting(node, this.#options);
    this.#picture.setNode(node, state.createdAt, ready, state.readySince);
    this.#names.add(name);
  }

  removeNode(name: string): void {
    this.#quiet = undefined;
    this.#listing = undefined;
    this.#picture.removeNode(name);
    this.#names.delete(name);
  }

  /** Adds or replaces an object that the filters read: claims, volumes, storage classes, CSINodes, namespaces. */
  setObject(object: KubeObject): void {
    this.#quiet = undefined;
    if (object.kind === "PersistentVolumeClaim") this.#knowsClaims = true;
    this.#picture.scheduler.setObject(object);
  }

  /** A pod on a node, or one that the scheduler could not place. Pods that wait for anything else are not the autoscaler's to know. */
  setPod(pod: Pod, createdAt: number, nodeName = pod.spec.nodeName): void {
    this.#quiet = undefined;
    const facts = podFacts(this.#knowsClaims ? pod : withoutClaims(pod), createdAt);
    this.#removePodOf(facts.key);
    if (nodeName === undefined || nodeName === "") {
      this.#pending.set(facts.key, facts);
      return;
    }
    if (isExpendable(facts, this.#options.expendablePriorityCutoff)) return;
    this.#bound.set(facts.key, { facts, node: nodeName });
    this.#picture.addPod(facts, nodeName);
  }

  removePod(namespace: string, name: string): void {
    this.#quiet = undefined;
    this.#removePodOf(`${namespace}/${name}`);
  }

  #removePodOf(key: string): void {
    this.#pending.delete(key);
    const bound = this.#bound.get(key);
    if (bound === undefined) return;
    this.#bound.delete(key);
    this.#picture.removePod(bound.facts, bound.node);
  }

  /** Pods that wait for room, in order of arrival. */
  pendingPods(): readonly PodFacts[] {
    return [...this.#pending.values()];
  }

  /** The waiting pods that one more node of a group would take, whether or not the group may grow; after a loop. */
  wouldHelp(groupId: string): readonly PodFacts[] {
    const template = this.#lastTemplates.get(groupId);
    if (template === undefined || this.#pending.size === 0) return [];
    this.#picture.fork();
    const name = this.#picture.addCopy(template, "more");
    const verdicts = new Map<string, boolean>();
    const helped = [...this.#pending.values()].filter((pod) => {
      const known = verdicts.get(pod.shape);
      const fits = known ?? this.#picture.reasons(pod, name) === undefined;
      verdicts.set(pod.shape, fits);
      return fits;
    });
    this.#picture.revert();
    return helped;
  }

  /** One look at the cluster. */
  runOnce(now: number): LoopOutcome {
    const { daemonSets, budgets } = this.#host;
    const inputs = [daemonSets(), budgets(), ...this.#host.groups.map((group) => group.targetSize())];
    const isSame = inputs.every((input, index) => input === this.#lastInputs[index]);
    if (this.#quiet !== undefined && isSame && now < this.#planner.stableUntil) return this.#quiet;
    this.#picture.fork();
    const outcome = this.#loop(now);
    this.#picture.revert();
    this.#deletion.mark(outcome.scaleDown.removing, now);
    this.#lastInputs = inputs;
    this.#quiet = this.#isQuiet(outcome) ? outcome : undefined;
    return outcome;
  }

  /** Nothing waits, nothing is on its way, no time runs out but that of unremovable nodes. */
  #isQuiet({ scaleUp: up, scaleDown: down, error }: LoopOutcome): boolean {
    const isResting = down.result === "NoNodeDeleted" || down.result === "NoCandidates";
    return (
      error === undefined &&
      up.result === "NotNeeded" &&
      isResting &&
      down.unneeded.length === 0 &&
      down.finished.size === 0 &&
      this.#pending.size === 0 &&
      this.#deletion.inProgress().size === 0 &&
      this.#health.isSettled() &&
      this.#host.groups.every((group) => group.targetSize() >= group.min)
    );
  }

  #list(): Listing {
    const nodes: NodeFacts[] = [];
    for (const name of this.#names) {
      const facts = this.#picture.nodes.get(name);
      if (facts !== undefined) nodes.push(facts);
    }
    return { nodes, readyNodes: nodes.filter(({ ready, node }) => ready && node.spec?.unschedulable !== true) };
  }

  #loop(now: number): LoopOutcome {
    const { groups, groupOf, daemonSets, hasInstance, record } = this.#host;
    this.#listing ??= this.#list();
    const { nodes, readyNodes } = this.#listing;
    const inProgress = this.#deletion.inProgress();
    const draining = this.#deletion.draining();
    const budgets = new DisruptionBudgets(this.#host.budgets());
    const templates = this.#templates.update(groups, groupOf, readyNodes, daemonSets(), now);
    this.#lastTemplates = templates;
    for (const _ of this.#health.update(nodes, (name) => !hasInstance(name), now))
      record("ScaleUpTimedOut", STATUS_OBJECT);
    this.#removeOldUnregistered(now);
    if (!this.#health.isClusterHealthy()) {
      this.#planner.forgetUnneeded();
      record("ClusterUnhealthy", STATUS_OBJECT);
      return this.#concluded(noScaleUp("NotTried"), "NotTried", [], undefined);
    }
    const present = this.#injectUpcoming(nodes, templates);
    const context: ScaleUpContext = {
      options: this.#options,
      groups,
      groupOf,
      health: this.#health,
      picture: this.#picture,
      templates,
      readyNodes,
      priorities: this.#host.priorities(),
      now,
      record,
    };
    const waiting = this.#podsToHelp(draining, now);
    const tried = this.#tryScaleUp(waiting, context);
    if (tried.outcome?.error !== undefined) {
      return this.#concluded(tried.outcome, "NotTried", [], tried.outcome.error);
    }
    if (tried.outcome?.result === "Successful") {
      this.#lastScaleUp = now;
      return this.#concluded(tried.outcome, "InCooldown", [], undefined);
    }
    const planned: PlannerContext = {
      options: this.#options,
      picture: this.#picture,
      groupOf,
      budgets,
      replicas: this.#host.replicas,
      now,
      inProgress,
      deletionsOf: (id) => this.#deletion.countOf(id),
    };
    const down = this.#options.scaleDownEnabled
      ? this.#scaleDown(present, planned, tried.forbidsScaleDown)
      : { result: "NotTried" as const, removing: [] };
    const minimum = this.#options.enforceMinSize ? scaleUpToMinimum(context) : undefined;
    if (minimum?.result === "Successful") {
      this.#lastScaleUp = now;
      return this.#concluded(minimum, "InCooldown", down.removing, undefined, true);
    }
    const shown = tried.outcome ?? minimum ?? noScaleUp(tried.untried);
    const reported = minimum?.error === undefined ? shown : minimum;
    return this.#concluded(reported, down.result, down.removing, minimum?.error, true);
  }

  #concluded(
    up: ScaleUpOutcome,
    result: ScaleDownResult,
    removing: readonly Removal[],
    error: string | undefined,
    looked = false,
  ): LoopOutcome {
    const { unremovable } = this.#planner;
    const unneeded = looked ? [...this.#planner.unneeded.keys()] : [];
    const finished = this.#deletion.takeFinished();
    return {
      error,
      scaleUp: up,
      scaleDown: { result, unneeded, unremovable, removing, finished },
    };
  }

  /** Gives up instances that never became nodes, as far as the minimum allows. */
  #removeOldUnregistered(now: number): void {
    for (const [id, names] of this.#health.oldUnregistered(now)) {
      const group = this.#host.groups.find((each) => each.id === id);
      if (group === undefined) continue;
      const possible = group.targetSize() - group.min;
      if (possible <= 0) continue;
      const going = names.slice(0, possible);
      const refusal = group.deleteNodes(going);
      for (const _ of going) {
        this.#host.record(refusal === undefined ? "DeleteUnregistered" : "DeleteUnregisteredFailed", STATUS_OBJECT);
      }
    }
  }

  /** Nodes on their way count as present and ready; those that registered already are replaced by such copies. */
  #injectUpcoming(nodes: readonly NodeFacts[], templates: ReadonlyMap<string, NodeTemplate>): readonly NodeFacts[] {
    const { counts, registered } = this.#health.upcoming();
    for (const [id, count] of counts) {
      const template = templates.get(id);
      if (template === undefined) continue;
      for (let index = 0; index < count; index += 1) this.#picture.addCopy(template, `upcoming-${index}`);
    }
    for (const name of registered) this.#picture.removeNode(name);
    return registered.size === 0 ? nodes : nodes.filter(({ name }) => !registered.has(name));
  }

  /** Pending pods that would not fit on what is there or on its way, old enough to be believed. Source: `core/podlistprocessor`. */
  #podsToHelp(draining: readonly string[], now: number): readonly PodFacts[] {
    const { expendablePriorityCutoff, newPodScaleUpDelay } = this.#options;
    const pods: PodFacts[] = [];
    for (const pod of this.#pending.values()) {
      if (isExpendable(pod, expendablePriorityCutoff)) continue;
      const nominated = pod.pod.status?.nominatedNodeName ?? "";
      if (nominated !== "" && this.#names.has(nominated)) this.#picture.addPod(pod, nominated);
      else pods.push(pod);
    }
    for (const name of draining) {
      for (const pod of this.#picture.nodes.get(name)?.pods.values() ?? []) {
        if (!pod.isDaemon && !pod.isMirror && pod.pod.metadata.deletionTimestamp === undefined) pods.push(pod);
      }
    }
    if (pods.length === 0) {
      this.#hints.dropOld();
      return [];
    }
    goSort(pods, (a, b) => a.priority > b.priority);
    const placed = new Set(placeAll(this.#picture, pods, () => true, this.#hints, false));
    this.#hints.dropOld();
    return pods.filter((pod) => {
      if (placed.has(pod) || pod.isDaemon) return false;
      const own = goDelay(pod.pod.metadata.annotations?.[DELAY_ANNOTATION]);
      return now - pod.createdAt > Math.max(newPodScaleUpDelay, own);
    });
  }

  #tryScaleUp(
    pods: readonly PodFacts[],
    context: ScaleUpContext,
  ): {
    readonly outcome: ScaleUpOutcome | undefined;
    readonly untried: ScaleUpResult;
    readonly forbidsScaleDown: boolean;
  } {
    const { now, readyNodes, record } = context;
    const { maxNodesTotal } = this.#options;
    if (pods.length === 0) return { outcome: undefined, untried: "NotNeeded", forbidsScaleDown: false };
    if (maxNodesTotal > 0 && readyNodes.length >= maxNodesTotal) {
      record("MaxNodesTotalReached", STATUS_OBJECT);
      return { outcome: undefined, untried: "LimitedByMaxNodesTotal", forbidsScaleDown: false };
    }
    if (areNew(pods, now)) return { outcome: undefined, untried: "InCooldown", forbidsScaleDown: true };
    return { outcome: scaleUp(pods, context), untried: "NotNeeded", forbidsScaleDown: false };
  }

  #scaleDown(
    present: readonly NodeFacts[],
    context: PlannerContext,
    forbidden: boolean,
  ): { readonly result: ScaleDownResult; readonly removing: readonly Removal[] } {
    const { now } = context;
    const candidates = this.#candidates(present, now);
    this.#planner.update(present, candidates, context);
    this.#previousCandidates = new Set(this.#planner.unneeded.keys());
    const { delayAfterAdd, delayAfterDelete } = this.#options;
    const isCooling = this.#lastScaleUp + delayAfterAdd > now || this.#lastDelete + delayAfterDelete > now;
    if (forbidden || isCooling) return { result: "InCooldown", removing: [] };
    if (candidates.length === 0) return { result: "NoCandidates", removing: [] };
    const { empty, drain } = this.#planner.nodesToDelete(context);
    const removing = this.#deletion.start(empty, drain);
    if (removing.length === 0) return { result: "NoNodeDeleted", removing };
    this.#lastDelete = now;
    this.#health.recalculate();
    return { result: "NodeDeleteStarted", removing };
  }

  /** Nodes of groups above their minimum: empty ones first, then those that were unneeded before. */
  #candidates(present: readonly NodeFacts[], now: number): readonly NodeFacts[] {
    const { groupOf } = this.#host;
    const aboveMinimum = new Map<NodeGroup, boolean>();
    const candidates = present.filter(({ name }) => {
      const group = groupOf(name);
      if (group === undefined) return false;
      const known = aboveMinimum.get(group);
      if (known !== undefined) return known;
      const isAbove = group.targetSize() > group.min;
      aboveMinimum.set(group, isAbove);
      return isAbove;
    });
    const ranked = candidates.map((facts) => ({
      facts,
      rank: (isEmptyNode(facts, now) ? 0 : 2) + (this.#previousCandidates.has(facts.name) ? 0 : 1),
    }));
    return goSort(ranked, (a, b) => a.rank < b.rank).map(({ facts }) => facts);
  }
}

/** Where no claims are known, they bind a pod to nothing; the filters would take them for missing. */
const withoutClaims = (pod: Pod): Pod => {
  const { volumes } = pod.spec;
  const isClaim = (volume: Volume): boolean =>
    volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined;
  if (volumes === undefined || !volumes.some(isClaim)) return pod;
  return { ...pod, spec: { ...pod.spec, volumes: volumes.filter((volume) => !isClaim(volume)) } };
};

/** A node that carries a startup taint, or that has yet to show its GPUs, is not ready for the autoscaler. */
const isStarting = (node: Node, options: AutoscalerOptions): boolean =>
  (node.spec?.taints ?? []).some(({ key }) => isStartupTaint(key, options)) ||
  (node.metadata.labels?.[GPU_LABEL] !== undefined && (milliOf(node, "allocatable", GPU_RESOURCE) ?? 0) === 0);

const areNew = (pods: readonly PodFacts[], now: number): boolean => {
  let oldest = now;
  let oldestWithGpu: number | undefined;
  for (const pod of pods) {
    oldest = Math.min(oldest, pod.createdAt);
    if ((pod.requests.get(GPU_RESOURCE) ?? 0) > 0) oldestWithGpu = Math.min(oldestWithGpu ?? now, pod.createdAt);
  }
  return oldest + NEW_POD_MS > now || (oldestWithGpu !== undefined && oldestWithGpu + NEW_GPU_POD_MS > now);
};

const goDelay = (text: string | undefined): number => (text === undefined ? 0 : (parseGoDuration(text) ?? 0));
