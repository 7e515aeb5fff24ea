import { quantityValue } from "../../kubernetes/quantity.ts";
import type { ExpanderName } from "./autoscaler-profile.ts";
import { milliOf } from "./cluster-picture.ts";
import type { NodeGroup, NodeTemplate } from "./node-group.ts";
import type { PodFacts } from "./pod-facts.ts";

/** One way to scale up. */
export interface ExpansionOption {
  readonly group: NodeGroup;
  readonly nodes: number;
  readonly pods: readonly PodFacts[];
  readonly similar: readonly NodeGroup[];
}

/** The priority expander's ConfigMap, parsed: priority to patterns; undefined when there is none. */
export type ExpanderPriorities = ReadonlyMap<number, readonly RegExp[]> | "invalid" | undefined;

export interface Choice {
  /** Equally good options; upstream takes one at random, we take the first in the order of the node groups. */
  readonly best: readonly ExpansionOption[];
  /** Reasons of the events that the choice made. */
  readonly events: readonly string[];
}

/** What the expanders leave of the options. Source: cluster-autoscaler 1.33.0 `expander/`. */
export const chooseExpansion = (
  expanders: readonly ExpanderName[],
  options: readonly ExpansionOption[],
  templates: ReadonlyMap<string, NodeTemplate>,
  priorities: ExpanderPriorities,
): Choice => {
  let best = options;
  const events: string[] = [];
  for (const expander of expanders) {
    if (expander === "least-waste") best = leastWaste(best, templates);
    else if (expander === "most-pods") best = mostPods(best);
    else if (expander === "least-nodes") best = leastNodes(best);
    else if (expander === "priority") best = byPriority(best, priorities, events);
    if (best.length <= 1) break;
  }
  return { best, events };
};

const leastWaste = (
  options: readonly ExpansionOption[],
  templates: ReadonlyMap<string, NodeTemplate>,
): readonly ExpansionOption[] => {
  let least = 0;
  let best: ExpansionOption[] | undefined;
  for (const option of options) {
    const node = templates.get(option.group.id)?.node;
    if (node === undefined) continue;
    let cpu = 0;
    let memory = 0;
    for (const pod of option.pods) {
      cpu += pod.milliCpu;
      memory += pod.milliMemory;
    }
    const hasCpu = (milliOf(node, "capacity", "cpu") ?? 0) * option.nodes;
    const hasMemory = (quantityValue(node.status?.capacity?.["memory"] ?? 0) ?? 0) * option.nodes;
    const wasted = (hasCpu - cpu) / hasCpu + (hasMemory - Math.ceil(memory / 1000)) / hasMemory;
    if (best !== undefined && wasted === least) best.push(option);
    if (best === undefined || wasted < least) {
      least = wasted;
      best = [option];
    }
  }
  return best ?? [];
};

const mostPods = (options: readonly ExpansionOption[]): readonly ExpansionOption[] => {
  const most = Math.max(0, ...options.map(({ pods }) => pods.length));
  return options.filter(({ pods }) => pods.length === most);
};

const leastNodes = (options: readonly ExpansionOption[]): readonly ExpansionOption[] => {
  const least = Math.min(...options.map(({ nodes }) => nodes));
  return options.filter(({ nodes }) => nodes === least);
};

const byPriority = (
  options: readonly ExpansionOption[],
  priorities: ExpanderPriorities,
  events: string[],
): readonly ExpansionOption[] => {
  if (priorities === undefined) return options;
  if (priorities === "invalid") {
    events.push("PriorityConfigMapInvalid");
    return options;
  }
  let highest = -1;
  let best: ExpansionOption[] = [];
  for (const option of options) {
    let found = false;
    for (const [priority, patterns] of priorities) {
      if (!patterns.some((pattern) => pattern.test(option.group.id))) continue;
      found = true;
      if (priority < highest) continue;
      if (priority > highest) best = [];
      highest = priority;
      if (!best.includes(option)) best.push(option);
    }
    if (!found) events.push("PriorityConfigMapNotMatchedGroup");
  }
  if (best.length > 0) return best;
  events.push("PriorityConfigMapNoGroupMatched");
  return options;
};
