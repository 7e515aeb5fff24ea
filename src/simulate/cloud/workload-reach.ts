import { defaultRanges } from "../../azure/network-mode.ts";
import type { AksCluster } from "../../azure/platform.ts";
import type { NetworkPolicy } from "../../kubernetes/networking.ts";
import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { Pod, PodTemplate } from "../../kubernetes/pod.ts";
import type { CronJob, Deployment } from "../../kubernetes/workloads.ts";
import { known, knownOr } from "../../model/unknown.ts";
import { formatConnections } from "./connections.ts";
import { createReachability, type PolicyEngine, type PolicyPod, type Reachability } from "./network-policy.ts";

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

const templated: ReadonlySet<string> = new Set(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"]);

const templateOf = (object: KubeObject): PodTemplate | undefined => {
  if (object.kind === "Pod") {
    const { metadata, spec } = object as Pod;
    return { metadata: { labels: metadata.labels ?? {} }, spec };
  }
  if (object.kind === "CronJob") return (object as CronJob).spec.jobTemplate.spec.template;
  return templated.has(object.kind) ? (object as Deployment).spec.template : undefined;
};

export interface WorkloadReach {
  readonly pods: readonly PolicyPod[];
  readonly engine: PolicyEngine;
  readonly reach: Reachability;
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
  return {
    pods: policyPods(objects),
    engine,
    reach: createReachability({
      engine,
      policies: objects.filter((object): object is NetworkPolicy => object.kind === "NetworkPolicy"),
      namespaces,
      ...(range !== undefined && (overlay || kubenet) ? { podRanges: [range] } : {}),
    }),
  };
};

/** One line of the list: `all`, `none`, or the ports. */
export interface ReachLine {
  readonly from: string;
  readonly to: string;
  readonly connections: string;
}

/** Every ordered pair of workloads, in order of name. */
export const listReach = ({ pods, reach }: WorkloadReach): readonly ReachLine[] => {
  const sorted = [...pods].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
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
}

export const reachChanges = (before: WorkloadReach, after: WorkloadReach): readonly ReachChange[] => {
  const earlier = new Map(before.pods.map((pod) => [pod.name, pod]));
  const changes: ReachChange[] = [];
  for (const from of after.pods)
    for (const to of after.pods) {
      const [oldFrom, oldTo] = [earlier.get(from.name), earlier.get(to.name)];
      if (from === to || oldFrom === undefined || oldTo === undefined) continue;
      const was = formatConnections(before.reach.connections(oldFrom, oldTo));
      const is = formatConnections(after.reach.connections(from, to));
      if (was !== is) changes.push({ from: from.name, to: to.name, before: was, after: is });
    }
  return changes.sort((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1));
};
