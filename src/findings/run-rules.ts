import { compareText } from "../graph/resolve.ts";
import type { Diagnostic, Severity } from "../model/diagnostic.ts";
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
  const own = list.flatMap((rule) => [...rule.check(world)]);
  const found = [...input.filter((diagnostic) => !isToldByRule(diagnostic, own)), ...own];
  return applySuppressions(folded(sorted(found)).map(asFinding), world, sources);
};

/** What the reading of the input says in general, and a rule says with the cluster's own figures. */
const toldBy: Readonly<Record<string, string>> = { AKS9113: "AKS6011" };

const isToldByRule = (diagnostic: Diagnostic, found: readonly Diagnostic[]): boolean => {
  const rule = toldBy[diagnostic.code];
  return rule !== undefined && found.some(({ code, subject }) => code === rule && subject === diagnostic.subject);
};

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
    const place = finding.range;
    const key = [
      finding.code,
      finding.severity,
      finding.summary,
      place === undefined ? (finding.subject ?? "") : `${place.file}:${place.start.line}:${place.start.column}`,
      place === undefined ? finding.detail : "",
    ].join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].flatMap(([first, ...rest]) => {
    if (first === undefined) return [];
    const others = new Set(rest.map((finding) => finding.subject ?? "").filter((subject) => subject !== first.subject));
    if (others.size === 0) return [first];
    return [
      {
        ...first,
        detail: `${first.detail} The same holds for ${others.size} more: ${[...others].slice(0, 5).join(", ")}${others.size > 5 ? ", …" : ""}.`,
        evidence: { ...first.evidence, sameForOthers: others.size },
      },
    ];
  });
};
