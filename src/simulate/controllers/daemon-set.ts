import { sameJson, withField } from "../../kubernetes/fields.ts";
import { intOrPercent } from "../../kubernetes/int-or-percent.ts";
import type { Node } from "../../kubernetes/node.ts";
import { uidOf } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { podTemplateHash } from "../../kubernetes/template-hash.ts";
import type { DaemonSet } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import {
  type Controller,
  type ControllerContext,
  keyOf,
  ownerKeys,
  partsOf,
  type ReconcileResult,
} from "./controller.ts";
import { createDaemonFit, pinnedNode, pinnedToNode, withDaemonTolerations } from "./daemon-nodes.ts";
import { podFromTemplate } from "./pod-from-template.ts";
import { availableAfter, isActive, isAvailable, isFinished, isReady, isTerminating } from "./pod-state.ts";
import { currentRevision, trimRevisions } from "./revision.ts";

const component = "daemonset-controller";

/** Keeps one pod of a DaemonSet on each node that suits it (pkg/controller/daemon, v1.35). */
export const daemonSetController: Controller = {
  name: "daemonset",
  watches: ["DaemonSet", "Pod", "Node"],
  keysOf: ({ object, previous }, { store }) => {
    if (object.kind === "DaemonSet") return [keyOf(object)];
    if (object.kind === "Pod") return ownerKeys(object, "DaemonSet");
    const [node, before] = [object as Node, previous as Node | undefined];
    const isSame =
      before !== undefined &&
      sameJson(node.metadata.labels as unknown as JsonObject, before.metadata.labels as unknown as JsonObject) &&
      sameJson(
        (node.spec?.taints ?? []) as unknown as JsonObject,
        (before.spec?.taints ?? []) as unknown as JsonObject,
      );
    return isSame ? [] : store.list("DaemonSet").map(keyOf);
  },
  reconcile: (key, context) => {
    const set = context.store.get<DaemonSet>("DaemonSet", ...partsOf(key));
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return "done";
    return new Sync(set, context).run();
  },
};

class Sync {
  readonly set: DaemonSet;
  readonly context: ControllerContext;
  readonly hash: string;
  readonly suits: ReturnType<typeof createDaemonFit>;
  failure = false;

  constructor(set: DaemonSet, context: ControllerContext) {
    this.set = set;
    this.context = context;
    const hash = podTemplateHash(set.spec.template);
    const labels = { ...set.spec.template.metadata?.labels, "controller-revision-hash": hash };
    const revision = currentRevision(set, set.spec.template, { hash, labels }, context);
    this.hash = revision?.metadata.labels?.["controller-revision-hash"] ?? hash;
    this.suits = createDaemonFit(set.spec.template.spec);
  }

  run(): ReconcileResult {
    this.manage();
    if (!this.failure && this.set.spec.updateStrategy?.type !== "OnDelete") this.roll();
    this.writeStatus();
    const live = new Set(
      this.pods().map((pod) => `${this.set.metadata.name}-${pod.metadata.labels?.["controller-revision-hash"] ?? ""}`),
    );
    trimRevisions(this.set, 10, live.add(`${this.set.metadata.name}-${this.hash}`), this.context);
    if (this.failure) return { retry: true };
    const wait = availableAfter(this.pods(), this.set.spec.minReadySeconds ?? 0, this.context.time);
    return wait === undefined ? "done" : { requeueAfter: wait };
  }

  private pods(): readonly Pod[] {
    return this.context.store.ownedBy<Pod>("Pod", uidOf(this.set));
  }

  private byNode(): ReadonlyMap<string, readonly Pod[]> {
    const groups = new Map<string, Pod[]>();
    for (const pod of this.pods()) {
      const node = (pod.spec.nodeName ?? "") === "" ? (pinnedNode(pod.spec) ?? "") : (pod.spec.nodeName ?? "");
      const group = groups.get(node);
      if (group === undefined) groups.set(node, [pod]);
      else group.push(pod);
    }
    return groups;
  }

  private manage(): void {
    const groups = this.byNode();
    const missing: string[] = [];
    const known = new Set<string>();
    for (const node of this.context.store.list<Node>("Node")) {
      const name = node.metadata.name;
      known.add(name);
      const pods = groups.get(name) ?? [];
      const { shouldRun, mayStay } = this.suits(node);
      if (shouldRun && pods.length === 0) missing.push(name);
      else if (shouldRun || mayStay) this.keepOne(pods);
      else for (const pod of pods.filter(isActive)) this.remove(pod);
    }
    for (const [node, pods] of groups) {
      if (known.has(node)) continue;
      for (const pod of pods.filter(isActive)) this.remove(pod);
    }
    for (const name of missing) this.create(name);
  }

  /** Failed pods are made anew; of several that live the oldest stays. */
  private keepOne(pods: readonly Pod[]): void {
    for (const pod of pods) {
      if (!isFinished(pod) || isTerminating(pod)) continue;
      const verb = pod.status?.phase === "Failed" ? "failed" : "succeeded";
      const reason = verb === "failed" ? "FailedDaemonPod" : "SucceededDaemonPod";
      const message = `Found ${verb} daemon pod ${keyOf(pod)} on node ${pod.spec.nodeName ?? ""}, will try to ${verb === "failed" ? "kill" : "delete"} it`;
      this.context.event({
        about: this.set,
        type: verb === "failed" ? "Warning" : "Normal",
        reason,
        message,
        from: component,
      });
      this.remove(pod);
    }
    const surge = this.bounds().maxSurge > 0;
    const alive = pods.filter(isActive);
    if (surge || alive.length < 2) return;
    const sorted = [...alive].sort((a, b) =>
      (a.metadata.creationTimestamp ?? "") < (b.metadata.creationTimestamp ?? "") ? -1 : 1,
    );
    for (const pod of sorted.slice(1)) this.remove(pod);
  }

  private create(node: string): void {
    const { template } = this.set.spec;
    const generation = this.set.metadata.annotations?.["deprecated.daemonset.template.generation"] ?? "1";
    const pod = podFromTemplate(template, this.set, {
      name: "",
      generateName: `${this.set.metadata.name}-`,
      labels: { "controller-revision-hash": this.hash, "pod-template-generation": generation },
      spec: pinnedToNode(withDaemonTolerations(template.spec), node),
    });
    const answer = this.context.api.create(pod as unknown as JsonObject);
    if (answer.object === undefined) {
      this.failure = true;
      this.context.event({
        about: this.set,
        type: "Warning",
        reason: "FailedCreate",
        message: `Error creating: ${answer.error.message}`,
        from: component,
      });
      return;
    }
    this.context.event({
      about: this.set,
      type: "Normal",
      reason: "SuccessfulCreate",
      message: `Created pod: ${answer.object.metadata.name}`,
      from: component,
    });
  }

  private remove(pod: Pod): void {
    this.context.api.remove("Pod", pod.metadata.namespace, pod.metadata.name);
    this.context.event({
      about: this.set,
      type: "Normal",
      reason: "SuccessfulDelete",
      message: `Deleted pod: ${pod.metadata.name}`,
      from: component,
    });
  }

  private bounds(): { readonly maxSurge: number; readonly maxUnavailable: number } {
    const rolling = this.set.spec.updateStrategy?.rollingUpdate;
    const wanted = this.context.store.list<Node>("Node").filter((node) => this.suits(node).shouldRun).length;
    return {
      maxSurge: intOrPercent(rolling?.maxSurge ?? 0, wanted, "up"),
      maxUnavailable: intOrPercent(rolling?.maxUnavailable ?? 1, wanted, "up"),
    };
  }

  /** Pods of an older template end, as many at a time as may be missing; with a surge the new one comes first. */
  private roll(): void {
    const { maxSurge, maxUnavailable } = this.bounds();
    const minReady = this.set.spec.minReadySeconds ?? 0;
    const isNew = (pod: Pod): boolean => pod.metadata.labels?.["controller-revision-hash"] === this.hash;
    let unavailable = 0;
    let surged = 0;
    const replaceable: Pod[] = [];
    const toSurge: string[] = [];
    for (const node of this.context.store.list<Node>("Node")) {
      if (!this.suits(node).shouldRun) continue;
      const pods = (this.byNode().get(node.metadata.name) ?? []).filter(isActive);
      const old = pods.find((pod) => !isNew(pod));
      const fresh = pods.find(isNew);
      if (maxSurge > 0) {
        if (old !== undefined && fresh !== undefined) {
          if (isAvailable(fresh, minReady, this.context.time)) this.remove(old);
          else surged++;
        } else if (old !== undefined) toSurge.push(node.metadata.name);
        continue;
      }
      if (fresh === undefined && old === undefined) unavailable++;
      else if (fresh !== undefined && !isAvailable(fresh, minReady, this.context.time)) unavailable++;
      else if (old !== undefined && fresh === undefined) {
        if (isAvailable(old, minReady, this.context.time)) replaceable.push(old);
        else this.remove(old);
      }
    }
    for (const pod of replaceable.slice(0, Math.max(0, maxUnavailable - unavailable))) this.remove(pod);
    for (const node of toSurge.slice(0, Math.max(0, maxSurge - surged))) this.create(node);
  }

  private writeStatus(): void {
    const latest = this.context.store.get<DaemonSet>("DaemonSet", this.set.metadata.namespace, this.set.metadata.name);
    if (latest === undefined) return;
    const groups = this.byNode();
    const counts = { desired: 0, scheduled: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
    for (const node of this.context.store.list<Node>("Node")) {
      const pods = groups.get(node.metadata.name) ?? [];
      if (!this.suits(node).shouldRun) {
        if (pods.length > 0) counts.misscheduled++;
        continue;
      }
      counts.desired++;
      const [oldest] = [...pods].sort((a, b) =>
        (a.metadata.creationTimestamp ?? "") < (b.metadata.creationTimestamp ?? "") ? -1 : 1,
      );
      if (oldest === undefined) continue;
      counts.scheduled++;
      if (isReady(oldest)) counts.ready++;
      if (isAvailable(oldest, this.set.spec.minReadySeconds ?? 0, this.context.time)) counts.available++;
      if (oldest.metadata.labels?.["controller-revision-hash"] === this.hash) counts.updated++;
    }
    const status = {
      currentNumberScheduled: counts.scheduled,
      numberMisscheduled: counts.misscheduled,
      desiredNumberScheduled: counts.desired,
      numberReady: counts.ready,
      observedGeneration: this.set.metadata.generation ?? 0,
      updatedNumberScheduled: counts.updated,
      numberAvailable: counts.available,
      numberUnavailable: counts.desired - counts.available,
    };
    if (!sameJson(status, latest.status as JsonObject)) {
      this.context.api.updateStatus(withField(latest as unknown as JsonObject, ["status"], status));
    }
  }
}
