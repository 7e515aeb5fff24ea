import type { Taint } from "../../kubernetes/node.ts";
import type { Pod } from "../../kubernetes/pod.ts";
import type { LabelMatcher } from "../../kubernetes/selectors.ts";
import { hasUntoleratedTaint } from "../scheduler/taint-toleration.ts";
import { hostnameLabel } from "./karpenter-labels.ts";
import { allows, type Requirement, requirement } from "./karpenter-requirement.ts";
import { incompatibility, type Requirements } from "./karpenter-requirements.ts";

export type TopologyKind = "spread" | "affinity" | "antiAffinity";

/** Which nodes a spread constraint counts. */
export interface NodeFilter {
  /** Alternatives; none where nodeAffinityPolicy is Ignore. */
  readonly requirements: readonly Requirements[];
  /** The pod, where nodeTaintsPolicy is Honor. */
  readonly tolerating: Pod | undefined;
}

export interface TopologyRule {
  readonly kind: TopologyKind;
  readonly key: string;
  readonly maxSkew: number;
  readonly minDomains: number | undefined;
  readonly namespaces: ReadonlySet<string>;
  readonly matcher: LabelMatcher;
  readonly filter: NodeFilter;
}

/**
 * Counts of the pods that one spread, affinity or anti-affinity rule selects, by topology domain, and the domains that a further pod may
 * go to. Source: kubernetes-sigs/karpenter v1.14.0 `pkg/controllers/provisioning/scheduling/topologygroup.go`. Where the real one takes
 * any of several domains, the first in the alphabet is taken.
 */
export class TopologyGroup {
  readonly rule: TopologyRule;
  readonly owners = new Set<string>();
  readonly #counts = new Map<string, number>();

  constructor(rule: TopologyRule, domains: Iterable<string>) {
    this.rule = rule;
    for (const domain of domains) this.#counts.set(domain, 0);
  }

  register(domain: string): void {
    if (!this.#counts.has(domain)) this.#counts.set(domain, 0);
  }

  record(domain: string): void {
    this.#counts.set(domain, (this.#counts.get(domain) ?? 0) + 1);
  }

  selects(pod: Pod): boolean {
    const { namespaces, matcher } = this.rule;
    return namespaces.has(pod.metadata.namespace ?? "default") && matcher.matches(pod.metadata.labels);
  }

  /** Whether a pod on such a node is counted. */
  counts(pod: Pod, taints: readonly Taint[], requirements: Requirements): boolean {
    return this.selects(pod) && matchesFilter(this.rule.filter, taints, requirements);
  }

  /** The domains among `node` that the pod may go to; none where the requirement reads DoesNotExist. */
  next(pod: Pod, podDomains: Requirement, nodeDomains: Requirement): Requirement {
    const found =
      this.rule.kind === "spread"
        ? this.#spread(pod, podDomains, nodeDomains)
        : this.rule.kind === "affinity"
          ? this.#affinity(pod, podDomains, nodeDomains)
          : this.#antiAffinity(podDomains, nodeDomains);
    return requirement(this.rule.key, found.length === 0 ? "DoesNotExist" : "In", found);
  }

  /** The one name of a node, where the key is that of its own name: new nodes' names are in no count yet. */
  #hostOf(nodeDomains: Requirement): string | undefined {
    const { key } = this.rule;
    return key === hostnameLabel && !nodeDomains.complement && nodeDomains.values.size === 1
      ? [...nodeDomains.values][0]
      : undefined;
  }

  #spread(pod: Pod, podDomains: Requirement, nodeDomains: Requirement): readonly string[] {
    const { maxSkew } = this.rule;
    const own = this.selects(pod) ? 1 : 0;
    const host = this.#hostOf(nodeDomains);
    if (host !== undefined) return (this.#counts.get(host) ?? 0) + own <= maxSkew ? [host] : [];
    const least = this.#leastCount(podDomains);
    let best: string | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [domain, count] of this.#sorted()) {
      if (!allows(nodeDomains, domain) || count + own - least > maxSkew || count + own >= fewest) continue;
      best = domain;
      fewest = count + own;
    }
    return best === undefined ? [] : [best];
  }

  /** A node with another name can always be made, so names count from zero. */
  #leastCount(podDomains: Requirement): number {
    const { key, minDomains } = this.rule;
    if (key === hostnameLabel) return 0;
    let least = Number.POSITIVE_INFINITY;
    let domains = 0;
    for (const [domain, count] of this.#counts) {
      if (!allows(podDomains, domain)) continue;
      domains++;
      least = Math.min(least, count);
    }
    return minDomains !== undefined && domains < minDomains ? 0 : least;
  }

  #affinity(pod: Pod, podDomains: Requirement, nodeDomains: Requirement): readonly string[] {
    const isFirst = (): boolean =>
      this.selects(pod) && ![...this.#counts].some(([domain, count]) => count > 0 && allows(podDomains, domain));
    const host = this.#hostOf(nodeDomains);
    if (host !== undefined) {
      if (!allows(podDomains, host)) return [];
      return (this.#counts.get(host) ?? 0) > 0 || isFirst() ? [host] : [];
    }
    const peopled = this.#sorted()
      .filter(([domain, count]) => count > 0 && allows(podDomains, domain) && allows(nodeDomains, domain))
      .map(([domain]) => domain);
    if (peopled.length > 0 || !isFirst()) return peopled;
    const open = this.#sorted()
      .map(([domain]) => domain)
      .filter((domain) => allows(podDomains, domain));
    const first = open.find((domain) => allows(nodeDomains, domain)) ?? open[0];
    return first === undefined ? [] : [first];
  }

  #antiAffinity(podDomains: Requirement, nodeDomains: Requirement): readonly string[] {
    const host = this.#hostOf(nodeDomains);
    if (host !== undefined) return (this.#counts.get(host) ?? 0) === 0 ? [host] : [];
    return this.#sorted()
      .filter(([domain, count]) => count === 0 && allows(nodeDomains, domain) && allows(podDomains, domain))
      .map(([domain]) => domain);
  }

  #sorted(): readonly (readonly [string, number])[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

/** Whether a node counts for a spread constraint; for affinity all do. */
export const matchesFilter = (filter: NodeFilter, taints: readonly Taint[], requirements: Requirements): boolean => {
  const alternatives = filter.requirements;
  const matches =
    alternatives.length === 0 ||
    alternatives.some((asked) => incompatibility(requirements, asked, { wellKnown: false }) === undefined);
  if (!matches || filter.tolerating === undefined) return matches;
  return !hasUntoleratedTaint(taints, filter.tolerating.spec.tolerations ?? []);
};
