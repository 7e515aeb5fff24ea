import { quantityMilliValue } from "../../kubernetes/quantity.ts";
import { podRequests } from "../scheduler/requests.ts";
import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import type { NodeGroup, NodeTemplate } from "./node-group.ts";

/** Labels that the Azure comparator leaves aside. Source: cluster-autoscaler 1.33.0 `azure_nodegroups.go` and `compare_nodegroups.go`. */
const ignored = new Set([
  "kubernetes.io/hostname",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "beta.kubernetes.io/fluentd-ds-ready",
  "kops.k8s.io/instancegroup",
  "agentpool",
  "kubernetes.azure.com/agentpool",
  "topology.disk.csi.azure.com/zone",
  "aksEngineVersion",
  "creationSource",
  "poolName",
  "resourceNameSuffix",
  "kubernetes.azure.com/node-image-version",
  "kubernetes.azure.com/consolidated-additional-properties",
]);

/** The other groups whose nodes are as good as this one's. */
export const similarGroups = (
  group: NodeGroup,
  groups: readonly NodeGroup[],
  templates: ReadonlyMap<string, NodeTemplate>,
  options: AutoscalerOptions,
): readonly NodeGroup[] => {
  const own = templates.get(group.id);
  if (own === undefined) return [];
  return groups.filter((other) => {
    const template = templates.get(other.id);
    return other.id !== group.id && template !== undefined && areSimilar(own, template, options);
  });
};

const poolLabels = ["kubernetes.azure.com/agentpool", "agentpool"];

const areSimilar = (a: NodeTemplate, b: NodeTemplate, options: AutoscalerOptions): boolean => {
  const [left, right] = [a.node.metadata.labels ?? {}, b.node.metadata.labels ?? {}];
  const { balancingLabels } = options;
  if (balancingLabels.length > 0) {
    return balancingLabels.every((label) => left[label] !== undefined && left[label] === right[label]);
  }
  if (poolLabels.some((label) => (left[label] ?? "") !== "" && left[label] === right[label])) return true;
  return (
    sameCapacity(a, b, options) &&
    within(quantities(a, "allocatable"), quantities(b, "allocatable"), options.allocatableDifferenceRatio) &&
    within(free(a), free(b), options.freeDifferenceRatio) &&
    sameLabels(left, right, options.ignoredLabels)
  );
};

type Quantities = ReadonlyMap<string, number>;

const quantities = ({ node }: NodeTemplate, list: "allocatable" | "capacity"): Quantities =>
  new Map(Object.entries(node.status?.[list] ?? {}).map(([name, value]) => [name, quantityMilliValue(value) ?? 0]));

const sameCapacity = (a: NodeTemplate, b: NodeTemplate, { memoryDifferenceRatio }: AutoscalerOptions): boolean => {
  const [left, right] = [quantities(a, "capacity"), quantities(b, "capacity")];
  return (
    sameKeys(left, right) &&
    [...left].every(([name, value]) => {
      const other = right.get(name) ?? 0;
      return name === "memory" ? isNear(value, other, memoryDifferenceRatio) : value === other;
    })
  );
};

const within = (left: Quantities, right: Quantities, ratio: number): boolean =>
  sameKeys(left, right) && [...left].every(([name, value]) => isNear(value, right.get(name) ?? 0, ratio));

const sameKeys = (left: Quantities, right: Quantities): boolean =>
  left.size === right.size && [...left.keys()].every((name) => right.has(name));

const isNear = (a: number, b: number, ratio: number): boolean => {
  const larger = Math.max(a, b);
  return larger - Math.min(a, b) <= larger * ratio;
};

/** Upstream takes these four from every node, whether or not it has them, and counts no pods as requested. */
const standard = ["cpu", "memory", "pods", "ephemeral-storage"];

const free = (template: NodeTemplate): Quantities => {
  const allocatable = quantities(template, "allocatable");
  const requested = new Map<string, number>(standard.map((name) => [name, 0]));
  for (const pod of template.pods) {
    for (const [name, value] of podRequests(pod)) requested.set(name, (requested.get(name) ?? 0) + value);
  }
  return new Map([...requested].map(([name, value]) => [name, (allocatable.get(name) ?? 0) - value]));
};

const sameLabels = (
  left: Readonly<Record<string, string>>,
  right: Readonly<Record<string, string>>,
  extraIgnored: readonly string[],
): boolean =>
  [...new Set([...Object.keys(left), ...Object.keys(right)])].every(
    (label) => ignored.has(label) || extraIgnored.includes(label) || left[label] === right[label],
  );

/** A group's size before and after a scale-up. */
export interface Resize {
  readonly group: NodeGroup;
  readonly from: number;
  readonly to: number;
}

/** Spreads new nodes over groups, the smallest first. Source: `processors/nodegroupset/balancing_processor.go`. */
export const balanceScaleUp = (groups: readonly NodeGroup[], newNodes: number): readonly Resize[] => {
  const sizes = groups
    .map((group) => ({ group, from: group.targetSize(), to: group.targetSize() }))
    .filter(({ group, from }) => from !== group.max)
    .sort((a, b) => a.from - b.from);
  const room = sizes.reduce((sum, { group, from }) => sum + Math.max(0, group.max - from), 0);
  let left = Math.min(newNodes, room);
  let start = 0;
  let current = 0;
  while (left > 0) {
    const size = sizes[current];
    if (size === undefined) break;
    if (size.to < size.group.max) {
      size.to += 1;
      left -= 1;
    } else {
      const first = sizes[start];
      if (first !== undefined) {
        sizes[start] = size;
        sizes[current] = first;
      }
      start += 1;
    }
    const here = sizes[current];
    const next = sizes[current + 1];
    current = here !== undefined && next !== undefined && here.to > next.to ? current + 1 : start;
  }
  return sizes.filter(({ from, to }) => from !== to);
};
