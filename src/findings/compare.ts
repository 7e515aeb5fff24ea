import { behaviourChanges } from "./behaviour.ts";
import type { BehaviourChange, Changes } from "./changes.ts";
import { type Finding, findingKeys } from "./finding.ts";
import { monitoringChanges } from "./monitoring/changes.ts";
import { networkChanges } from "./network-changes.ts";
import { resourceSummary } from "./resource-summary.ts";
import type { World } from "./rule.ts";

/** One side of a comparison. */
export interface Side {
  readonly world: Pick<World, "instances" | "objects" | "predictions"> & Partial<Pick<World, "platform">>;
  readonly findings: readonly Finding[];
}

/** What a change does: findings new, fixed and unchanged, and how the platform behaves differently. */
export const compare = (base: Side, head: Side): Changes => {
  const findings = compareFindings(base.findings, head.findings);
  const behaviour = [
    ...behaviourChanges(base.world.predictions, head.world.predictions),
    ...networkChanges(base.world, head.world),
    ...monitoringChanges(base.world, head.world),
    ...resourceSummary(base.world, head.world),
  ];
  const nothingChanged = findings.new.length === 0 && findings.fixed.length === 0 && behaviour.length === 0;
  return { summary: summaryOf(findings, behaviour, nothingChanged), nothingChanged, findings, behaviour };
};

/**
 * The findings of the head, each marked as new or as there before; for the report. Findings are the same when rule, subject and file
 * are, wherever the lines have moved.
 */
export const withStatus = (base: readonly Finding[], head: readonly Finding[]): readonly Finding[] => {
  const before = new Set(findingKeys(base));
  const keys = findingKeys(head);
  return head.map((finding, index) => ({ ...finding, status: before.has(keys[index] ?? "") ? "unchanged" : "new" }));
};

const compareFindings = (base: readonly Finding[], head: readonly Finding[]): Changes["findings"] => {
  const after = new Set(findingKeys(head));
  const keys = findingKeys(base);
  const fixed = base.filter((finding, index) => finding.suppressed === undefined && !after.has(keys[index] ?? ""));
  const marked = withStatus(base, head);
  return {
    new: marked.filter(({ status, suppressed }) => status === "new" && suppressed === undefined),
    fixed,
    unchanged: marked.filter(({ status }) => status === "unchanged").length,
  };
};

const summaryOf = (
  findings: Changes["findings"],
  behaviour: readonly BehaviourChange[],
  nothingChanged: boolean,
): string => {
  if (nothingChanged) return "Nothing changes.";
  const parts = [
    findings.new.length > 0 ? `${findings.new.length} new ${findings.new.length === 1 ? "finding" : "findings"}` : "",
    findings.fixed.length > 0 ? `${findings.fixed.length} fixed` : "",
    ...areas.map(([area, noun]) => {
      const count = behaviour
        .filter((change) => change.area === area)
        .reduce((sum, change) => sum + (change.count ?? 1), 0);
      return count === 0 ? "" : `${count} ${count === 1 ? noun : `${noun}s`} change`;
    }),
  ].filter((part) => part !== "");
  return `${parts.join(", ")}.`;
};

const areas: readonly (readonly [BehaviourChange["area"], string])[] = [
  ["pods", "workload"],
  ["pools", "pool"],
  ["addresses", "subnet"],
  ["loadBalancers", "load balancer"],
  ["publicIps", "public IP"],
  ["volumes", "volume"],
  ["autoscaling", "autoscaler"],
  ["network", "connection"],
  ["monitoring", "monitored item"],
  ["resources", "resource"],
];
