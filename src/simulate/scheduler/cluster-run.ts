import type { Pod } from "../../kubernetes/pod.ts";
import type { PersistentVolume, PersistentVolumeClaim } from "../../kubernetes/storage.ts";
import type { Scheduler } from "./api.ts";
import type { ClusterInput } from "./cluster-input.ts";
import type { VolumeBinding } from "./decision.ts";
import { podKey } from "./pod-record.ts";
import { boundClaim, boundVolume, provisionVolume } from "./provision-volume.ts";

/** When a pod bound in a run counts as started: 2034-01-01T00:00:00Z, plus a second for each binding up to it. */
const BOUND_SINCE = Date.UTC(2034, 0, 1);

/** A claim bound in the run. */
export interface BoundVolume {
  readonly claim: string;
  readonly pv: string;
  readonly mode: "static" | "provisioned";
}

/** A cluster in which decisions are carried out: pods are bound with their volumes, victims vanish at once. */
export class ClusterRun {
  readonly scheduler: Scheduler;
  readonly nodeNames: ReadonlySet<string>;
  private readonly input: ClusterInput;
  private readonly pods = new Map<string, Pod>();
  private readonly claims = new Map<string, PersistentVolumeClaim>();
  private readonly volumes = new Map<string, PersistentVolume>();
  private bindings = 0;

  constructor(scheduler: Scheduler, input: ClusterInput) {
    this.scheduler = scheduler;
    this.input = input;
    this.nodeNames = new Set(input.nodes.map(({ metadata }) => metadata.name));
    for (const object of input.others) {
      scheduler.setObject(object);
      const { name, namespace } = object.metadata;
      if (object.kind === "PersistentVolumeClaim") {
        this.claims.set(podKey(namespace ?? "", name), object as PersistentVolumeClaim);
      } else if (object.kind === "PersistentVolume") this.volumes.set(name, object as PersistentVolume);
    }
    for (const node of input.nodes) scheduler.setNode(node);
    for (const pod of input.bound) scheduler.setPod(pod);
    for (const pod of input.pending) {
      this.pods.set(keyOf(pod), pod);
      if (pod.status?.nominatedNodeName) scheduler.setPod(pod);
    }
  }

  /** The pending pod as it stands, with its present nomination. */
  pending(key: string): Pod | undefined {
    return this.pods.get(key);
  }

  /** Binds a pod, and with it the claims that the decision names. */
  bind(pod: Pod, nodeName: string, volumes: readonly VolumeBinding[]): readonly BoundVolume[] {
    const bound = volumes.map((each) => this.bindVolume(each, nodeName));
    this.bindings++;
    this.scheduler.bind(pod, nodeName, BOUND_SINCE + this.bindings * 1000);
    this.pods.delete(keyOf(pod));
    return bound;
  }

  private bindVolume({ namespace, claim: claimName, volume }: VolumeBinding, nodeName: string): BoundVolume {
    const key = podKey(namespace, claimName);
    const claim = this.claims.get(key);
    if (claim === undefined) throw new Error(`claim ${key} is to be bound and not there`);
    const existing = volume === undefined ? undefined : this.volumes.get(volume);
    const made = existing === undefined ? provisionVolume(claim, nodeName, this.input) : boundVolume(existing, claim);
    this.volumes.set(made.metadata.name, made);
    const done = boundClaim(claim, made.metadata.name);
    this.claims.set(key, done);
    this.scheduler.setObject(made);
    this.scheduler.setObject(done);
    return { claim: key, pv: made.metadata.name, mode: existing === undefined ? "provisioned" : "static" };
  }

  /** Takes victims away, drops nominations of lower priority on the node, and nominates the pod there. Returns victims that are not there. */
  preempt(pod: Pod, nodeName: string, victims: readonly string[]): readonly string[] {
    const missing = victims.filter((key) => {
      const [namespace, name] = splitKey(key);
      if (this.scheduler.nodeOf(namespace, name) === undefined) return true;
      this.scheduler.removePod(namespace, name);
      return false;
    });
    for (const other of this.pods.values()) {
      const isLower = (other.spec.priority ?? 0) < (pod.spec.priority ?? 0);
      if (isLower && other.status?.nominatedNodeName === nodeName) this.nominate(other, undefined);
    }
    this.nominate(pod, nodeName);
    return missing;
  }

  private nominate(pod: Pod, nodeName: string | undefined): void {
    const { nominatedNodeName: _, ...status } = pod.status ?? {};
    const changed: Pod = {
      ...pod,
      status: nodeName === undefined ? status : { ...status, nominatedNodeName: nodeName },
    };
    this.pods.set(keyOf(pod), changed);
    this.scheduler.setPod(changed);
  }
}

export const keyOf = ({ metadata }: Pod): string => podKey(metadata.namespace ?? "default", metadata.name);

const splitKey = (key: string): readonly [string, string] => {
  const at = key.indexOf("/");
  return at < 0 ? ["default", key] : [key.slice(0, at), key.slice(at + 1)];
};
