import type { AutoscalerOptions } from "./autoscaler-profile.ts";
import { estimateNodes } from "./bin-packing.ts";
import { cappedByLimits, exceededLimits, type LimitsLeft, nodeSize, roomToGrow } from "./cluster-limits.ts";
import type { ClusterPicture, NodeFacts } from "./cluster-picture.ts";
import { chooseExpansion, type ExpanderPriorities, type ExpansionOption } from "./expanders.ts";
import type { GroupHealth } from "./group-health.ts";
import type { NodeGroup, NodeTemplate } from "./node-group.ts";
import type { PodFacts } from "./pod-facts.ts";
import { groupPods, type PodGroup } from "./pod-groups.ts";
import { balanceScaleUp, type Resize, similarGroups } from "./similar-groups.ts";

export type ScaleUpResult =
  | "Successful"
  | "NoOptionsAvailable"
  | "NotNeeded"
  | "NotTried"
  | "InCooldown"
  | "LimitedByMaxNodesTotal"
  | "Error";

/** What one attempt to scale up came to. */
export interface ScaleUpOutcome {
  readonly result: ScaleUpResult;
  readonly options: readonly ExpansionOption[];
  readonly chosen: ExpansionOption | undefined;
  /** Groups that were equally good; upstream takes any of them. Empty when there was no choice. */
  readonly tie: readonly NodeGroup[];
  readonly increases: readonly Resize[];
  readonly awaiting: readonly PodFacts[];
  /** Pods that no group can help, with the reason by group. */
  readonly remaining: readonly { readonly pod: PodFacts; readonly reasons: ReadonlyMap<string, readonly string[]> }[];
  readonly error: string | undefined;
}

export interface ScaleUpContext {
  readonly options: AutoscalerOptions;
  readonly groups: readonly NodeGroup[];
  readonly groupOf: (nodeName: string) => NodeGroup | undefined;
  readonly health: GroupHealth;
  readonly picture: ClusterPicture;
  readonly templates: ReadonlyMap<string, NodeTemplate>;
  readonly readyNodes: readonly NodeFacts[];
  readonly priorities: ExpanderPriorities;
  readonly now: number;
  readonly record: (reason: string, object: string) => void;
}

export const STATUS_OBJECT = "cluster-autoscaler-status";
const PRIORITY_OBJECT = "cluster-autoscaler-priority-expander";

const nothing: ScaleUpOutcome = {
  result: "NotTried",
  options: [],
  chosen: undefined,
  tie: [],
  increases: [],
  awaiting: [],
  remaining: [],
  error: undefined,
};

/** An outcome without an attempt. */
export const noScaleUp = (result: ScaleUpResult): ScaleUpOutcome => ({ ...nothing, result });

/** Finds and orders the nodes that help pending pods. Source: cluster-autoscaler 1.33.0 `core/scaleup/orchestrator/orchestrator.go`. */
export const scaleUp = (pods: readonly PodFacts[], context: ScaleUpContext): ScaleUpOutcome => {
  const { options, templates, readyNodes, health } = context;
  const podGroups = groupPods(pods);
  const upcoming = [...health.upcoming().counts.values()].reduce((sum, count) => sum + count, 0);
  const nodeCount = readyNodes.length + upcoming;
  const left = roomToGrow(options, totalSize(context));
  const { valid, skipped } = validGroups(context, left);
  const schedulable = new Map(valid.map((group) => [group.id, schedulableOn(group, podGroups, context)]));
  const expansions = valid
    .map((group) => expansionOf(group, schedulable, nodeCount, context))
    .filter(({ nodes, pods: taken }) => nodes > 0 && taken.length > 0);
  const none: ScaleUpOutcome = {
    ...nothing,
    result: "NoOptionsAvailable",
    remaining: remainingPods(podGroups, skipped),
  };
  if (expansions.length === 0) return none;

  const { best, events } = chooseExpansion(options.expanders, expansions, templates, context.priorities);
  for (const reason of events) context.record(reason, PRIORITY_OBJECT);
  const chosen = best[0];
  const template = templates.get(chosen?.group.id ?? "");
  const tie = best.length > 1 ? best.map(({ group }) => group) : [];
  if (chosen === undefined || template === undefined) return { ...none, options: expansions };
  const tried = { ...nothing, options: expansions, chosen, tie };
  const capped = cappedByTotal(chosen.nodes, nodeCount, context);
  if (capped < 1) return { ...tried, result: "Error", error: "max node total count already reached" };
  const size = nodeSize(template.node);
  const newNodes = cappedByLimits(left, size, capped);
  if (newNodes < 1) {
    const resource = exceededLimits(left, size)[0] ?? "cpu";
    const error = `cannot create any node; max limit for resource ${resource} reached`;
    return { ...tried, result: "Error", error };
  }
  const targets = [chosen.group, ...similarTo(chosen.group, schedulable, context)];
  const done = execute(balanceScaleUp(targets, newNodes), context);
  if (done.error !== undefined) return { ...tried, result: "Error", error: done.error };
  health.recalculate();
  return {
    ...tried,
    result: "Successful",
    increases: done.increases,
    remaining: none.remaining,
    awaiting: podGroups
      .filter((group) => group.schedulable && group.rejections.has(chosen.group.id))
      .flatMap((group) => group.pods),
  };
};

/** Brings groups up to their minimum. Source: `ScaleUpToNodeGroupMinSize` there. */
export const scaleUpToMinimum = (context: ScaleUpContext): ScaleUpOutcome => {
  const { groups, health, templates, now, options } = context;
  if (groups.every((group) => group.targetSize() >= group.min)) return noScaleUp("NotNeeded");
  const left = roomToGrow(options, totalSize(context));
  const resizes: Resize[] = [];
  for (const group of groups) {
    const from = group.targetSize();
    const template = templates.get(group.id);
    if (from >= group.min || template === undefined || health.scaleUpProblem(group.id, now) !== undefined) continue;
    const size = nodeSize(template.node);
    if (exceededLimits(left, size).length > 0) continue;
    const byLimits = cappedByLimits(left, size, group.min - from);
    const allowed = byLimits < 1 ? 0 : cappedByTotal(byLimits, from, context);
    if (allowed >= 1) resizes.push({ group, from, to: from + allowed });
  }
  if (resizes.length === 0) return noScaleUp("NotNeeded");
  const done = execute(resizes, context);
  if (done.error !== undefined) return { ...nothing, result: "Error", error: done.error };
  health.recalculate();
  return { ...nothing, result: "Successful", increases: done.increases };
};

const totalSize = ({ groups, groupOf, templates, readyNodes }: ScaleUpContext) => {
  let cores = 0;
  let memory = 0;
  for (const group of groups) {
    const template = templates.get(group.id);
    const count = group.targetSize();
    if (template === undefined || count === 0) continue;
    const size = nodeSize(template.node);
    cores += size.cores * count;
    memory += size.memory * count;
  }
  for (const { name, node } of readyNodes) {
    if (groupOf(name) !== undefined) continue;
    const size = nodeSize(node);
    cores += size.cores;
    memory += size.memory;
  }
  return { cores, memory };
};

const validGroups = ({ groups, health, templates, now }: ScaleUpContext, left: LimitsLeft) => {
  const valid: NodeGroup[] = [];
  const skipped = new Map<string, string>();
  for (const group of groups) {
    const template = templates.get(group.id);
    const problem = health.scaleUpProblem(group.id, now);
    if (problem !== undefined) skipped.set(group.id, problem);
    else if (group.targetSize() >= group.max) skipped.set(group.id, "max node group size reached");
    else if (template === undefined) skipped.set(group.id, "not ready for scale-up");
    else {
      const exceeded = exceededLimits(left, nodeSize(template.node));
      if (exceeded.length === 0) valid.push(group);
      else skipped.set(group.id, `max cluster ${exceeded.join(", ")} limit reached`);
    }
  }
  return { valid, skipped };
};

/** The pod groups whose first pod would pass on a new node of the group. */
const schedulableOn = (
  group: NodeGroup,
  podGroups: readonly PodGroup[],
  { picture, templates }: ScaleUpContext,
): readonly PodGroup[] => {
  const template = templates.get(group.id);
  if (template === undefined) return [];
  picture.fork();
  const name = picture.addCopy(template, "test");
  const fitting = podGroups.filter((podGroup) => {
    const sample = podGroup.pods[0];
    const reasons = sample === undefined ? [] : picture.reasons(sample, name);
    if (reasons !== undefined) {
      podGroup.rejections.set(group.id, reasons);
      return false;
    }
    podGroup.schedulable = true;
    return true;
  });
  picture.revert();
  return fitting;
};

type Schedulable = ReadonlyMap<string, readonly PodGroup[]>;

const expansionOf = (
  group: NodeGroup,
  schedulable: Schedulable,
  nodeCount: number,
  context: ScaleUpContext,
): ExpansionOption => {
  const podGroups = schedulable.get(group.id) ?? [];
  const template = context.templates.get(group.id);
  if (podGroups.length === 0 || template === undefined) return { group, nodes: 0, pods: [], similar: [] };
  const similar = similarTo(group, schedulable, context);
  const { maxNodesTotal, maxNodesPerScaleUp } = context.options;
  const room = [group, ...similar].reduce((sum, each) => sum + Math.max(0, each.max - each.targetSize()), 0);
  const byTotal = maxNodesTotal > 0 ? maxNodesTotal - nodeCount : undefined;
  const limits = [
    maxNodesPerScaleUp,
    room <= 0 ? -1 : room,
    ...(byTotal === undefined ? [] : [byTotal <= 0 ? -1 : byTotal]),
  ];
  const limit = Math.min(...limits.filter((each) => each !== 0));
  return { group, similar, ...estimateNodes(context.picture, template, podGroups, limit) };
};

const similarTo = (group: NodeGroup, schedulable: Schedulable, context: ScaleUpContext): readonly NodeGroup[] => {
  const { options, groups, templates, health, now } = context;
  const own = schedulable.get(group.id) ?? [];
  if (!options.balanceSimilarGroups || own.length === 0) return [];
  return similarGroups(group, groups, templates, options).filter((other) => {
    const theirs = schedulable.get(other.id);
    return (
      health.scaleUpProblem(other.id, now) === undefined &&
      theirs !== undefined &&
      own.every((podGroup) => theirs.includes(podGroup))
    );
  });
};

const cappedByTotal = (wanted: number, current: number, { options, record }: ScaleUpContext): number => {
  if (options.maxNodesTotal <= 0 || wanted + current <= options.maxNodesTotal) return wanted;
  record("MaxNodesTotalReached", STATUS_OBJECT);
  return options.maxNodesTotal - current;
};

const execute = (
  resizes: readonly Resize[],
  { health, now, record }: ScaleUpContext,
): { readonly increases: readonly Resize[]; readonly error: string | undefined } => {
  const increases: Resize[] = [];
  for (const resize of resizes) {
    const { group, from, to } = resize;
    record("ScaledUpGroup", STATUS_OBJECT);
    const refusal = group.increase(to - from);
    if (refusal !== undefined) {
      record("FailedToScaleUpGroup", STATUS_OBJECT);
      health.backOff(group.id, now);
      return { increases, error: `failed to increase node group size: ${refusal}` };
    }
    health.registerScaleUp(group.id, to - from, now);
    record("ScaledUpGroup", STATUS_OBJECT);
    increases.push(resize);
  }
  return { increases, error: undefined };
};

const remainingPods = (podGroups: readonly PodGroup[], skipped: ReadonlyMap<string, string>) =>
  podGroups
    .filter((group) => !group.schedulable)
    .flatMap(({ pods, rejections }) => {
      const reasons = new Map<string, readonly string[]>(rejections);
      for (const [id, reason] of skipped) reasons.set(id, [reason]);
      return pods.map((pod) => ({ pod, reasons }));
    });
