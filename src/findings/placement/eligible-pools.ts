import type { Workload } from "../../graph/pod-templates.ts";
import { compileRequiredNodeAffinity } from "../../kubernetes/selectors.ts";
import { known } from "../../model/unknown.ts";
import { parseTaint } from "../../simulate/nodes/node-template.ts";
import { tolerates } from "../../simulate/scheduler/taint-toleration.ts";
import { type ClusterPool, isWindows, nameOf, poolsOf, taintsOf } from "../cluster-facts.ts";
import type { World } from "../rule.ts";

/** Pools that a workload's pods may be placed on by taints, node selector and required affinity. Where a label cannot be told, they may. */
export const eligiblePools = (world: World, cluster: string, workload: Workload): readonly ClusterPool[] =>
  poolsOf(world).filter(
    ({ cluster: own, pool }) =>
      own.address === cluster && tolerated(workload, taintsOf(pool)) && matches(workload, { cluster: own, pool }),
  );

/** Those of them that node selector and required affinity let in, whatever their taints. */
export const matchingPools = (world: World, cluster: string, workload: Workload): readonly ClusterPool[] =>
  poolsOf(world).filter(
    ({ cluster: own, pool }) => own.address === cluster && matches(workload, { cluster: own, pool }),
  );

const tolerated = ({ spec }: Workload, taints: readonly string[]): boolean =>
  taints
    .flatMap((text) => parseTaint(text) ?? [])
    .filter(({ effect }) => effect !== "PreferNoSchedule")
    .every((taint) => tolerates(spec.tolerations ?? [], taint));

const matches = (workload: Workload, { pool }: ClusterPool): boolean => {
  const matcher = compileRequiredNodeAffinity(workload.spec);
  if (matcher === undefined) return true;
  const asked = new Set([
    ...Object.keys(workload.spec.nodeSelector ?? {}),
    ...(
      workload.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
    ).flatMap(({ matchExpressions = [] }) => matchExpressions.map(({ key }) => key)),
  ]);
  const name = nameOf(pool);
  const labels: Readonly<Record<string, string>> = {
    ...pool.labels,
    "kubernetes.io/os": isWindows(pool) ? "windows" : "linux",
    agentpool: name,
    "kubernetes.azure.com/agentpool": name,
    "kubernetes.azure.com/mode": pool.isDefault ? "system" : (known(pool.mode) ?? "User").toLowerCase(),
    "node.kubernetes.io/instance-type": known(pool.vmSize) ?? "",
  };
  // Labels that AKS gives, such as those of zones and of the VM size, are not listed here.
  const isOpen = [...asked].some((key) => labels[key] === undefined && /(kubernetes|azure|k8s)\.(io|com)\//.test(key));
  return isOpen || matcher.matches(labels, "");
};
