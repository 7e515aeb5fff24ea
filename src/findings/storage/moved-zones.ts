import { usesNodeProvisioning } from "../../azure/node-provisioning.ts";
import { claimTemplatesOf, type Workload, workloadsOf } from "../../graph/pod-templates.ts";
import { isUnknown, known } from "../../model/unknown.ts";
import { managedClusters } from "../cluster-facts.ts";
import { eligiblePools } from "../placement/eligible-pools.ts";
import type { Rule } from "../rule.ts";
import { violation } from "../violation.ts";

export const disksLeftBehind: Rule = {
  code: "AKS4020",
  title: "The change leaves disks in a zone without nodes",
  severity: "error",
  perCluster: true,
  explain: `A locally redundant disk is in one zone for good, and a pod that mounts it runs on a node of that zone. When the pools' zones change the disks stay where they are. Zone-redundant disks and
Azure Files do not mind.
What happens: the pods stay Pending, "node(s) had volume node affinity conflict", as soon as their old node is gone.
Mend: keep a pool in the disk's zone, or move the data first: a snapshot, and a disk from it in the new zone.
Source: "Use availability zones in AKS"; "Storage options for applications in AKS".`,
  *check(world) {
    if (world.base === undefined) return;
    for (const cluster of managedClusters(world)) {
      const before = world.base.predictions.find((each) => each.cluster === cluster.address);
      if (before === undefined || usesNodeProvisioning(cluster)) continue;
      const zones = new Map(
        before.volumes.flatMap(({ claim, kind, zone }) =>
          kind === "disk" && zone !== undefined && /-\d$/.test(zone) ? [[claim, zone] as const] : [],
        ),
      );
      if (zones.size === 0) continue;
      for (const workload of workloadsOf(world.objects)) {
        const pools = eligiblePools(world, cluster.address, workload).map(({ pool }) => pool);
        if (pools.length === 0 || pools.some(({ zones: given }) => isUnknown(given))) continue;
        const offered = new Set(pools.flatMap((pool) => known(pool.zones) ?? []));
        const lost = claimsOf(workload, zones).filter(([, zone]) => !offered.has(zone.slice(-1)));
        const [first] = lost;
        if (first === undefined) continue;
        const [pool] = pools;
        yield violation(disksLeftBehind, {
          subject: workload.address,
          range: pool?.rangeAt("zones") ?? workload.source.range,
          detail: `${lost.length === 1 ? `The disk of claim ${first[0]} is` : `${lost.length} disks of ${workload.address}, of claim ${first[0]} first, are`} in zone ${first[1].slice(-1)} since before the change, and its pools now have ${offered.size === 0 ? "no zones" : `nodes in zone ${[...offered].sort().join(", ")} only`}: ${lost.length === 1 ? "its pod stays" : "their pods stay"} Pending with a volume node affinity conflict. Keep a pool in zone ${first[1].slice(-1)}, or move the data first.`,
          evidence: { disks: lost.length, zone: first[1] },
        });
      }
    }
  },
};

const claimsOf = (workload: Workload, zones: ReadonlyMap<string, string>): readonly (readonly [string, string])[] => {
  const mounted = (workload.spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim === undefined ? [] : [`${workload.namespace}/${claim.claimName}`],
  );
  const made = claimTemplatesOf(workload).flatMap(({ metadata }) =>
    Array.from(
      { length: workload.replicas ?? 0 },
      (_, ordinal) => `${workload.namespace}/${metadata?.name}-${workload.name}-${ordinal}`,
    ),
  );
  return [...mounted, ...made].flatMap((claim) => {
    const zone = zones.get(claim);
    return zone === undefined ? [] : [[claim, zone] as const];
  });
};
