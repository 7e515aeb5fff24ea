import type { Node, Taint } from "../../kubernetes/node.ts";
import type { PodSpec, Toleration } from "../../kubernetes/pod.ts";
import { compileRequiredNodeAffinity } from "../../kubernetes/selectors.ts";

/** The tolerations that every pod of a DaemonSet gets (pkg/controller/daemon/util/daemonset_util.go, AddOrUpdateDaemonPodTolerations, v1.35). */
export const withDaemonTolerations = (spec: PodSpec): PodSpec => {
  const added: Toleration[] = [
    { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
    { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
    { key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" },
    { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
    { key: "node.kubernetes.io/pid-pressure", operator: "Exists", effect: "NoSchedule" },
    { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
  ];
  if (spec.hostNetwork === true) {
    added.push({ key: "node.kubernetes.io/network-unavailable", operator: "Exists", effect: "NoSchedule" });
  }
  const tolerations = [...(spec.tolerations ?? [])];
  for (const toleration of added) {
    const same = tolerations.findIndex(
      (given) =>
        given.key === toleration.key &&
        given.effect === toleration.effect &&
        (given.operator ?? "Equal") === toleration.operator &&
        (given.value ?? "") === "",
    );
    if (same === -1) tolerations.push(toleration);
    else tolerations[same] = toleration;
  }
  return { ...spec, tolerations };
};

/** Binds a daemon's pod to its node by affinity to the node's name (ReplaceDaemonSetPodNodeNameNodeAffinity). */
export const pinnedToNode = (spec: PodSpec, nodeName: string): PodSpec => {
  const matchFields = [{ key: "metadata.name", operator: "In", values: [nodeName] }];
  const affinity = spec.affinity?.nodeAffinity;
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return {
    ...spec,
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...affinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms:
            terms === undefined || terms.length === 0
              ? [{ matchFields }]
              : terms.map((term) => ({ ...term, matchFields })),
        },
      },
    },
  };
};

/** The node that a pod is bound to by affinity, for pods that have no node yet. */
export const pinnedNode = (spec: PodSpec): string | undefined =>
  spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
    .flatMap((term) => term.matchFields ?? [])
    .find((field) => field.key === "metadata.name" && field.operator === "In" && field.values?.length === 1)
    ?.values?.[0];

/** Whether a daemon should run on a node, and whether a pod that is there may stay (NodeShouldRunDaemonPod, v1.35). */
export const createDaemonFit = (
  templateSpec: PodSpec,
): ((node: Node) => { readonly shouldRun: boolean; readonly mayStay: boolean }) => {
  const spec = withDaemonTolerations(templateSpec);
  const affinity = compileRequiredNodeAffinity(spec);
  return (node) => {
    if (spec.nodeName !== undefined && spec.nodeName !== "" && spec.nodeName !== node.metadata.name) {
      return { shouldRun: false, mayStay: false };
    }
    if (affinity !== undefined && !affinity.matches(node.metadata.labels ?? {}, node.metadata.name))
      return { shouldRun: false, mayStay: false };
    const taints = node.spec?.taints ?? [];
    const untolerated = (effects: readonly string[]): boolean =>
      taints.some((taint) => effects.includes(taint.effect) && !spec.tolerations?.some((one) => tolerates(one, taint)));
    return { shouldRun: !untolerated(["NoSchedule", "NoExecute"]), mayStay: !untolerated(["NoExecute"]) };
  };
};

/** Whether a toleration covers a taint (component-helpers scheduling/corev1, ToleratesTaint). */
export const tolerates = (toleration: Toleration, taint: Taint): boolean => {
  if (toleration.effect !== undefined && toleration.effect !== "" && toleration.effect !== taint.effect) return false;
  if (toleration.key !== undefined && toleration.key !== "" && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? "Equal") {
    case "":
    case "Equal":
      return (toleration.key ?? "") !== "" && (toleration.value ?? "") === (taint.value ?? "");
    case "Exists":
      return true;
    default:
      return false;
  }
};
