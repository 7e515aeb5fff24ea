import type { KubeObject } from "../../kubernetes/object.ts";
import type { PodAffinityTerm } from "../../kubernetes/pod.ts";
import { compileLabelSelector, type LabelMatcher, type Labels } from "../../kubernetes/selectors.ts";

/** A pod (anti-)affinity term made ready. */
export interface AffinityTerm {
  readonly topologyKey: string;
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: LabelMatcher;
  readonly selector: LabelMatcher;
  readonly weight: number;
  /** Equal for terms that mean the same, weight included. */
  readonly key: string;
  /** Equal for terms that choose the same pods, whatever their topology key and weight. */
  readonly selection: string;
  /** The key of the query for the pods that it chooses. */
  readonly queryKey: string;
  /** A `key=value` that every matching pod carries, if there is one: for the index. */
  readonly label: string | undefined;
}

/** Labels of a namespace by its name. Every namespace carries `kubernetes.io/metadata.name`. */
export type NamespaceLabels = (namespace: string) => Labels;

/**
 * Compiles the terms of one list. A list with an unreadable term counts as empty, and `problem` says why.
 * Source: kube-scheduler v0.35 `framework/types.go` (newAffinityTerm).
 */
export const compileTerms = (
  ownNamespace: string,
  terms: readonly { readonly weight: number; readonly term: PodAffinityTerm }[],
): { readonly terms: readonly AffinityTerm[]; readonly problem: string | undefined } => {
  const compiled = terms.map(({ weight, term }) => compileTerm(ownNamespace, term, weight));
  const problem = compiled.find((term) => term.selector.problem ?? term.namespaceSelector.problem);
  return problem === undefined
    ? { terms: compiled, problem: undefined }
    : { terms: [], problem: problem.selector.problem ?? problem.namespaceSelector.problem };
};

const compileTerm = (
  ownNamespace: string,
  term: PodAffinityTerm | undefined = { topologyKey: "" },
  weight = 0,
): AffinityTerm => {
  const given = term.namespaces ?? [];
  const ownOnly = given.length === 0 && (term.namespaceSelector === undefined || term.namespaceSelector === null);
  const namespaces = new Set(ownOnly ? [ownNamespace] : given);
  const selection = JSON.stringify([[...namespaces], term.namespaceSelector ?? null, term.labelSelector ?? null]);
  return {
    topologyKey: term.topologyKey ?? "",
    namespaces,
    namespaceSelector: compileLabelSelector(term.namespaceSelector),
    selector: compileLabelSelector(term.labelSelector),
    weight,
    key: `${weight} ${JSON.stringify(term.topologyKey ?? "")} ${selection}`,
    selection,
    queryKey: `terms ${selection}`,
    label: indexLabel(term.labelSelector),
  };
};

/** Whether a pod of that namespace with those labels is one that the term speaks of. */
export const termMatches = (term: AffinityTerm, namespace: string, labels: Labels, of: NamespaceLabels): boolean =>
  (term.namespaces.has(namespace) || term.namespaceSelector.matches(of(namespace))) && term.selector.matches(labels);

/** A `key=value` that every object chosen by the selector carries. */
export const indexLabel = (
  selector: PodAffinityTerm["labelSelector"] | { readonly matchLabels?: Labels } | undefined,
): string | undefined => {
  const [first] = Object.entries(selector?.matchLabels ?? {});
  if (first !== undefined) return `${first[0]}=${first[1]}`;
  const expressions =
    selector !== undefined && selector !== null && "matchExpressions" in selector ? selector.matchExpressions : [];
  const exact = expressions?.find((each) => each.operator === "In" && each.values?.length === 1);
  return exact === undefined ? undefined : `${exact.key}=${exact.values?.[0]}`;
};

export const namespaceLabels = (name: string, object: KubeObject | undefined): Labels => ({
  ...object?.metadata.labels,
  "kubernetes.io/metadata.name": name,
});
