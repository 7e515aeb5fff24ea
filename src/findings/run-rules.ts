import { compareText } from "../graph/resolve.ts";
import type { Diagnostic, Severity } from "../model/diagnostic.ts";
import { clusterWorlds, findingsOfRule } from "./cluster-worlds.ts";
import { asFinding, type Finding } from "./finding.ts";
import type { Rule, World } from "./rule.ts";
import { rules } from "./rules.ts";
import { applySuppressions, type SuppressionSources } from "./suppressions.ts";

/**
 * Runs every rule over a world: worst first, then by place. What the reading of the input had to say (AKS9xxx) goes through the
 * same sorting, folding and suppression when it is handed in.
 */
export const runRules = (
  world: World,
  input: readonly Diagnostic[] = [],
  sources: SuppressionSources = {},
  list: readonly Rule[] = rules,
): readonly Finding[] => {
  const views = clusterWorlds(world);
  const found = withoutRepeats([...input, ...list.flatMap((rule) => findingsOfRule(rule, world, views))]);
  return applySuppressions(folded(sorted(found)).map(asFinding), world, sources);
};

/** Findings that only repeat, about the same subject, what the rule on the right tells with more reason. */
const toldBy: Readonly<Record<string, readonly string[]>> = {
  // The reader judges an API version by the newest Kubernetes, the rule by the cluster's.
  AKS9113: ["AKS6011"],
  // A claim that cannot be served at all need not also be told that its class changed.
  AKS4009: ["AKS4001", "AKS4002"],
};

const withoutRepeats = (found: readonly Diagnostic[]): readonly Diagnostic[] =>
  found.filter(({ code, subject }) => {
    const tellers = toldBy[code];
    return tellers === undefined || !found.some((other) => other.subject === subject && tellers.includes(other.code));
  });

const weight: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Worst first, then by file and line, then by code and subject. */
export const sorted = <T extends Diagnostic>(findings: readonly T[]): readonly T[] =>
  [...findings].sort(
    (a, b) =>
      weight[a.severity] - weight[b.severity] ||
      compareText(a.range?.file ?? "\uffff", b.range?.file ?? "\uffff") ||
      (a.range?.start.line ?? 0) - (b.range?.start.line ?? 0) ||
      (a.range?.start.column ?? 0) - (b.range?.start.column ?? 0) ||
      compareText(a.code, b.code) ||
      compareText(a.subject ?? "", b.subject ?? "") ||
      compareText(a.detail, b.detail),
  );

/**
 * Leaves out what only repeats: the same words about the same subject, and the further instances of one block (`count`, `for_each`,
 * a module called several times) that fail in the same way; the first one says how many there are.
 */
const folded = (findings: readonly Diagnostic[]): readonly Diagnostic[] => {
  const groups = new Map<string, Diagnostic[]>();
  for (const finding of findings) {
    const group = groups.get(blockKey(finding));
    if (group === undefined) groups.set(blockKey(finding), [finding]);
    else group.push(finding);
  }
  const kept = new Map<Diagnostic, Diagnostic>();
  for (const group of groups.values()) {
    const [first, ...rest] = group;
    if (first === undefined) continue;
    const own = group.filter(({ subject }) => subject === first.subject);
    const distinct = own.filter(({ detail }, index) => own.findIndex((other) => other.detail === detail) === index);
    for (const finding of distinct) kept.set(finding, finding);
    const others = [...new Set(rest.flatMap(({ subject }) => subject ?? []))].filter(
      (subject) => subject !== first.subject,
    );
    if (others.length > 0) kept.set(first, withOthers(first, others));
  }
  return findings.flatMap((finding) => kept.get(finding) ?? []);
};

/** What findings of several instances of one block share. */
const blockKey = ({ code, severity, summary, subject, range }: Diagnostic): string =>
  [
    code,
    severity,
    summary,
    (subject ?? "").replace(/\[[^\]]*\]/g, ""),
    range === undefined ? "" : `${range.file}:${range.start.line}:${range.start.column}`,
  ].join("\n");

const withOthers = (first: Diagnostic, others: readonly string[]): Diagnostic => ({
  ...first,
  detail: `${first.detail} The same holds for ${others.length} more: ${others.slice(0, 5).join(", ")}${others.length > 5 ? ", …" : ""}.`,
  evidence: { ...first.evidence, sameForOthers: others.length },
});
