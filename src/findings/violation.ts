import { type Diagnostic, diagnostic, type Severity } from "../model/diagnostic.ts";
import type { SourceRange } from "../model/source-range.ts";
import type { Rule } from "./rule.ts";

interface Parts {
  readonly subject: string;
  /** The particulars with numbers, then what to do. */
  readonly detail: string;
  readonly range: SourceRange | undefined;
  readonly evidence?: Diagnostic["evidence"];
  readonly related?: Diagnostic["related"];
  /** Where one case of the rule weighs more or less than the rule does. */
  readonly severity?: Severity;
  /** Where one case of the rule needs another headline. */
  readonly summary?: string;
}

/** A finding of a rule: its code, severity and title, and the particulars. */
export const violation = (rule: Rule, parts: Parts): Diagnostic =>
  diagnostic({
    code: rule.code,
    severity: parts.severity ?? rule.severity,
    summary: parts.summary ?? rule.title,
    detail: parts.detail,
    subject: parts.subject,
    ...(parts.range === undefined ? {} : { range: parts.range }),
    evidence: parts.evidence ?? {},
    related: parts.related ?? [],
  });

/** Ranges that explain a finding, those that are not known left out. */
export const relatedTo = (
  ...places: readonly (readonly [message: string, range: SourceRange | undefined])[]
): Diagnostic["related"] => places.flatMap(([message, range]) => (range === undefined ? [] : [{ message, range }]));
