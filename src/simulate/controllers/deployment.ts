// Past 300 lines: one rollout, whose steps share the sets found and the counts reckoned.
import { sameJson, textsAt, withField } from "../../kubernetes/fields.ts";
import { uidOf } from "../../kubernetes/owner.ts";
import type { Deployment, ReplicaSet } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { claimingKeys, claimObjects } from "./adoption.ts";
import { type Controller, type ControllerContext, keyOf, ownerKeys, partsOf } from "./controller.ts";
import {
  copiedAnnotations,
  newReplicaSetOf,
  type ReplicaSets,
  revisionOf,
  rolloutBounds,
} from "./deployment-replica-sets.ts";
import { syncStatus } from "./deployment-status.ts";

const component = "deployment-controller";

/** Rolls a Deployment's ReplicaSets out and back (pkg/controller/deployment, v1.35). */
export const deploymentController: Controller = {
  name: "deployment",
  watches: ["Deployment", "ReplicaSet", "Pod"],
  keysOf: (change, context) => {
    const { object, type } = change;
    if (object.kind === "Deployment") return [keyOf(object)];
    if (object.kind === "ReplicaSet") return claimingKeys(change, "Deployment", context);
    // Only the end of a pod matters: a Recreate waits for it.
    if (type !== "DELETED") return [];
    return ownerKeys(object, "ReplicaSet").flatMap((key) => {
      const set = context.store.get("ReplicaSet", ...partsOf(key));
      return set === undefined ? [] : ownerKeys(set, "Deployment");
    });
  },
  reconcile: (key, context) => {
    const deployment = context.store.get<Deployment>("Deployment", ...partsOf(key));
    if (deployment === undefined) return "done";
    claimObjects(deployment, "ReplicaSet", context);
    const rollout = new Rollout(deployment, context);
    if (deployment.metadata.deletionTimestamp !== undefined)
      return syncStatus(rollout.sets(false), deployment, context);
    if (deployment.spec.paused === true || rollout.isScalingEvent()) return rollout.sync();
    return deployment.spec.strategy?.type === "Recreate" ? rollout.recreate() : rollout.rolling();
  },
};

class Rollout {
  deployment: Deployment;
  readonly context: ControllerContext;
  readonly wanted: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;

  constructor(deployment: Deployment, context: ControllerContext) {
    this.deployment = deployment;
    this.context = context;
    this.wanted = deployment.spec.replicas ?? 1;
    const bounds = rolloutBounds(deployment);
    this.maxSurge = bounds.maxSurge;
    this.maxUnavailable = bounds.maxUnavailable;
  }

  /** Reads the ReplicaSets; with `create`, makes the one that is missing and keeps revisions up to date. */
  sets(create: boolean): ReplicaSets {
    const all = this.owned();
    const expected = newReplicaSetOf(this.deployment);
    const fresh = all.find((set) => sameTemplate(set, this.deployment));
    const old = all.filter((set) => set !== fresh);
    const revision = String(Math.max(0, ...old.map(revisionOf)) + 1);
    if (fresh !== undefined) return { fresh: this.refresh(fresh, revision), old };
    if (!create) return { fresh: undefined, old };
    const replicas = this.replicasForNew(undefined, old);
    const annotations = {
      ...copiedAnnotations(this.deployment),
      "deployment.kubernetes.io/revision": revision,
      ...this.sizeAnnotations(),
    };
    const asked = {
      ...expected,
      metadata: { ...expected.metadata, annotations },
      spec: { ...expected.spec, replicas },
    };
    const answer = this.context.api.create(asked as unknown as JsonObject);
    if (answer.object === undefined) return { fresh: undefined, old };
    const name = answer.object.metadata.name;
    if (replicas > 0) this.event(`Scaled up replica set ${name} from 0 to ${replicas}`);
    this.setRevision(revision);
    this.progress("NewReplicaSetCreated", `Created new replica set "${name}"`);
    return { fresh: answer.object as ReplicaSet, old };
  }

  private owned(): readonly ReplicaSet[] {
    return [...this.context.store.ownedBy<ReplicaSet>("ReplicaSet", uidOf(this.deployment))].sort(byCreation);
  }

  /** Brings revision and copied annotations of the current ReplicaSet up to date. */
  private refresh(set: ReplicaSet, revision: string): ReplicaSet {
    const before = textsAt(set as unknown as JsonObject, "metadata", "annotations");
    const annotations: Record<string, string> = { ...before, ...copiedAnnotations(this.deployment) };
    const known = before["deployment.kubernetes.io/revision"];
    if (known === undefined || Number(known) < Number(revision)) {
      annotations["deployment.kubernetes.io/revision"] = revision;
      if (known !== undefined) {
        const history = before["deployment.kubernetes.io/revision-history"];
        annotations["deployment.kubernetes.io/revision-history"] =
          history === undefined ? known : `${history},${known}`;
      }
    }
    let current = set;
    const minReady = this.deployment.spec.minReadySeconds ?? 0;
    if (!sameJson(annotations, before) || (set.spec.minReadySeconds ?? 0) !== minReady) {
      const changed = withField(
        withField(set as unknown as JsonObject, ["metadata", "annotations"], annotations),
        ["spec", "minReadySeconds"],
        minReady,
      );
      const answer = this.context.api.update(changed);
      if (answer.object !== undefined) current = answer.object as ReplicaSet;
    }
    this.setRevision(annotations["deployment.kubernetes.io/revision"] ?? revision);
    const conditions = (this.deployment.status?.["conditions"] ?? []) as readonly JsonObject[];
    if (!conditions.some((condition) => condition["type"] === "Progressing")) {
      this.progress("FoundNewReplicaSet", `Found new replica set "${set.metadata.name}"`);
    }
    return current;
  }

  private setRevision(revision: string): void {
    if (this.deployment.metadata.annotations?.["deployment.kubernetes.io/revision"] === revision) return;
    const changed = withField(
      this.deployment as unknown as JsonObject,
      ["metadata", "annotations", "deployment.kubernetes.io/revision"],
      revision,
    );
    const answer = this.context.api.update(changed);
    if (answer.object !== undefined) this.deployment = answer.object as Deployment;
  }

  private progress(reason: string, message: string): void {
    if (this.deployment.spec.progressDeadlineSeconds === undefined) return;
    const time = this.context.time;
    const condition = {
      type: "Progressing",
      status: "True",
      reason,
      message,
      lastUpdateTime: time,
      lastTransitionTime: time,
    };
    const conditions = (this.deployment.status?.["conditions"] ?? []) as readonly JsonObject[];
    const changed = withField(
      this.deployment as unknown as JsonObject,
      ["status", "conditions"],
      [...conditions.filter((known) => known["type"] !== "Progressing"), condition],
    );
    const answer = this.context.api.updateStatus(changed);
    if (answer.object !== undefined) this.deployment = answer.object as Deployment;
  }

  private sizeAnnotations(): Readonly<Record<string, string>> {
    return {
      "deployment.kubernetes.io/desired-replicas": String(this.wanted),
      "deployment.kubernetes.io/max-replicas": String(this.wanted + this.maxSurge),
    };
  }

  private event(message: string): void {
    this.context.event({
      about: this.deployment,
      type: "Normal",
      reason: "ScalingReplicaSet",
      message,
      from: component,
    });
  }

  /** Sets a ReplicaSet's size and the annotations that record the Deployment's; true when the size changed. */
  private scale(set: ReplicaSet, replicas: number): boolean {
    const before = set.spec.replicas ?? 1;
    const annotations = { ...set.metadata.annotations, ...this.sizeAnnotations() };
    if (before === replicas && sameJson(annotations, set.metadata.annotations ?? {})) return false;
    const sized = withField(set as unknown as JsonObject, ["spec", "replicas"], replicas);
    this.context.api.update(withField(sized, ["metadata", "annotations"], annotations));
    if (before === replicas) return false;
    const verb = replicas > before ? "up" : "down";
    this.event(`Scaled ${verb} replica set ${set.metadata.name} from ${before} to ${replicas}`);
    return true;
  }

  /** How large the current ReplicaSet may be now: the surge leaves room (NewRSNewReplicas). */
  private replicasForNew(fresh: ReplicaSet | undefined, old: readonly ReplicaSet[]): number {
    if (this.deployment.spec.strategy?.type === "Recreate") return this.wanted;
    const size = fresh?.spec.replicas ?? 0;
    const total = size + sum(old, (set) => set.spec.replicas ?? 1);
    const most = this.wanted + this.maxSurge;
    if (total >= most) return size;
    return size + Math.min(most - total, this.wanted - size);
  }

  /** The Deployment's size changed since its ReplicaSets were last sized. */
  isScalingEvent(): boolean {
    const { fresh, old } = this.sets(false);
    return [...old, ...(fresh === undefined ? [] : [fresh])]
      .filter((set) => (set.spec.replicas ?? 1) > 0)
      .some((set) => {
        const desired = set.metadata.annotations?.["deployment.kubernetes.io/desired-replicas"];
        return desired !== undefined && Number(desired) !== this.wanted;
      });
  }

  /** Scales without rolling: after a change of size, and while paused. */
  sync() {
    const sets = this.sets(false);
    this.scaleAll(sets);
    if (this.deployment.spec.paused === true) this.cleanUp(sets);
    return syncStatus(this.sets(false), this.deployment, this.context);
  }

  private scaleAll({ fresh, old }: ReplicaSets): void {
    const all = [...old, ...(fresh === undefined ? [] : [fresh])];
    const active = all.filter((set) => (set.spec.replicas ?? 1) > 0);
    const only = active.length === 0 ? (fresh ?? old.at(-1)) : active.length === 1 ? active[0] : undefined;
    if (only !== undefined) {
      if ((only.spec.replicas ?? 1) !== this.wanted) this.scale(only, this.wanted);
      return;
    }
    if (fresh !== undefined && isSaturated(fresh, this.wanted)) {
      for (const set of old) if ((set.spec.replicas ?? 1) > 0) this.scale(set, 0);
      return;
    }
    if (this.deployment.spec.strategy?.type === "Recreate") return;
    const total = sum(active, (set) => set.spec.replicas ?? 1);
    const allowed = this.wanted > 0 ? this.wanted + this.maxSurge : 0;
    const toAdd = allowed - total;
    if (toAdd === 0) {
      for (const set of active) this.scale(set, set.spec.replicas ?? 1);
      return;
    }
    const sorted = [...active].sort((a, b) =>
      toAdd > 0
        ? (b.spec.replicas ?? 1) - (a.spec.replicas ?? 1) || -byCreation(a, b)
        : (b.spec.replicas ?? 1) - (a.spec.replicas ?? 1) || byCreation(a, b),
    );
    let added = 0;
    const sizes = sorted.map((set) => {
      const proportion = this.proportion(set, toAdd, added, allowed);
      added += proportion;
      return (set.spec.replicas ?? 1) + proportion;
    });
    sorted.forEach((set, index) => {
      const size = (sizes[index] ?? 0) + (index === 0 ? toAdd - added : 0);
      this.scale(set, Math.max(0, size));
    });
  }

  /** The share of a change of size that one ReplicaSet takes (GetReplicaSetProportion). */
  private proportion(set: ReplicaSet, toAdd: number, added: number, allowed: number): number {
    const size = set.spec.replicas ?? 1;
    if (size === 0 || toAdd === 0 || toAdd === added) return 0;
    const most = Number(set.metadata.annotations?.["deployment.kubernetes.io/max-replicas"] ?? allowed) || allowed;
    const fraction = Math.round((size * allowed) / most) - size;
    const left = toAdd - added;
    return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
  }

  rolling() {
    const sets = this.sets(true);
    const { fresh, old } = sets;
    if (fresh !== undefined && this.resizeNew(fresh, old))
      return syncStatus(this.sets(false), this.deployment, this.context);
    if (fresh !== undefined && this.shrinkOld(fresh, old))
      return syncStatus(this.sets(false), this.deployment, this.context);
    if (isComplete(this.deployment, this.wanted)) this.cleanUp(sets);
    return syncStatus(this.sets(false), this.deployment, this.context);
  }

  private resizeNew(fresh: ReplicaSet, old: readonly ReplicaSet[]): boolean {
    const size = fresh.spec.replicas ?? 1;
    if (size === this.wanted) return false;
    return this.scale(fresh, size > this.wanted ? this.wanted : this.replicasForNew(fresh, old));
  }

  private shrinkOld(fresh: ReplicaSet, old: readonly ReplicaSet[]): boolean {
    const oldSize = sum(old, (set) => set.spec.replicas ?? 1);
    if (oldSize === 0) return false;
    const total = oldSize + (fresh.spec.replicas ?? 1);
    const least = this.wanted - this.maxUnavailable;
    const freshUnavailable = (fresh.spec.replicas ?? 1) - available(fresh);
    const most = total - least - freshUnavailable;
    if (most <= 0) return false;
    const unhealthy = this.dropUnhealthy(old, most);
    const current = old.map(
      (set) => this.context.store.get<ReplicaSet>("ReplicaSet", set.metadata.namespace, set.metadata.name) ?? set,
    );
    const healthy = this.dropAvailable(current, fresh, least);
    return unhealthy + healthy > 0;
  }

  private dropUnhealthy(old: readonly ReplicaSet[], most: number): number {
    let dropped = 0;
    for (const set of old) {
      if (dropped >= most) break;
      const size = set.spec.replicas ?? 1;
      if (size === 0 || size === available(set)) continue;
      const count = Math.min(most - dropped, size - available(set));
      this.scale(set, size - count);
      dropped += count;
    }
    return dropped;
  }

  private dropAvailable(old: readonly ReplicaSet[], fresh: ReplicaSet, least: number): number {
    const ready = sum(old, available) + available(fresh);
    if (ready <= least) return 0;
    const most = ready - least;
    let dropped = 0;
    for (const set of old) {
      if (dropped >= most) break;
      const size = set.spec.replicas ?? 1;
      if (size === 0) continue;
      const count = Math.min(size, most - dropped);
      this.scale(set, size - count);
      dropped += count;
    }
    return dropped;
  }

  recreate() {
    const { old } = this.sets(false);
    let isScaled = false;
    for (const set of old) if ((set.spec.replicas ?? 1) > 0) isScaled = this.scale(set, 0) || isScaled;
    if (isScaled) return syncStatus(this.sets(false), this.deployment, this.context);
    const isRunning = old.some((set) =>
      this.context.store
        .ownedBy("Pod", uidOf(set))
        .some(
          (pod) =>
            !["Succeeded", "Failed"].includes(
              String((pod as unknown as { status?: { phase?: string } }).status?.phase),
            ),
        ),
    );
    if (isRunning) return syncStatus(this.sets(false), this.deployment, this.context);
    const sets = this.sets(true);
    if (sets.fresh !== undefined) this.resizeNew(sets.fresh, sets.old);
    if (isComplete(this.deployment, this.wanted)) this.cleanUp(sets);
    return syncStatus(this.sets(false), this.deployment, this.context);
  }

  /** Old ReplicaSets past the history limit go. */
  private cleanUp({ old }: ReplicaSets): void {
    const limit = this.deployment.spec.revisionHistoryLimit;
    if (limit === undefined) return;
    const alive = old.filter((set) => set.metadata.deletionTimestamp === undefined);
    const surplus = alive.length - limit;
    if (surplus <= 0) return;
    for (const set of [...alive].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus)) {
      const isIdle = (set.spec.replicas ?? 1) === 0 && Number(set.status?.["replicas"] ?? 0) === 0;
      const isSeen = Number(set.status?.["observedGeneration"] ?? 0) >= (set.metadata.generation ?? 0);
      if (isIdle && isSeen) this.context.api.remove("ReplicaSet", set.metadata.namespace, set.metadata.name);
    }
  }
}

const sum = <T>(items: readonly T[], value: (item: T) => number): number =>
  items.reduce((total, item) => total + value(item), 0);
const available = (set: ReplicaSet): number => Number(set.status?.["availableReplicas"] ?? 0);

const byCreation = (a: ReplicaSet, b: ReplicaSet): number => {
  const [one, two] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  return one === two ? (a.metadata.name < b.metadata.name ? -1 : 1) : one < two ? -1 : 1;
};

const isSaturated = (set: ReplicaSet, wanted: number): boolean =>
  (set.spec.replicas ?? 1) === wanted &&
  Number(set.metadata.annotations?.["deployment.kubernetes.io/desired-replicas"] ?? -1) === wanted &&
  available(set) === wanted;

const isComplete = (deployment: Deployment, wanted: number): boolean => {
  const status = deployment.status ?? {};
  const count = (field: string): number => Number(status[field] ?? 0);
  return (
    count("updatedReplicas") === wanted &&
    count("replicas") === wanted &&
    count("availableReplicas") === wanted &&
    count("observedGeneration") >= (deployment.metadata.generation ?? 0)
  );
};

/** Whether a ReplicaSet is of the Deployment's template, its hash label left out. */
const sameTemplate = (set: ReplicaSet, deployment: Deployment): boolean => {
  const template = set.spec.template as unknown as JsonObject;
  const labels = { ...textsAt(template, "metadata", "labels") };
  delete labels["pod-template-hash"];
  const own = deployment.spec.template as unknown as JsonObject;
  return sameJson(
    withField(template, ["metadata", "labels"], Object.keys(labels).length === 0 ? undefined : labels),
    withField(own, ["metadata", "labels"], own["metadata"] === undefined ? undefined : labelsOrNothing(own)),
  );
};

const labelsOrNothing = (template: JsonObject): JsonObject | undefined => {
  const labels = textsAt(template, "metadata", "labels");
  return Object.keys(labels).length === 0 ? undefined : { ...labels };
};
