import type { Node } from "../../kubernetes/node.ts";
import { addressOf, type KubeObject } from "../../kubernetes/object.ts";
import type { Container, Pod, ResourceList } from "../../kubernetes/pod.ts";
import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import { type Diagnostic, diagnostic } from "../../model/diagnostic.ts";
import { PodClasses } from "./pod-class.ts";

/** What of nodes and pods the API server would not have let in, or will keep pods pending: for people, before decisions are made. */
export const inputProblems = (nodes: readonly Node[], pods: readonly Pod[]): readonly Diagnostic[] => {
  const problems: Diagnostic[] = [];
  const keys = new Set(nodes.flatMap(({ metadata }) => Object.keys(metadata.labels ?? {})));
  for (const node of nodes) problems.push(...nodeProblems(node));
  const classes = new PodClasses();
  const seen = new Set<number>();
  for (const pod of pods) {
    problems.push(...quantityProblems(pod));
    if (pod.spec.affinity === undefined && (pod.spec.topologySpreadConstraints ?? []).length === 0) continue;
    const podClass = classes.of(pod);
    // Pods of one template have the same problems; one of them is told of.
    if (seen.has(podClass.id)) continue;
    seen.add(podClass.id);
    const { shape } = podClass;
    const unreadable =
      podClass.affinityProblem ??
      podClass.spreadProblem ??
      shape.requiredNodeAffinity?.problem ??
      shape.preferredProblem;
    if (unreadable !== undefined) {
      const detail = `${unreadable}. The API server would not accept it; what it is part of matches nothing.`;
      problems.push(problem(pod, "AKS9606", "error", "A selector cannot be read", detail));
    }
    const wanted = [...podClass.hardSpread, ...podClass.requiredAffinity, ...podClass.requiredAntiAffinity].map(
      ({ topologyKey }) => topologyKey,
    );
    for (const key of new Set(wanted)) {
      if (keys.has(key) || nodes.length === 0) continue;
      const detail = `No node carries the label "${key}", which a required term or constraint takes as its topology key. Label the nodes, or use another key such as topology.kubernetes.io/zone.`;
      problems.push(problem(pod, "AKS9607", "warning", "A topology key is on no node", detail));
    }
  }
  return problems;
};

const problem = (
  object: KubeObject,
  code: string,
  severity: "error" | "warning",
  summary: string,
  detail: string,
): Diagnostic => {
  const subject = addressOf(object);
  return diagnostic({ code, severity, summary, detail: `${subject}: ${detail}`, subject });
};

const nodeProblems = (node: Node): readonly Diagnostic[] => {
  const { allocatable, capacity } = node.status ?? {};
  const room = allocatable ?? capacity;
  if (room === undefined || Object.keys(room).length === 0) {
    const detail = "status.allocatable is missing, so nothing fits on it. Give at least cpu, memory and pods.";
    return [problem(node, "AKS9605", "warning", "A node has no allocatable resources", detail)];
  }
  return wrongAmounts(room).map((text) => badQuantity(node, `status.allocatable ${text}`));
};

const quantityProblems = (pod: Pod): readonly Diagnostic[] => {
  const { spec } = pod;
  const wrong: string[] = [];
  const look = (place: string, list: ResourceList | undefined): void => {
    if (list === undefined) return;
    for (const text of wrongAmounts(list)) wrong.push(`${place} ${text}`);
  };
  const lookAt = (containers: readonly Container[] | undefined): void => {
    for (const { name, resources } of containers ?? []) {
      look(`requests of container ${name}`, resources?.requests);
      if (resources?.limits !== resources?.requests) look(`limits of container ${name}`, resources?.limits);
    }
  };
  lookAt(spec.containers);
  lookAt(spec.initContainers);
  look("overhead", spec.overhead);
  look("pod-level requests", spec.resources?.requests);
  return wrong.map((text) => badQuantity(pod, text));
};

const badQuantity = (object: KubeObject, text: string): Diagnostic =>
  problem(
    object,
    "AKS9604",
    "error",
    "A quantity cannot be used",
    `${text}. It counts as nothing; give a quantity such as 500m or 1Gi.`,
  );

const none: readonly string[] = [];

const wrongAmounts = (list: ResourceList): readonly string[] => {
  let wrong = none;
  for (const name in list) {
    const amount = list[name];
    if (amount === undefined) continue;
    const milli = quantityMilliValue(amount);
    if (milli !== undefined && milli >= 0) continue;
    const text = milli === undefined ? `"${amount}", which is no quantity` : `${amount}, which is less than nothing`;
    wrong = [...wrong, `${name} is ${text}`];
  }
  return wrong;
};
