import type { Scenario } from "../../model/scenario.ts";
import type { Assumption } from "../prediction.ts";

/** What the machinery does when the scenario's events come, with the document that says so, or that none does. */
export const eventAssumptions = (scenario: Scenario): readonly Assumption[] => {
  const has = (...kinds: readonly string[]): boolean =>
    scenario.events.some(({ action }) => kinds.includes(action.kind));
  const found: Assumption[] = [];
  const assume = (
    key: string,
    certainty: Assumption["certainty"],
    override: string,
    text: string,
    source: string,
  ): void => {
    found.push({ key, text, override, certainty, source });
  };
  if (has("nodeFailure", "zoneLoss"))
    assume(
      "nodeLost",
      "documented",
      "tolerationSeconds of the pods",
      "A node that does not answer is NotReady after 50 s; its pods are evicted 300 s later, one node every 10 s.",
      "kube-controller-manager 1.35: --node-monitor-grace-period, --node-eviction-rate; admission DefaultTolerationSeconds",
    );
  if (scenario.events.some(({ action }) => action.kind === "nodeFailure" && action.duration === undefined))
    assume(
      "nodeRepair",
      "uncertain",
      "for in the event",
      "AKS repairs a failed node in 15 min: ten without an answer, and five for the restart.",
      '"Node auto-repair in Azure Kubernetes Service" for the ten minutes; how long a repair takes is not published',
    );
  if (has("spotEviction"))
    assume(
      "spotNotice",
      "documented",
      "for in the event, which says how long no new ones come",
      "Spot machines vanish 30 s after the notice.",
      '"Use Azure Spot Virtual Machines": at least 30 seconds',
    );
  if (has("registryDown"))
    assume(
      "pullRetry",
      "documented",
      "for in the event",
      "An image is asked for again after 10 s, then 20 s and so on up to 5 min.",
      "Kubernetes, Images: ImagePullBackOff",
    );
  if (has("upgrade", "rotatePool", "apply")) {
    assume(
      "upgradeRule",
      "likely",
      "upgrade_settings of the pool",
      "Surge nodes come first, then each old node is cordoned, drained, left to soak and reimaged. max_surge is 10 % where it is left out (1 node before 1.32), rounded up; soak 0.",
      '"Upgrade options and recommendations for AKS clusters", AKS release notes of 2025-03-16',
    );
    assume(
      "drainTimeout",
      "documented",
      "upgrade_settings.drain_timeout_in_minutes",
      "A drain asks again every 5 s where a budget refuses, and ends the operation after 30 min where the pool does not say otherwise.",
      '"Upgrade options and recommendations for AKS clusters"',
    );
    assume(
      "autoscalerWhileUpgrading",
      "uncertain",
      "none",
      "While nodes of a pool are renewed the autoscaler removes none of them, and may go over max_count by the surge nodes.",
      "not documented by AKS",
    );
  }
  if (has("apply")) applyAssumptions(assume);
  return found;
};

const applyAssumptions = (
  assume: (key: string, certainty: Assumption["certainty"], override: string, text: string, source: string) => void,
): void => {
  assume(
    "applyOrder",
    "documented",
    "none",
    "Pools that go are deleted before the cluster's own resource is touched, the other pools are changed after it, all at the same time; where the cluster does not change nothing waits. An error keeps back what depends on it.",
    "Terraform, docs/destroying.md",
  );
  assume(
    "manifestsAfterApply",
    "uncertain",
    "manifests: before in the event",
    "Manifests are applied at once after a successful terraform apply, replicas that they name among them; objects that are gone from them are deleted.",
    "an assumption: pipelines differ; kubectl apply alone deletes nothing",
  );
  assume(
    "poolDeletion",
    "likely",
    "none",
    "A pool that is deleted or made smaller is drained as far as budgets allow, all nodes at once; the highest numbers go first.",
    '"Delete an AKS node pool" (--ignore-pod-disruption-budget), "Scaling options for applications in AKS"; that all drain at once is assumed',
  );
  assume(
    "controlPlaneUpgrade",
    "uncertain",
    "none",
    "The control plane's own upgrade takes no time and stops nobody.",
    "how long it takes is not published",
  );
};
