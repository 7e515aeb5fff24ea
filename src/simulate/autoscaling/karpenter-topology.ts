import type { Taint } from "../../kubernetes/node.ts";
import type { LabelSelector } from "../../kubernetes/object.ts";
import type { Pod, PodAffinityTerm, TopologySpreadConstraint } from "../../kubernetes/pod.ts";
import { compileLabelSelector } from "../../kubernetes/selectors.ts";
import { hasUntoleratedTaint } from "../scheduler/taint-toleration.ts";
import type { InstanceType } from "./karpenter-instance-types.ts";
import { hostnameLabel, normalLabel } from "./karpenter-labels.ts";
import type { KarpenterNodePool } from "./karpenter-node-pool.ts";
import { operatorOf, requirement } from "./karpenter-requirement.ts";
import {
  expressionRequirements,
  joined,
  labelRequirements,
  noRequirements,
  type Requirements,
} from "./karpenter-requirements.ts";
import { matchesFilter, type NodeFilter, TopologyGroup, type TopologyKind } from "./karpenter-topology-group.ts";

/** A node that is there, and the pods that it holds. */
export interface PlacedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly pods: readonly Pod[];
}

export interface TopologyInput {
  readonly pools: readonly { readonly pool: KarpenterNodePool; readonly types: readonly InstanceType[] }[];
  readonly nodes: readonly PlacedNode[];
  /** Labels of the namespaces, for affinity that selects them. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/**
 * Spread, affinity and anti-affinity of pods that wait, against nodes that are there and nodes that could be made. Source:
 * kubernetes-sigs/karpenter v1.14.0 `pkg/controllers/provisioning/scheduling/topology.go`.
 */
export class KarpenterTopology {
  readonly #input: TopologyInput;
  readonly #groups = new Map<string, TopologyGroup>();
  /** Anti-affinity holds both ways: these keep pods away from those that shun them. */
  readonly #inverse = new Map<string, TopologyGroup>();
  readonly #domains = new Map<string, ReadonlyMap<string, readonly (readonly Taint[])[]>>();

  constructor(input: TopologyInput) {
    this.#input = input;
    for (const node of input.nodes)
      for (const pod of node.pods)
        for (const term of requiredAntiAffinity(pod)) {
          const group = this.#inverseGroup(pod, term);
          const domain = domainOf(node, term.topologyKey);
          if (domain !== undefined) group.record(domain);
        }
  }

  /** Makes the pod the owner of its rules as they now stand, and of no others. */
  update(pod: Pod): void {
    const key = keyOf(pod);
    for (const group of this.#groups.values()) group.owners.delete(key);
    for (const term of requiredAntiAffinity(pod)) this.#inverseGroup(pod, term).owners.add(key);
    for (const constraint of pod.spec.topologySpreadConstraints ?? [])
      this.#spreadGroup(pod, constraint).owners.add(key);
    const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
    for (const term of allTerms(podAffinity)) this.#affinityGroup("affinity", pod, term).owners.add(key);
    for (const term of allTerms(podAntiAffinity)) this.#affinityGroup("antiAffinity", pod, term).owners.add(key);
  }

  /** What the rules leave of a node's requirements for this pod, or the rule that leaves nothing. */
  restrict(
    pod: Pod,
    taints: readonly Taint[],
    strict: Requirements,
    node: Requirements,
  ): { readonly requirements: Requirements } | { readonly refused: string } {
    let result = node;
    for (const group of this.#matching(pod, taints, node)) {
      const { key } = group.rule;
      const anything = requirement(key, "Exists");
      const next = group.next(pod, strict.get(key) ?? anything, node.get(key) ?? anything);
      if (operatorOf(next) === "DoesNotExist") return { refused: refusalOf(group) };
      result = joined(result, [next]);
    }
    return { requirements: result };
  }

  /** Counts a pod on the node that it goes to. */
  record(pod: Pod, taints: readonly Taint[], requirements: Requirements): void {
    for (const group of this.#groups.values()) {
      if (!group.counts(pod, taints, requirements)) continue;
      const values = listed(requirements, group.rule.key);
      if (group.rule.kind === "antiAffinity") for (const value of values) group.record(value);
      else if (values.length === 1 && values[0] !== undefined) group.record(values[0]);
    }
    const key = keyOf(pod);
    for (const group of this.#inverse.values())
      if (group.owners.has(key)) for (const value of listed(requirements, group.rule.key)) group.record(value);
  }

  /** Makes a node's name known. */
  register(hostname: string): void {
    for (const group of [...this.#groups.values(), ...this.#inverse.values()])
      if (group.rule.key === hostnameLabel) group.register(hostname);
  }

  #matching(pod: Pod, taints: readonly Taint[], node: Requirements): readonly TopologyGroup[] {
    const key = keyOf(pod);
    return [
      ...[...this.#groups.values()].filter(({ owners }) => owners.has(key)),
      ...[...this.#inverse.values()].filter((group) => group.counts(pod, taints, node)),
    ];
  }

  #spreadGroup(pod: Pod, constraint: TopologySpreadConstraint): TopologyGroup {
    const selector = withMatchLabelKeys(constraint, pod);
    const namespace = pod.metadata.namespace ?? "default";
    const filter = nodeFilterOf(pod, constraint);
    const id = JSON.stringify([
      "spread",
      constraint.topologyKey,
      constraint.maxSkew,
      namespace,
      selector ?? null,
      constraint.nodeAffinityPolicy === "Ignore" ? null : [pod.spec.nodeSelector, requiredTerms(pod)],
      constraint.nodeTaintsPolicy === "Honor" ? (pod.spec.tolerations ?? []) : null,
    ]);
    return this.#group(id, () => ({
      kind: "spread",
      key: normalLabel(constraint.topologyKey),
      maxSkew: constraint.maxSkew,
      minDomains: constraint.minDomains,
      namespaces: new Set([namespace]),
      matcher: compileLabelSelector(selector),
      filter,
    }));
  }

  #affinityGroup(kind: TopologyKind, pod: Pod, term: PodAffinityTerm): TopologyGroup {
    const namespaces = this.#namespacesOf(pod, term);
    return this.#group(affinityId(kind, namespaces, term), () => affinityRule(kind, namespaces, term));
  }

  #inverseGroup(pod: Pod, term: PodAffinityTerm): TopologyGroup {
    const namespaces = this.#namespacesOf(pod, term);
    const id = affinityId("antiAffinity", namespaces, term);
    const known = this.#inverse.get(id);
    if (known !== undefined) return known;
    const rule = affinityRule("antiAffinity", namespaces, term);
    const group = new TopologyGroup(rule, this.#domainsFor(rule.key, undefined));
    this.#inverse.set(id, group);
    return group;
  }

  #group(id: string, rule: () => TopologyGroup["rule"]): TopologyGroup {
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const made = rule();
    const group = new TopologyGroup(made, this.#domainsFor(made.key, made.filter.tolerating));
    for (const node of this.#input.nodes) {
      const requirements = labelRequirements(node.labels);
      if (!matchesFilter(made.filter, node.taints, requirements)) continue;
      const domain = domainOf(node, made.key);
      if (domain === undefined) continue;
      group.register(domain);
      for (const pod of node.pods) if (group.selects(pod) && !isLeaving(pod)) group.record(domain);
    }
    this.#groups.set(id, group);
    return group;
  }

  #namespacesOf(pod: Pod, { namespaces = [], namespaceSelector }: PodAffinityTerm): ReadonlySet<string> {
    if (namespaceSelector === undefined || namespaceSelector === null)
      return new Set(namespaces.length > 0 ? namespaces : [pod.metadata.namespace ?? "default"]);
    const matcher = compileLabelSelector(namespaceSelector);
    const selected = [...this.#input.namespaces].filter(([, labels]) => matcher.matches(labels)).map(([name]) => name);
    return new Set([...selected, ...namespaces]);
  }

  /** Domains that nodes of some NodePool could be in; with a pod, only those whose taints it tolerates. */
  #domainsFor(key: string, tolerating: Pod | undefined): readonly string[] {
    const all = this.#domains.get(key) ?? this.#readDomains(key);
    this.#domains.set(key, all);
    return [...all]
      .filter(
        ([, sets]) =>
          tolerating === undefined ||
          sets.some((taints) => !hasUntoleratedTaint(taints, tolerating.spec.tolerations ?? [])),
      )
      .map(([domain]) => domain);
  }

  #readDomains(key: string): ReadonlyMap<string, readonly (readonly Taint[])[]> {
    const found = new Map<string, (readonly Taint[])[]>();
    for (const { pool, types } of this.#input.pools) {
      const own = joined(joined(noRequirements, pool.requirements), labelRequirements(pool.labels).values()).get(key);
      const domains = new Set<string>(own === undefined || own.complement ? [] : own.values);
      for (const { requirements } of types) {
        const offered = requirements.get(key);
        const both =
          own === undefined ? offered : offered === undefined ? own : joined(new Map([[key, own]]), [offered]).get(key);
        if (both !== undefined && !both.complement) for (const value of both.values) domains.add(value);
      }
      for (const domain of domains) found.set(domain, [...(found.get(domain) ?? []), pool.taints]);
    }
    return found;
  }
}

/** `namespace/name`: how pods are told apart here. */
export const keyOf = ({ metadata }: Pod): string => `${metadata.namespace ?? "default"}/${metadata.name}`;

const requiredAntiAffinity = (pod: Pod): readonly PodAffinityTerm[] =>
  pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];

/** Required terms and, as long as they have not been given up, preferred ones. */
const allTerms = (affinity: NonNullable<Pod["spec"]["affinity"]>["podAffinity"]): readonly PodAffinityTerm[] => [
  ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
  ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
];

const affinityId = (kind: TopologyKind, namespaces: ReadonlySet<string>, term: PodAffinityTerm): string =>
  JSON.stringify([kind, term.topologyKey, [...namespaces].sort(), term.labelSelector ?? null]);

const affinityRule = (
  kind: TopologyKind,
  namespaces: ReadonlySet<string>,
  term: PodAffinityTerm,
): TopologyGroup["rule"] => ({
  kind,
  key: normalLabel(term.topologyKey),
  maxSkew: Number.POSITIVE_INFINITY,
  minDomains: undefined,
  namespaces,
  matcher: compileLabelSelector(term.labelSelector),
  filter: { requirements: [], tolerating: undefined },
});

const withMatchLabelKeys = (
  { labelSelector, matchLabelKeys }: TopologySpreadConstraint,
  pod: Pod,
): LabelSelector | undefined => {
  const more = (matchLabelKeys ?? []).flatMap((key) => {
    const value = pod.metadata.labels?.[key];
    return value === undefined ? [] : [{ key, operator: "In", values: [value] }];
  });
  if (more.length === 0) return labelSelector;
  return { ...labelSelector, matchExpressions: [...(labelSelector?.matchExpressions ?? []), ...more] };
};

const requiredTerms = (pod: Pod) =>
  pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

const nodeFilterOf = (pod: Pod, constraint: TopologySpreadConstraint): NodeFilter => {
  const selector = labelRequirements(pod.spec.nodeSelector ?? {});
  const terms = requiredTerms(pod);
  const alternatives =
    terms.length === 0
      ? [selector]
      : terms.map(({ matchExpressions = [] }) => joined(selector, expressionRequirements(matchExpressions)));
  return {
    requirements: constraint.nodeAffinityPolicy === "Ignore" ? [] : alternatives,
    tolerating: constraint.nodeTaintsPolicy === "Honor" ? pod : undefined,
  };
};

const domainOf = (node: PlacedNode, key: string): string | undefined =>
  node.labels[key] ?? (key === hostnameLabel ? node.name : undefined);

const listed = (requirements: Requirements, key: string): readonly string[] => {
  const found = requirements.get(key);
  return found === undefined || found.complement ? [] : [...found.values].sort();
};

const isLeaving = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || status?.phase === "Succeeded" || status?.phase === "Failed";

const refusalOf = ({ rule }: TopologyGroup): string =>
  `${rule.kind === "spread" ? "topology spread" : rule.kind === "affinity" ? "pod affinity" : "pod anti-affinity"} on ${rule.key} leaves no domain`;
