import { sameJson, withField } from "../../kubernetes/fields.ts";
import { intOrPercent } from "../../kubernetes/int-or-percent.ts";
import { uidOf } from "../../kubernetes/owner.ts";
import type { Pod, PodTemplate } from "../../kubernetes/pod.ts";
import type { StatefulSet } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { claimingKeys, claimObjects } from "./adoption.ts";
import { type Controller, type ControllerContext, keyOf, partsOf, type ReconcileResult } from "./controller.ts";
import { availableAfter, isAvailable, isFinished, isReady, isTerminating } from "./pod-state.ts";
import {
  type ControllerRevision,
  currentRevision,
  revisionData,
  revisionHash,
  revisionsOf,
  trimRevisions,
} from "./revision.ts";
import { claimsOfOrdinal, ordinalOf, podNameOf, statefulPod } from "./stateful-pod.ts";

const component = "statefulset-controller";

/** Keeps a StatefulSet's pods by ordinal, in order or side by side (pkg/controller/statefulset, v1.35). */
export const statefulSetController: Controller = {
  name: "statefulset",
  watches: ["StatefulSet", "Pod"],
  keysOf: (change, context) =>
    change.object.kind === "StatefulSet" ? [keyOf(change.object)] : claimingKeys(change, "StatefulSet", context),
  reconcile: (key, context) => {
    const set = context.store.get<StatefulSet>("StatefulSet", ...partsOf(key));
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return "done";
    claimObjects(set, "Pod", context, { accepts: (pod) => ordinalOf(set, pod.metadata.name) !== undefined });
    return new Sync(set, context).run();
  },
};

class Sync {
  readonly set: StatefulSet;
  readonly context: ControllerContext;
  readonly update: ControllerRevision | undefined;
  readonly current: ControllerRevision | undefined;
  readonly isOrdered: boolean;
  failure = false;

  constructor(set: StatefulSet, context: ControllerContext) {
    this.set = set;
    this.context = context;
    const hash = revisionHash(revisionData(set.spec.template), Number(set.status?.["collisionCount"] ?? 0));
    const labels = { ...set.spec.template.metadata?.labels, "controller.kubernetes.io/hash": hash };
    this.update = currentRevision(set, set.spec.template, { hash, labels }, context);
    const name = set.status?.["currentRevision"];
    this.current = revisionsOf(set, context).find((revision) => revision.metadata.name === name) ?? this.update;
    this.isOrdered = set.spec.podManagementPolicy !== "Parallel";
  }

  run(): ReconcileResult {
    this.reconcilePods();
    this.writeStatus();
    const used = new Set([
      this.update?.metadata.name ?? "",
      this.current?.metadata.name ?? "",
      ...this.pods().map(revisionOf),
    ]);
    trimRevisions(this.set, this.historyLimit(), used, this.context);
    if (this.failure) return { retry: true };
    const wait = availableAfter(this.pods(), this.set.spec.minReadySeconds ?? 0, this.context.time);
    return wait === undefined ? "done" : { requeueAfter: wait };
  }

  private historyLimit(): number {
    return Number((this.set.spec as { readonly revisionHistoryLimit?: number }).revisionHistoryLimit ?? 10);
  }

  private pods(): readonly Pod[] {
    return this.context.store.ownedBy<Pod>("Pod", uidOf(this.set));
  }

  private reconcilePods(): void {
    const first = this.set.spec.ordinals?.start ?? 0;
    const count = this.set.spec.replicas ?? 1;
    const pods = this.pods();
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(this.set, pod.metadata.name) ?? -1, pod]));
    const isHealthy = (pod: Pod): boolean => isReady(pod) && pod.status?.phase === "Running" && !isTerminating(pod);
    for (let ordinal = first; ordinal < first + count; ordinal++) {
      const pod = byOrdinal.get(ordinal);
      if (pod !== undefined && isFinished(pod) && !isTerminating(pod)) {
        this.remove(pod);
        if (this.isOrdered) return;
        continue;
      }
      if (pod === undefined) {
        this.create(ordinal);
        if (this.isOrdered || this.failure) return;
        continue;
      }
      if (!this.isOrdered) continue;
      if (!isHealthy(pod) || !isAvailable(pod, this.set.spec.minReadySeconds ?? 0, this.context.time)) return;
    }
    const condemned = pods
      .filter((pod) => {
        const ordinal = ordinalOf(this.set, pod.metadata.name) ?? -1;
        return ordinal < first || ordinal >= first + count;
      })
      .sort((a, b) => (ordinalOf(this.set, b.metadata.name) ?? 0) - (ordinalOf(this.set, a.metadata.name) ?? 0));
    const firstUnhealthy = condemned.filter((pod) => !isHealthy(pod)).at(-1);
    for (const pod of condemned) {
      if (isTerminating(pod)) {
        if (this.isOrdered) return;
        continue;
      }
      if (this.isOrdered && firstUnhealthy !== undefined && !isHealthy(pod) && pod !== firstUnhealthy) return;
      this.remove(pod);
      if (this.isOrdered) return;
    }
    this.roll(byOrdinal, first, count, isHealthy);
  }

  /** Replaces pods of another revision, from the largest ordinal down to the partition. */
  private roll(
    byOrdinal: ReadonlyMap<number, Pod>,
    first: number,
    count: number,
    isHealthy: (pod: Pod) => boolean,
  ): void {
    const strategy = this.set.spec.updateStrategy;
    if (strategy?.type === "OnDelete") return;
    const partition = strategy?.rollingUpdate?.partition ?? 0;
    const most = Math.max(1, intOrPercent(strategy?.rollingUpdate?.maxUnavailable ?? 1, count, "up"));
    let unavailable = 0;
    for (let ordinal = first + count - 1; ordinal >= first + partition; ordinal--) {
      const pod = byOrdinal.get(ordinal);
      if (pod === undefined) continue;
      if (revisionOf(pod) !== this.update?.metadata.name && !isTerminating(pod)) {
        this.remove(pod);
        unavailable++;
      } else if (!isHealthy(pod)) unavailable++;
      if (unavailable >= most) return;
    }
  }

  private create(ordinal: number): void {
    const { set, context } = this;
    const first = set.spec.ordinals?.start ?? 0;
    const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
    const isOld =
      set.spec.updateStrategy?.type !== "OnDelete" && ordinal < first + partition && this.current !== undefined;
    const revision = (isOld ? this.current : this.update)?.metadata.name ?? "";
    const template = isOld ? templateOf(this.current, set.spec.template) : set.spec.template;
    const podName = podNameOf(set, ordinal);
    for (const claim of claimsOfOrdinal(set, ordinal)) {
      if (context.store.get("PersistentVolumeClaim", claim.metadata.namespace, claim.metadata.name) !== undefined)
        continue;
      const answer = context.api.create(claim as unknown as JsonObject);
      const about = `Claim ${claim.metadata.name} Pod ${podName} in StatefulSet ${set.metadata.name}`;
      if (answer.object === undefined) {
        this.event("Warning", "FailedCreate", `Create ${about} failed error: ${answer.error.message}`);
        this.failure = true;
        return;
      }
      this.event("Normal", "SuccessfulCreate", `Create ${about} success`);
    }
    const pod = statefulPod({ ...set, spec: { ...set.spec, template } }, ordinal, revision);
    const asked = { ...pod, metadata: { ...pod.metadata, generateName: `${set.metadata.name}-` } };
    const answer = context.api.create(asked as unknown as JsonObject);
    const about = `Pod ${podName} in StatefulSet ${set.metadata.name}`;
    if (answer.object === undefined) {
      this.event("Warning", "FailedCreate", `Create ${about} failed error: ${answer.error.message}`);
      this.failure = true;
    } else this.event("Normal", "SuccessfulCreate", `Create ${about} successful`);
  }

  private remove(pod: Pod): void {
    this.context.api.remove("Pod", pod.metadata.namespace, pod.metadata.name);
    this.event(
      "Normal",
      "SuccessfulDelete",
      `Delete Pod ${pod.metadata.name} in StatefulSet ${this.set.metadata.name} successful`,
    );
  }

  private event(type: "Normal" | "Warning", reason: string, message: string): void {
    this.context.event({ about: this.set, type, reason, message, from: component });
  }

  private writeStatus(): void {
    const latest = this.context.store.get<StatefulSet>(
      "StatefulSet",
      this.set.metadata.namespace,
      this.set.metadata.name,
    );
    if (latest === undefined) return;
    const pods = this.pods();
    const alive = pods.filter((pod) => !isTerminating(pod));
    const update = this.update?.metadata.name ?? "";
    let current = this.current?.metadata.name ?? update;
    const ready = pods.filter((pod) => isReady(pod) && pod.status?.phase === "Running").length;
    const updated = alive.filter((pod) => revisionOf(pod) === update).length;
    let ofCurrent = alive.filter((pod) => revisionOf(pod) === current).length;
    const minReady = this.set.spec.minReadySeconds ?? 0;
    const isRolled =
      this.set.spec.updateStrategy?.type !== "OnDelete" && updated === pods.length && ready === pods.length;
    if (current !== update && isRolled && updated === (this.set.spec.replicas ?? 1)) {
      current = update;
      ofCurrent = updated;
    }
    const status = {
      observedGeneration: this.set.metadata.generation ?? 0,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: pods.filter(
        (pod) => isAvailable(pod, minReady, this.context.time) && pod.status?.phase === "Running",
      ).length,
      currentReplicas: ofCurrent,
      updatedReplicas: updated,
      currentRevision: current,
      updateRevision: update,
      collisionCount: Number(latest.status?.["collisionCount"] ?? 0),
    };
    if (!sameJson(status, latest.status as JsonObject)) {
      this.context.api.updateStatus(withField(latest as unknown as JsonObject, ["status"], status));
    }
  }
}

const revisionOf = (pod: Pod): string => pod.metadata.labels?.["controller-revision-hash"] ?? "";

/** The template that a revision stores. */
const templateOf = (revision: ControllerRevision | undefined, otherwise: PodTemplate): PodTemplate => {
  const stored = (revision?.data["spec"] as JsonObject | undefined)?.["template"] as JsonObject | undefined;
  if (stored === undefined) return otherwise;
  const { $patch: _, ...template } = stored;
  return template as unknown as PodTemplate;
};
