import type { LabelSelectorRequirement } from "../../kubernetes/object.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import { wellKnownLabels } from "./karpenter-labels.ts";
import {
  intersection,
  intersects,
  operatorOf,
  type Requirement,
  requirement,
  requirementText,
} from "./karpenter-requirement.ts";

/** What is asked of a node's labels, by key. Source: kubernetes-sigs/karpenter v1.14.0 `pkg/scheduling/requirements.go`. */
export type Requirements = ReadonlyMap<string, Requirement>;

export const noRequirements: Requirements = new Map();

/** All of the given ones; two on one key become their intersection. The first map itself where nothing is taken away. */
export const joined = (base: Requirements, more: Iterable<Requirement>): Requirements => {
  let result: Map<string, Requirement> | undefined;
  for (const each of more) {
    const known = (result ?? base).get(each.key);
    const both = known === undefined ? each : intersection(known, each);
    if (both === known) continue;
    result ??= new Map(base);
    result.set(each.key, both);
  }
  return result ?? base;
};

export const requirementsOf = (given: Iterable<Requirement>): Requirements => joined(noRequirements, given);

export const labelRequirements = (labels: Readonly<Record<string, string>>): Requirements =>
  requirementsOf(Object.entries(labels).map(([key, value]) => requirement(key, "In", [value])));

export const expressionRequirements = (expressions: readonly LabelSelectorRequirement[]): readonly Requirement[] =>
  expressions.map(({ key, operator, values }) => requirement(key, operator, values ?? []));

/**
 * What a pod asks: its nodeSelector and the first of its required node affinity terms, and with `preferred` the heaviest of its
 * preferred ones too; the others come into play as the first are given up.
 */
export const podRequirements = (pod: Pod, preferred: boolean): Requirements => {
  const base = labelRequirements(pod.spec.nodeSelector ?? {});
  const affinity = pod.spec.affinity?.nodeAffinity;
  if (affinity === undefined || affinity === null) return base;
  const wishes = preferred ? (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []) : [];
  const heaviest = [...wishes].sort((a, b) => b.weight - a.weight)[0];
  const first = affinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0];
  return joined(base, [
    ...expressionRequirements(heaviest?.preference.matchExpressions ?? []),
    ...expressionRequirements(first?.matchExpressions ?? []),
  ]);
};

/** Why the two cannot both hold on the keys that both have; undefined where they can. */
export const conflictOf = (have: Requirements, ask: Requirements): string | undefined => {
  for (const [key, asked] of ask) {
    const known = have.get(key);
    if (known === undefined || intersects(known, asked) || (isAbsence(known) && isAbsence(asked))) continue;
    return `${requirementText(asked)} does not go with ${requirementText(known)}`;
  }
  return undefined;
};

/**
 * Why a node with these requirements could not meet the others: a label that is not known there is refused, unless the operator is
 * NotIn or DoesNotExist, or (`wellKnown`) instance types may bring it.
 */
export const incompatibility = (
  have: Requirements,
  ask: Requirements,
  options: { readonly wellKnown: boolean },
): string | undefined => {
  for (const [key, asked] of ask) {
    if (have.has(key) || isAbsence(asked) || (options.wellKnown && wellKnownLabels.has(key))) continue;
    return `label "${key}" is not known there`;
  }
  return conflictOf(have, ask);
};

const isAbsence = (given: Requirement): boolean => {
  const operator = operatorOf(given);
  return operator === "NotIn" || operator === "DoesNotExist";
};
