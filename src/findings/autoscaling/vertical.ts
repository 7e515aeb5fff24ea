import { addressOf } from "../../kubernetes/object.ts";
import { known } from "../../model/unknown.ts";
import { verticalBounds, verticalWords } from "../../simulate/autoscaling/vertical.ts";
import { predictedPools } from "../../simulate/predict-pools.ts";
import type { Rule, World } from "../rule.ts";
import { violation } from "../violation.ts";

export const verticalScaler: Rule = {
  code: "AKS6050",
  title: "A VerticalPodAutoscaler sets the requests of a workload",
  severity: "info",
  perCluster: true,
  explain: `A VPA replaces the requests of new pods, and with updateMode Auto or Recreate evicts running ones for it. What it will ask for depends on use, which nobody knows
before it runs: predictions take the requests of the manifest. The bounds say how far it may go.
Source: Kubernetes autoscaler, vertical-pod-autoscaler; "Use the Vertical Pod Autoscaler in AKS".`,
  *check(world) {
    for (const { bounds, range } of bounded(world))
      yield violation(verticalScaler, {
        subject: bounds.scaler,
        range,
        detail: `${bounds.scaler} sets the requests of ${bounds.workload}, ${verticalWords(bounds)}. What is predicted takes the requests of the manifest.`,
      });
  },
};

export const verticalBeyondNodes: Rule = {
  code: "AKS6051",
  title: "A VerticalPodAutoscaler may ask for more than any node has",
  severity: "warning",
  perCluster: true,
  explain: `The recommender knows no nodes (unless it is told a cap). Where minAllowed or maxAllowed let a pod ask for more than an empty node of any pool has, the next pod of the
workload is Pending for good, and with updateMode Auto a running one is evicted for it.
What happens: "Insufficient cpu" or "Insufficient memory" on every node; the cluster autoscaler does not help, since no pool would hold the pod.
Mend: maxAllowed of all containers together below the allocatable of the largest node, less the DaemonSets on it.
Source: Kubernetes autoscaler, vertical-pod-autoscaler FAQ and known limitations.`,
  *check(world) {
    for (const { bounds, range, isWhole } of bounded(world)) {
      if (!isWhole || bounds.updateMode === "Off" || bounds.fitsAtMost.length > 0 || bounds.fitsNow.length === 0)
        continue;
      yield violation(verticalBeyondNodes, {
        subject: bounds.scaler,
        range,
        detail: `${bounds.scaler} may raise the requests of ${bounds.workload} beyond every node, ${verticalWords(bounds)}: such a pod stays Pending. Lower maxAllowed, or give it a pool of larger nodes.`,
      });
    }
  },
};

const bounded = (world: World) =>
  world.platform.clusters
    .filter(({ isData }) => !isData)
    .slice(0, 1)
    .flatMap((cluster) => {
      const objects = world.objects.map(({ object }) => object);
      if (!objects.some(({ kind }) => kind === "VerticalPodAutoscaler")) return [];
      const { pools, leftOut } = predictedPools(cluster, world.sizes);
      // Sizes that are not known, or that node auto-provisioning chooses, may hold what the pools do not.
      const isAutomatic = known(cluster.nodeProvisioningMode)?.toLowerCase() === "auto";
      const isWhole = leftOut.length === 0 && pools.length > 0 && !isAutomatic && world.isPartial !== true;
      return verticalBounds(objects, pools).map((bounds) => ({
        bounds,
        isWhole,
        range: world.objects.find(({ object }) => addressOf(object) === bounds.scaler)?.range,
      }));
    });
