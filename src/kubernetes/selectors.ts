import type { LabelSelector, LabelSelectorRequirement } from "./object.ts";
import type { NodeSelector, NodeSelectorTerm, PodSpec } from "./pod.ts";

export type Labels = Readonly<Record<string, string>>;

/** A selector made ready for matching many objects. */
export interface LabelMatcher {
  readonly matches: (labels: Labels | undefined) => boolean;
  /** Why the selector cannot be read; it then matches nothing. */
  readonly problem: string | undefined;
  /** True for the empty selector. */
  readonly everything: boolean;
}

/** A node selector made ready: `matches` takes a node's labels and its name. */
export interface NodeMatcher {
  readonly matches: (labels: Labels | undefined, nodeName: string) => boolean;
  readonly problem: string | undefined;
}

/**
 * Compiles a label selector: absent matches nothing, empty matches everything, one that cannot be read matches nothing and says why.
 * Source: apimachinery v0.35 `LabelSelectorAsSelector` and `labels.Requirement`.
 */
export const compileLabelSelector = (selector: LabelSelector | undefined): LabelMatcher => {
  if (selector === undefined || selector === null) return { matches: never, problem: undefined, everything: false };
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    requirements.push(requirement(key, "In", [value]));
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    requirements.push(
      operator === "Gt" || operator === "Lt"
        ? invalid(`${JSON.stringify(operator)} is not a valid label selector operator`)
        : requirement(key, operator, values ?? []),
    );
  }
  return combined(requirements);
};

/** Compiles a plain map of labels, as a Service's selector or a pod's nodeSelector; the empty map matches everything. */
export const compileLabelMap = (labels: Labels): LabelMatcher => {
  const entries = Object.entries(labels);
  return {
    matches: (candidate) => entries.every(([key, value]) => labelValue(candidate, key) === value),
    problem: undefined,
    everything: entries.length === 0,
  };
};

/**
 * Compiles the terms of a node selector, which are alternatives: an empty term matches nothing, a term that cannot be read matches nothing
 * and leaves its reason in `problem`. Source: component-helpers v0.35 `scheduling/corev1/nodeaffinity`.
 */
export const compileNodeSelector = (selector: NodeSelector): NodeMatcher => {
  const terms = (selector.nodeSelectorTerms ?? []).map(compileNodeSelectorTerm);
  const usable = terms.filter((term) => term.problem === undefined);
  return {
    matches: (labels, name) => usable.some((term) => term.matches(labels, name)),
    problem: terms.find((term) => term.problem !== undefined)?.problem,
  };
};

/** Compiles one term of a node selector: all of its expressions and fields must hold. */
export const compileNodeSelectorTerm = (term: NodeSelectorTerm): NodeMatcher => {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return { matches: never, problem: undefined };
  const labels = combined(expressions.map(({ key, operator, values }) => requirement(key, operator, values ?? [])));
  const names = fields.map(fieldRequirement);
  const problem = labels.problem ?? names.find((field) => field.problem !== undefined)?.problem;
  if (problem !== undefined) return { matches: never, problem };
  return {
    matches: (candidate, name) => labels.matches(candidate) && names.every((field) => field.matches(name)),
    problem: undefined,
  };
};

/** Compiles what a pod requires of a node: its nodeSelector and its required node affinity; undefined when it requires nothing. */
export const compileRequiredNodeAffinity = (spec: PodSpec): NodeMatcher | undefined => {
  const plain = spec.nodeSelector;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const map = plain !== undefined && Object.keys(plain).length > 0 ? compileLabelMap(plain) : undefined;
  const terms = required === undefined || required === null ? undefined : compileNodeSelector(required);
  if (map === undefined && terms === undefined) return undefined;
  return {
    matches: (labels, name) =>
      (map === undefined || map.matches(labels)) && (terms === undefined || terms.matches(labels, name)),
    problem: terms?.problem,
  };
};

interface Requirement {
  readonly matches: (labels: Labels | undefined) => boolean;
  readonly problem: string | undefined;
}

const never = (): boolean => false;
const invalid = (problem: string): Requirement => ({ matches: never, problem });

const labelValue = (labels: Labels | undefined, key: string): string | undefined =>
  labels !== undefined && labels !== null && Object.hasOwn(labels, key) ? labels[key] : undefined;

const combined = (requirements: readonly Requirement[]): LabelMatcher => {
  const problem = requirements.find((each) => each.problem !== undefined)?.problem;
  if (problem !== undefined) return { matches: never, problem, everything: false };
  const tests = requirements.map((each) => each.matches);
  const [first] = tests;
  return {
    matches: tests.length === 1 && first !== undefined ? first : (labels) => tests.every((test) => test(labels)),
    problem: undefined,
    everything: tests.length === 0,
  };
};

/** One requirement of a selector, with upstream's checks of key, operator and values (`labels.NewRequirement`). */
const requirement = (key: string, operator: string, values: readonly string[]): Requirement => {
  if (!isQualifiedName(key)) return invalid(`key ${JSON.stringify(key)} is not a valid label key`);
  for (const value of values) {
    if (!isLabelValue(value)) return invalid(`value ${JSON.stringify(value)} of ${key} is not a valid label value`);
  }
  const absent = (labels: Labels | undefined) => labelValue(labels, key) === undefined;
  switch (operator) {
    case "In":
    case "NotIn": {
      if (values.length === 0) return invalid(`operator ${operator} of ${key} needs at least one value`);
      const [only] = values;
      const set = new Set(values);
      const isIn =
        values.length === 1
          ? (labels: Labels | undefined) => labelValue(labels, key) === only
          : (labels: Labels | undefined) => set.has(labelValue(labels, key) ?? "\u0000");
      return { matches: operator === "In" ? isIn : (labels) => !isIn(labels), problem: undefined };
    }
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) return invalid(`operator ${operator} of ${key} takes no values`);
      return { matches: operator === "Exists" ? (labels) => !absent(labels) : absent, problem: undefined };
    case "Gt":
    case "Lt": {
      const bound = values.length === 1 ? parseInt64(values[0]) : undefined;
      if (bound === undefined) return invalid(`operator ${operator} of ${key} needs exactly one integer`);
      return {
        matches: (labels) => {
          const value = parseInt64(labelValue(labels, key));
          return value !== undefined && (operator === "Gt" ? value > bound : value < bound);
        },
        problem: undefined,
      };
    }
    default:
      return invalid(`${JSON.stringify(operator)} is not a valid selector operator`);
  }
};

/** A requirement on a node's fields; `metadata.name` is the only field there is. */
const fieldRequirement = ({ key, operator, values }: LabelSelectorRequirement) => {
  const [value] = values ?? [];
  if ((operator !== "In" && operator !== "NotIn") || values?.length !== 1) {
    return { matches: never, problem: `field ${key} needs operator In or NotIn with one value` };
  }
  return {
    matches: (name: string) => ((key === "metadata.name" ? name : "") === value) === (operator === "In"),
    problem: undefined,
  };
};

const parseInt64 = (text: string | undefined): bigint | undefined => {
  if (text === undefined || !/^[+-]?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value >= -(1n << 63n) && value < 1n << 63n ? value : undefined;
};

/** True for a label key: an optional DNS prefix and a name of at most 63 characters. */
export const isQualifiedName = (key: string): boolean => {
  if (typeof key !== "string") return false;
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (parts.length > 2 || name.length > 63 || !/^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(name)) return false;
  return (
    prefix === undefined ||
    (prefix.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(prefix))
  );
};

/** True for a label value: empty, or at most 63 characters that begin and end with a letter or digit. */
export const isLabelValue = (value: string): boolean =>
  typeof value === "string" && value.length <= 63 && /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value);
