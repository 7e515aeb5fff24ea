import { usesNodeProvisioning } from "../../azure/node-provisioning.ts";
import { workloadsOf } from "../../graph/pod-templates.ts";
import { defaultPod } from "../../kubernetes/defaults-pod.ts";
import { addressOf } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { HorizontalPodAutoscaler } from "../../kubernetes/workloads.ts";
import type { JsonObject } from "../../model/json.ts";
import { podRequests } from "../../simulate/scheduler/requests.ts";
import { counted, onlyCluster } from "../cluster-facts.ts";
import { eligiblePools } from "../placement/eligible-pools.ts";
import type { Rule } from "../rule.ts";
import { relatedTo, violation } from "../violation.ts";

export const scalerCeiling: Rule = {
  code: "AKS6041",
  title: "HPA asks for more pods than the pools can hold",
  severity: "warning",
  perCluster: true,
  explain: `maxReplicas says how far the HPA may go; the pools' max_count (or node_count) says how many nodes there will be for it. Counted is what would fit if nothing else ran on the nodes that the pods
may be placed on, so the real figure is lower.
What happens: under load the HPA raises replicas past what fits, and the rest stay Pending while the pods that run are overloaded.
Mend: a higher max_count, a larger VM size, smaller requests, or a lower maxReplicas.
Source: "Scaling options for applications in AKS"; "Use the cluster autoscaler in AKS".`,
  *check(world) {
    const cluster = onlyCluster(world);
    if (cluster === undefined || usesNodeProvisioning(cluster) || cluster.addons.virtualNode !== undefined) return;
    const prediction = world.predictions.find((each) => each.cluster === cluster.address);
    if (prediction === undefined || prediction.pools.length < cluster.pools.length) return;
    for (const source of world.objects) {
      if (source.object.kind !== "HorizontalPodAutoscaler") continue;
      const { spec } = source.object as HorizontalPodAutoscaler;
      const workload = workloadsOf(world.objects).find(
        ({ kind, name, namespace }) =>
          kind === spec?.scaleTargetRef?.kind &&
          name === spec.scaleTargetRef.name &&
          namespace === (source.object.metadata.namespace ?? "default"),
      );
      if (workload === undefined || typeof spec?.maxReplicas !== "number") continue;
      const pod = defaultPod({ metadata: {}, spec: workload.spec } as unknown as JsonObject) as unknown as Pod;
      const requests = podRequests(pod);
      const milliCpu = requests.get("cpu") ?? 0;
      const memory = (requests.get("memory") ?? 0) / 1000;
      const eligible = new Set(eligiblePools(world, cluster.address, workload).map(({ pool }) => pool.address));
      const parts = prediction.pools.flatMap((pool) => {
        if (!eligible.has(pool.address)) return [];
        const { allocatable } = pool;
        const each = Math.floor(
          Math.min(
            allocatable.pods,
            milliCpu === 0 ? Number.POSITIVE_INFINITY : allocatable.milliCpu / milliCpu,
            memory === 0 ? Number.POSITIVE_INFINITY : allocatable.memory / memory,
          ),
        );
        const nodes = Math.max(pool.max, pool.nodes.predicted.high);
        return [{ name: pool.name, nodes, each }];
      });
      const most = parts.reduce((sum, { nodes, each }) => sum + nodes * each, 0);
      if (parts.length === 0 || most >= spec.maxReplicas) continue;
      yield violation(scalerCeiling, {
        subject: addressOf(source.object),
        range: source.rangeAt(["spec", "maxReplicas"]),
        detail: `${addressOf(source.object)} may ask for ${spec.maxReplicas} pods of ${workload.address}, but its pools hold at most ${most}, with nothing else on them (${parts.map(({ name, nodes, each }) => `pool "${name}" ${counted(nodes, "node")} × ${each}`).join(", ")}): at least ${spec.maxReplicas - most} would stay Pending. Raise max_count or lower maxReplicas.`,
        evidence: { maxReplicas: spec.maxReplicas, mostPods: most },
        related: relatedTo(["the workload", workload.source.range]),
      });
    }
  },
};
