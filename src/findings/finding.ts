import type { Diagnostic } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";

/** Why a finding is listed without being counted. */
export interface Suppression {
  /** What its author wrote, or "" where nothing was written. */
  readonly reason: string;
  /** Where it stands: the comment or the annotation; `undefined` for an entry of `aks-twin.yaml` or a baseline. */
  readonly range: SourceRange | undefined;
}

/** A diagnostic as the report carries it. */
export interface Finding extends Diagnostic {
  readonly suppressed: Suppression | undefined;
  /** Against the base, where there is one. */
  readonly status: "new" | "unchanged" | undefined;
}

export const asFinding = (diagnostic: Diagnostic): Finding => ({
  ...diagnostic,
  suppressed: undefined,
  status: undefined,
});

/**
 * What tells one finding from another across commits: the rule, what it is about, and the file, but no line, since lines
 * move with every edit. Two findings of one rule on one subject are told apart by their order.
 */
export const findingKey = (finding: Diagnostic): string =>
  [finding.code, finding.subject ?? "", finding.range?.file ?? ""].join("|");

/** The keys of a list of findings, repeats numbered `#2`, `#3`, so that every key is unique. */
export const findingKeys = (findings: readonly Diagnostic[]): readonly string[] => {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const key = findingKey(finding);
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? key : `${key}#${count}`;
  });
};
