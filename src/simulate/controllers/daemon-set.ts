import { sameJson, withField } from "../../kubernetes/fields.ts";
import { intOrPercent } from "../../kubernetes/int-or-percent.ts";
import type { Node } from "../../kubernetes/node.ts";
import { uidOf } from "../../kubernetes/owner.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { podTemplateHash } from "../../kubernetes/template-hash.ts";
import type { DaemonSet } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { claimingKeys, claimObjects } from "./adoption.ts";
import { type Controller, type ControllerContext, keyOf, partsOf, type ReconcileResult } from "./controller.ts";
import { createDaemonFit, pinnedNode, pinnedToNode, withDaemonTolerations } from "./daemon-nodes.ts";
import { byAge, type DaemonChanges, excessDaemonPods, hashOfPod, rollDaemonPods } from "./daemon-rollout.ts";
import { podFromTemplate } from "./pod-from-template.ts";
import { availableAfter, isAvailable, isFinished, isReady, isTerminating } from "./pod-state.ts";
import { currentRevision, revisionsOf } from "./revision.ts";

const component = "daemonset-controller";

/** Keeps one pod of a DaemonSet on each node that suits it (pkg/controller/daemon, v1.35). */
export const daemonSetController: Controller = {
  name: "daemonset",
  watches: ["DaemonSet", "Pod", "Node"],
  keysOf: (change, context) => {
    const { object, previous } = change;
    if (object.kind === "DaemonSet") return [keyOf(object)];
    if (object.kind === "Pod") return claimingKeys(change, "DaemonSet", context);
    const [node, before] = [object as Node, previous as Node | undefined];
    const isSame =
      before !== undefined &&
      sameJson(node.metadata.labels as unknown as JsonObject, before.metadata.labels as unknown as JsonObject) &&
      sameJson(
        (node.spec?.taints ?? []) as unknown as JsonObject,
        (before.spec?.taints ?? []) as unknown as JsonObject,
      );
    return isSame ? [] : context.store.list("DaemonSet").map(keyOf);
  },
  reconcile: (key, context) => {
    const set = context.store.get<DaemonSet>("DaemonSet", ...partsOf(key));
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return "done";
    claimObjects(set, "Pod", context);
    return new Sync(set, context).run();
  },
};

class Sync {
  readonly set: DaemonSet;
  readonly context: ControllerContext;
  readonly hash: string;
  readonly suits: ReturnType<typeof createDaemonFit>;
  readonly revisionName: string | undefined;
  failure = false;
  changed = false;

  constructor(set: DaemonSet, context: ControllerContext) {
    this.set = set;
    this.context = context;
    const hash = podTemplateHash(set.spec.template);
    const labels = { ...set.spec.template.metadata?.labels, "controller-revision-hash": hash };
    const revision = currentRevision(set, set.spec.template, { hash, labels }, context);
    this.hash = revision?.metadata.labels?.["controller-revision-hash"] ?? hash;
    this.revisionName = revision?.metadata.name;
    this.suits = createDaemonFit(set.spec.template.spec);
  }

  run(): ReconcileResult {
    this.manage();
    // What was made or ended must be seen by the watch first.
    if (!this.failure && !this.changed && this.set.spec.updateStrategy?.type !== "OnDelete") this.roll();
    if (!this.failure) this.trimHistory();
    this.writeStatus();
    if (this.failure) return { retry: true };
    const wait = availableAfter(this.pods(), this.set.spec.minReadySeconds ?? 0, this.context.time);
    return wait === undefined ? "done" : { requeueAfter: wait };
  }

  /** Of the revisions before the current one those that no pod has go, the oldest first, down to the limit. */
  private trimHistory(): void {
    const old = revisionsOf(this.set, this.context).filter(({ metadata }) => metadata.name !== this.revisionName);
    const live = new Set(this.pods().map(hashOfPod));
    const spare = old.filter(({ metadata }) => !live.has(metadata.labels?.["controller-revision-hash"] ?? ""));
    const tooMany = Math.max(0, old.length - (this.set.spec.revisionHistoryLimit ?? 10));
    for (const { metadata } of spare.slice(0, tooMany)) {
      this.context.api.remove("ControllerRevision", metadata.namespace, metadata.name);
    }
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
    const excess: Pod[] = [];
    const known = new Set<string>();
    for (const node of this.context.store.list<Node>("Node")) {
      const name = node.metadata.name;
      known.add(name);
      const pods = groups.get(name);
      const { shouldRun, mayStay } = this.suits(node);
      if (pods === undefined) {
        if (shouldRun) missing.push(name);
        continue;
      }
      const alive = pods.filter((pod) => !isTerminating(pod));
      if (!mayStay) {
        excess.push(...alive);
        continue;
      }
      excess.push(...this.finished(alive));
      const running = alive.filter((pod) => !isFinished(pod));
      excess.push(...excessDaemonPods(running, this.hash, this.surges(), this.available));
      if (running.length === 0 && shouldRun && this.surges()) missing.push(name);
    }
    for (const [node, pods] of groups) {
      if (known.has(node)) continue;
      excess.push(...pods.filter((pod) => (pod.spec.nodeName ?? "") === "" && !isTerminating(pod)));
    }
    this.carryOut({ remove: excess, createOn: missing });
  }

  /** Finished pods are made anew. */
  private finished(pods: readonly Pod[]): readonly Pod[] {
    const done = pods.filter(isFinished);
    for (const pod of done) {
      const verb = pod.status?.phase === "Failed" ? "failed" : "succeeded";
      const reason = verb === "failed" ? "FailedDaemonPod" : "SucceededDaemonPod";
      const message = `Found ${verb} daemon pod ${keyOf(pod)} on node ${pod.spec.nodeName ?? ""}, will try to ${verb === "failed" ? "kill" : "delete"} it`;
      const type = verb === "failed" ? "Warning" : "Normal";
      this.context.event({ about: this.set, type, reason, message, from: component });
    }
    return done;
  }

  private carryOut({ remove, createOn }: DaemonChanges): void {
    this.changed ||= remove.length + createOn.length > 0;
    for (const name of createOn) this.create(name);
    for (const pod of remove) this.remove(pod);
  }

  private readonly available = (pod: Pod): boolean =>
    isAvailable(pod, this.set.spec.minReadySeconds ?? 0, this.context.time);

  private surges(): boolean {
    const { type, rollingUpdate } = this.set.spec.updateStrategy ?? {};
    return type !== "OnDelete" && intOrPercent(rollingUpdate?.maxSurge ?? 0, 100, "up") > 0;
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

  /** Pods of an older template end, as many at a time as may be missing; with a surge the new one comes first. */
  private roll(): void {
    const rolling = this.set.spec.updateStrategy?.rollingUpdate;
    const nodes = this.context.store.list<Node>("Node").filter((node) => this.suits(node).shouldRun);
    const wanted = new Set(nodes.map(({ metadata }) => metadata.name));
    const maxSurge = intOrPercent(rolling?.maxSurge ?? 0, wanted.size, "up");
    const maxUnavailable = intOrPercent(rolling?.maxUnavailable ?? 1, wanted.size, "up");
    this.carryOut(
      rollDaemonPods({
        podsByNode: this.byNode(),
        hash: this.hash,
        maxSurge,
        maxUnavailable: maxSurge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable,
        wanted,
        available: this.available,
      }),
    );
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
      const [oldest] = [...pods].sort(byAge);
      if (oldest === undefined) continue;
      counts.scheduled++;
      if (isReady(oldest)) counts.ready++;
      if (this.available(oldest)) counts.available++;
      if (hashOfPod(oldest) === this.hash) counts.updated++;
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
