import { assumedKubernetesVersion } from "../../azure/kubernetes-version.ts";
import { networkMode } from "../../azure/network-mode.ts";
import { memoryCapacityNote } from "../../azure/node-resources.ts";
import type { AksCluster } from "../../azure/platform.ts";
import { isUnknown, known, knownOr } from "../../model/unknown.ts";
import type { Assumption } from "../prediction.ts";
import { assumedVmSize } from "./node-template.ts";
import { type SystemObjectsOptions, workloadsOf } from "./system-objects.ts";

/** What the nodes and system pods of a cluster rest on that the input does not say. */
export const nodeAssumptions = (cluster: AksCluster, options: SystemObjectsOptions = {}): readonly Assumption[] => {
  const found: Assumption[] = [
    {
      key: "nodeMemoryCapacity",
      text: memoryCapacityNote,
      override: "nodes given with --cluster-dump",
      certainty: "likely",
    },
    {
      key: "nodeNames",
      text: "The eight digits in names of nodes and scale sets are made from the cluster's name here; Azure makes other ones.",
      override: "nodes given with --cluster-dump",
      certainty: "documented",
    },
  ];
  if (known(cluster.kubernetesVersion) === undefined)
    found.push({
      key: "kubernetesVersion",
      text: `kubernetes_version is ${isUnknown(cluster.kubernetesVersion) ? "not known before apply" : "left out"}; the cluster is taken as ${assumedKubernetesVersion}.`,
      override: "kubernetes_version in the configuration",
      certainty: "likely",
    });
  for (const pool of cluster.pools) found.push(...poolAssumptions(cluster, pool));
  return [...found, ...workloadAssumptions(cluster, options)];
};

const poolAssumptions = (cluster: AksCluster, pool: AksCluster["pools"][number]): readonly Assumption[] => {
  const name = knownOr(pool.name, "?");
  const found: Assumption[] = [];
  if (known(pool.vmSize) === undefined)
    found.push({
      key: `vmSize/${name}`,
      text: `vm_size of pool "${name}" is ${isUnknown(pool.vmSize) ? "not known before apply" : "left out"}; taken as ${assumedVmSize}.`,
      override: "vm_size in the configuration",
      certainty: "uncertain",
    });
  const mode = networkMode(cluster, pool);
  if (known(pool.maxPods) === undefined && (mode === "podSubnet" || mode === "podSubnetStatic"))
    found.push({
      key: `maxPods/${name}`,
      text: `max_pods of pool "${name}" is left out; with a pod subnet the documentation gives 110 on one page and 250 on another; taken as 110.`,
      override: "max_pods in the configuration",
      certainty: "uncertain",
    });
  return found;
};

const workloadAssumptions = (cluster: AksCluster, options: SystemObjectsOptions): readonly Assumption[] => {
  const workloads = workloadsOf(cluster, options);
  const silent = workloads.filter((workload) => workload.requests === undefined).map((workload) => workload.name);
  const guessed = workloads
    .filter((workload) => workload.requests !== undefined && workload.certainty.startsWith("guess"))
    .map((workload) => workload.name);
  const found: Assumption[] = [];
  if (silent.length > 0)
    found.push({
      key: "systemRequestsUnknown",
      text: `Requests of ${silent.join(", ")} are neither published nor observed; they count as pods without requests.`,
      override: "pods given with --cluster-dump",
      certainty: "uncertain",
    });
  if (guessed.length > 0)
    found.push({
      key: "systemRequestsGuessed",
      text: `Requests of ${guessed.join(", ")} are those of the upstream charts, not observed on AKS.`,
      override: "pods given with --cluster-dump",
      certainty: "uncertain",
    });
  return found;
};
