import type { Pod } from "../../kubernetes/pod.ts";
import type { Scheduler, Shortage } from "./api.ts";
import type { DecisionDetail, Rejection } from "./decision.ts";
import { podKey } from "./pod-record.ts";

/** Why a pod goes where it goes, or nowhere, for people. */
export const explainPod = (scheduler: Scheduler, pod: Pod): string => {
  const detail = scheduler.describe(pod);
  const { decision } = detail;
  const key = podKey(decision.namespace, decision.name);
  const lines: string[] = [];
  switch (decision.result) {
    case "scheduled":
      lines.push(`${key} goes to ${decision.node}.`, ...explainChoice(detail));
      break;
    case "preempting": {
      const { nominatedNode = "", victims = [] } = decision.preemption ?? {};
      lines.push(
        `${key} fits nowhere as things stand; it gets ${nominatedNode} once these have left: ${victims.join(", ")}.`,
      );
      break;
    }
    default:
      lines.push(`${key} is ${decision.result}: ${detail.message}`);
  }
  if (detail.preFilter !== undefined) {
    lines.push(`No node was looked at: ${detail.preFilter.plugin} says "${detail.preFilter.reasons.join(", ")}".`);
  }
  lines.push(...explainRejections(detail));
  if (decision.result !== "scheduled") lines.push(...explainShortages(scheduler.shortages(pod), detail));
  return `${lines.join("\n")}\n`;
};

const explainChoice = ({ decision, feasible, scored, scores, totals, argmax }: DecisionDetail): readonly string[] => {
  if (decision.viaNominated) return ["It was nominated there before, so no other node was looked at."];
  if (!scored) return ["It is the only node that fits, so nothing was scored."];
  const ties = argmax.filter((node) => node !== decision.node);
  const best = decision.node ?? "";
  const next = feasible
    .filter((node) => !argmax.includes(node))
    .reduce<string | undefined>(
      (a, b) => (a === undefined || (totals.get(b) ?? 0) > (totals.get(a) ?? 0) ? b : a),
      undefined,
    );
  const lines = [`${feasible.length} nodes fit. Scores, most first:`];
  const shown = [best, ...ties.slice(0, 2), ...(next === undefined ? [] : [next])];
  for (const node of shown) {
    const parts = [...(scores.get(node) ?? [])]
      .filter(([, score]) => score !== 0)
      .map(([plugin, score]) => `${plugin} ${score}`);
    lines.push(`  ${node}: ${totals.get(node) ?? 0} (${parts.join(", ")})`);
  }
  if (ties.length > 0) {
    lines.push(`${ties.length + 1} nodes are equally good; kube-scheduler takes any of them, here the first is taken.`);
  }
  return lines;
};

const explainRejections = ({ filtered }: DecisionDetail): readonly string[] => {
  const groups = new Map<string, { readonly rejection: Rejection; readonly nodes: string[] }>();
  for (const [node, rejection] of filtered) {
    const key = JSON.stringify(rejection);
    const group = groups.get(key) ?? { rejection, nodes: [] };
    group.nodes.push(node);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ rejection, nodes }) => {
    const count = `${nodes.length} node${nodes.length === 1 ? "" : "s"}`;
    const who = nodes.length <= 3 ? ` (${nodes.join(", ")})` : ` (${nodes.slice(0, 3).join(", ")}, ...)`;
    const hope = rejection.code === "Unschedulable" ? "" : "; no eviction would help";
    return `Not on ${count}${who}: ${rejection.plugin ?? "PreFilter"} says "${rejection.reasons.join(", ")}"${hope}.`;
  });
};

/** The least that is missing of each resource, on nodes that only lack room. */
const explainShortages = (shortages: readonly Shortage[], { filtered }: DecisionDetail): readonly string[] => {
  const byResource = new Map<string, Shortage[]>();
  for (const shortage of shortages) {
    if (filtered.get(shortage.node)?.plugin !== "NodeResourcesFit") continue;
    const list = byResource.get(shortage.resource) ?? [];
    list.push(shortage);
    byResource.set(shortage.resource, list);
  }
  return [...byResource].map(([resource, list]) => {
    const least = list.reduce((a, b) => (b.requested - b.free < a.requested - a.free ? b : a));
    const missing = amount(resource, least.requested - least.free);
    return `It needs ${missing} ${resource} more on ${list.length} node${list.length === 1 ? "" : "s"} (nearest: ${least.node}, ${amount(resource, least.free)} free of ${amount(resource, least.allocatable)}).`;
  });
};

const amount = (resource: string, value: number): string => {
  if (resource === "cpu") return `${value}m`;
  if (resource !== "memory" && resource !== "ephemeral-storage") return String(value);
  return `${Math.ceil(value / (1024 * 1024))}Mi`;
};
