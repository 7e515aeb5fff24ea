import { defaultRanges } from "../../azure/network-mode.ts";
import type { AksCluster } from "../../azure/platform.ts";
import type { NetworkPolicy } from "../../kubernetes/networking.ts";
import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { Pod, PodTemplate } from "../../kubernetes/pod.ts";
import type { CronJob, Deployment } from "../../kubernetes/workloads.ts";
import { known, knownOr } from "../../model/unknown.ts";
import { formatConnections, intersection } from "./connections.ts";
import {
  createReachability,
  type PolicyEngine,
  type PolicyPod,
  type PolicyWorld,
  type Reachability,
} from "./network-policy.ts";

/** Who enforces network policies in the cluster: with Cilium's data plane it is Cilium, also where the policy is left out. */
export const policyEngine = (cluster: AksCluster | undefined): PolicyEngine => {
  if (cluster === undefined) return "kubernetes";
  const policy = knownOr(cluster.network.policy, "").toLowerCase();
  if (policy === "azure" || policy === "calico" || policy === "cilium") return policy;
  return knownOr(cluster.network.dataPlane, "").toLowerCase() === "cilium" ? "cilium" : "none";
};

/** The pods of the workloads, one for each workload, since those of one template are alike to every policy. */
export const policyPods = (objects: readonly KubeObject[]): readonly PolicyPod[] =>
  objects.flatMap((object) => {
    const template = templateOf(object);
    if (template === undefined) return [];
    const { spec, metadata } = template;
    const containers = [...spec.containers, ...(spec.initContainers ?? [])];
    return [
      {
        name: addressOf(object),
        namespace: object.metadata.namespace ?? "default",
        labels: metadata?.labels ?? {},
        ports: containers.flatMap((container) => container.ports ?? []),
        hostNetwork: spec.hostNetwork ?? false,
      },
    ];
  });

/** The spec of the pods that an object makes, or of the pod that it is. */
export const podSpecOf = (object: KubeObject): PodTemplate["spec"] | undefined => templateOf(object)?.spec;

const templated: ReadonlySet<string> = new Set(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"]);

const templateOf = (object: KubeObject): PodTemplate | undefined => {
  const template = writtenTemplate(object);
  // The kind says which shape the object should have; what the API server would refuse makes no pods.
  return Array.isArray(template?.spec?.containers) ? (template as PodTemplate) : undefined;
};

const writtenTemplate = (object: KubeObject): Partial<PodTemplate> | undefined => {
  if (object.kind === "Pod") {
    const { metadata, spec } = object as Pod;
    return { metadata: { labels: metadata.labels ?? {} }, spec };
  }
  if (object.kind === "CronJob") return (object as CronJob).spec?.jobTemplate?.spec?.template;
  return templated.has(object.kind) ? (object as Deployment).spec?.template : undefined;
};

export interface WorkloadReach {
  readonly pods: readonly PolicyPod[];
  readonly engine: PolicyEngine;
  readonly reach: Reachability;
  /** What the answers rest on beside the pods. */
  readonly world: PolicyWorld;
}

/** The workloads of a cluster and what may pass between them. */
export const workloadReach = (cluster: AksCluster | undefined, objects: readonly KubeObject[]): WorkloadReach => {
  const engine = policyEngine(cluster);
  const namespaces = new Map(
    objects
      .filter((object) => object.kind === "Namespace")
      .map((object) => [object.metadata.name, object.metadata.labels ?? {}]),
  );
  const range = cluster === undefined ? undefined : (known(cluster.network.podCidr) ?? defaultRanges.podCidr);
  const overlay = cluster !== undefined && knownOr(cluster.network.pluginMode, "") === "overlay";
  const kubenet = cluster !== undefined && knownOr(cluster.network.plugin, "") === "kubenet";
  const world: PolicyWorld = {
    engine,
    policies: objects.filter((object): object is NetworkPolicy => object.kind === "NetworkPolicy"),
    namespaces,
    ...(range !== undefined && (overlay || kubenet) ? { podRanges: [range] } : {}),
  };
  return { pods: policyPods(objects), engine, reach: createReachability(world), world };
};

/** One line of the list: `all`, `none`, or the ports. */
export interface ReachLine {
  readonly from: string;
  readonly to: string;
  readonly connections: string;
}

/** Every ordered pair of workloads, in order of name. */
export const listReach = ({ pods, reach }: WorkloadReach): readonly ReachLine[] => {
  const sorted = byName(pods);
  return sorted.flatMap((from) =>
    sorted
      .filter((to) => to !== from)
      .map((to) => ({ from: from.name, to: to.name, connections: formatConnections(reach.connections(from, to)) })),
  );
};

/** What a change opens and closes between workloads that are there before and after. */
export interface ReachChange {
  readonly from: string;
  readonly to: string;
  readonly before: string;
  readonly after: string;
  /** Something passes that did not; something does not that did. */
  readonly opens: boolean;
  readonly closes: boolean;
}

export const reachChanges = (before: WorkloadReach, after: WorkloadReach): readonly ReachChange[] => {
  const earlier = new Map(before.pods.map((pod) => [pod.name, pod]));
  const touched = touchedPods(before, after, earlier);
  const changes: ReachChange[] = [];
  if (touched.size === 0) return changes;
  const all = byName(after.pods.filter(({ name }) => earlier.has(name)));
  const some = all.filter((pod) => touched.has(pod));
  for (const from of all)
    for (const to of touched.has(from) ? all : some) {
      const [oldFrom, oldTo] = [earlier.get(from.name), earlier.get(to.name)];
      if (from === to || oldFrom === undefined || oldTo === undefined) continue;
      const was = before.reach.connections(oldFrom, oldTo);
      const is = after.reach.connections(from, to);
      if (was === is) continue;
      const [wasText, isText] = [formatConnections(was), formatConnections(is)];
      if (wasText === isText) continue;
      const both = formatConnections(intersection(was, is));
      changes.push({
        from: from.name,
        to: to.name,
        before: wasText,
        after: isText,
        opens: both !== isText,
        closes: both !== wasText,
      });
    }
  return changes;
};

const byName = (pods: readonly PolicyPod[]): readonly PolicyPod[] =>
  [...pods].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

/**
 * The pods of which a change can touch a connection at all: those in a namespace whose policies or labels change, and those whose own
 * labels or ports do. All of them where the engine or the pods' range changes.
 */
const touchedPods = (
  before: WorkloadReach,
  after: WorkloadReach,
  earlier: ReadonlyMap<string, PolicyPod>,
): ReadonlySet<PolicyPod> => {
  const [was, is] = [before.world, after.world];
  if (was.engine === "none" && is.engine === "none") return new Set();
  if (was.engine !== is.engine || was.podRanges?.join() !== is.podRanges?.join()) return new Set(after.pods);
  const [wasTexts, isTexts] = [namespaceTexts(was), namespaceTexts(is)];
  return new Set(
    after.pods.filter(
      (pod) =>
        wasTexts.get(pod.namespace) !== isTexts.get(pod.namespace) ||
        JSON.stringify(pod) !== JSON.stringify(earlier.get(pod.name)),
    ),
  );
};

/** Policies and labels of each namespace as text, to compare. */
const namespaceTexts = ({ policies, namespaces }: PolicyWorld): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>();
  for (const [name, labels] of namespaces) texts.set(name, JSON.stringify(labels));
  for (const { metadata, spec } of policies) {
    const namespace = metadata.namespace ?? "default";
    texts.set(namespace, `${texts.get(namespace) ?? ""} ${metadata.name} ${JSON.stringify(spec)}`);
  }
  return texts;
};
